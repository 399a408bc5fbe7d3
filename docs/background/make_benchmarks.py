"""Write the page of figures from ``figures/*.json``.

``python docs/background/make_benchmarks.py > docs/background/benchmarks.md``

A file is one table: ``title``, ``about``, ``columns``, ``rows``, and ``machine``, ``versions``, ``commit``, ``date``
and ``command`` where all rows share them; otherwise columns say so.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parent / "figures"
SHARED = ("machine", "versions", "commit", "date", "command")
HEAD = """# Benchmarks

Made by `python docs/background/make_benchmarks.py` from [figures](figures). One figure for one thing, the newest.
Shared machines are noisy: trust ratios. What was tried and what was looked at: [log](log.md). The rows of the first
table come from lists whose licences do not allow to publish them. How rows are scored:
[slices](../start/slices.md#how-rows-are-scored). Eight libraries slice by slice:
[report_bench.html](report_bench.html).
"""


def table(record: dict[str, Any]) -> str:
    """Return one table with its heading.

    Raises:
        KeyError: the record lacks ``title``, ``about``, ``columns`` or ``rows``.
        ValueError: a row has more or fewer cells than there are columns.
    """
    columns, rows = record["columns"], record["rows"]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{record['title']}: {len(columns)} columns, but {row}")
    lines = [f"## {record['title']}", "", record["about"], ""]
    lines += [f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows)]
    shared = [f"`{record[key]}`" if key == "command" else record[key] for key in SHARED if key in record]
    if shared:
        lines += ["", "; ".join(shared) + "."]
    return "\n".join(lines) + "\n"


def page(folder: Path = FIGURES) -> str:
    """Return the whole page: the tables in the order of their files' names."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return "\n".join([HEAD, *map(table, records)])


if __name__ == "__main__":
    print(page(), end="")
