"""Write the pages of figures from ``figures/*.json`` and ``open_benchmark.json``.

``python docs/background/make_benchmarks.py`` writes ``benchmarks.md`` and ``kinds.md`` beside this file. With the name
of a file that ``buqi evaluate --benchmark --json_out`` wrote, it first keeps what the pages need of it in
``open_benchmark.json``.

A file of ``figures`` is one table: ``title``, ``about``, ``columns``, ``rows``, and ``machine``, ``versions``,
``commit``, ``date`` and ``command`` where all rows share them; otherwise columns say so. The tables of the
file with ``record`` are made from ``open_benchmark.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FIGURES = HERE / "figures"
SHARED = ("machine", "versions", "commit", "date", "command")
MEASURES = ("right", "wrong", "refused")
WRITING = ("tuned", "generate", "generate_free")  # the model that ships
HEAD = """# Benchmarks

This page is made by `python docs/background/make_benchmarks.py` from [figures](figures). One figure for one thing.
Shared machines are noisy, so trust ratios more than times. What was tried: [log](log.md). How rows are scored:
[slices](../start/slices.md#how-rows-are-scored).
"""
KINDS_HEAD = """# The open benchmark, kind by kind

This page is made by `python docs/background/make_benchmarks.py` from [one record](open_benchmark.json). In brackets:
95 % intervals (Wilson). What the kinds are: [open benchmark](../../buqi/evaluate/data/OPEN_BENCHMARK.md). All kinds
side by side, and how to repeat it: [benchmarks](benchmarks.md).
"""


def table(record: dict[str, Any]) -> str:
    """Return one table with its heading.

    Raises:
        KeyError: the record lacks ``title``, ``about``, ``columns`` or ``rows``.
        ValueError: a row has more or fewer cells than there are columns.
    """
    if "record" in record:
        return open_benchmark(record, json.loads((HERE / record["record"]).read_text(encoding="utf-8")))
    lines = [
        f"## {record['title']}",
        "",
        record["about"],
        "",
        *rows_of(record["title"], record["columns"], record["rows"]),
    ]
    return "\n".join([*lines, *shared(record)]) + "\n"


def rows_of(title: str, columns: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table; see `table`."""
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{title}: {len(columns)} columns, but {row}")
    return [f"| {' | '.join(cells)} |" for cells in (columns, ["---"] * len(columns), *rows)]


def shared(record: dict[str, Any]) -> list[str]:
    """Return the line under a table that says what all its rows share."""
    found = [f"`{record[key]}`" if key == "command" else record[key] for key in SHARED if key in record]
    return ["", "; ".join(found) + "."] if found else []


def open_benchmark(about: dict[str, Any], record: dict[str, Any]) -> str:
    """Return a table of all contestants and one of all kinds."""
    contestants = record["contestants"]
    kinds = kinds_of(record)
    times = about.get("times", True)  # on a busy machine they say nothing
    whole = [[name_of(name, c), *means(c), *([milliseconds(c)] if times else [])] for name, c in contestants.items()]
    few = [
        [f"[`{kind}`](kinds.md#{kind})", *(in_short(c["by_slice"][kind]) for c in contestants.values())]
        for kind in kinds
    ]
    origin = {"date": record["origin"]["date"], "command": record["origin"]["command"]}
    lines = [f"## {about['title']}", "", about["about"], ""]
    lines += rows_of(about["title"], ["mean of the kinds, %", *MEASURES, *(["ms a line"] if times else [])], whole)
    lines += ["", "Right (wrong), per cent; the rest was refused. With intervals: [kind by kind](kinds.md).", ""]
    lines += rows_of(about["title"], ["kind", *contestants], few)
    return "\n".join([*lines, *shared(about | origin)]) + "\n"


def kinds_of(record: dict[str, Any]) -> list[str]:
    """Return the kinds, those that all contestants have least right last."""
    contestants = record["contestants"].values()
    kinds = list(next(iter(contestants))["by_slice"])
    return sorted(kinds, key=lambda kind: -sum(c["by_slice"][kind]["right"] for c in contestants))


def name_of(name: str, figures: dict[str, Any]) -> str:
    """Return a contestant's name; with the number of rows where it was asked few of each kind."""
    called = f"`{name}`, the model" if name in WRITING else f"`{name}`"
    each = {of["rows"] for of in figures["by_slice"].values()}
    return f"{called} ({each.pop()} rows a kind)" if len(each) == 1 else called


def means(figures: dict[str, Any]) -> list[str]:
    """Return share right, wrong and refused; each kind counts once."""
    kinds = list(figures["by_slice"].values())
    return [f"{100 * sum(of[measure] for of in kinds) / len(kinds):.1f}" for measure in MEASURES]


def milliseconds(figures: dict[str, Any]) -> str:
    """Return the time of one line."""
    speed = figures["rows_per_second"]
    return f"{1000 / speed:.3g}" if speed else "-"


def in_short(of: dict[str, Any]) -> str:
    """Return share right and wrong of one kind."""
    return f"{100 * of['right']:.1f} ({100 * of['wrong']:.1f})"


def with_interval(of: dict[str, Any], measure: str) -> str:
    """Return a share of one kind with its interval."""
    low, high = of["intervals"][measure]
    return f"{100 * of[measure]:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def kinds_page(record: Path = HERE / "open_benchmark.json") -> str:
    """Return the page with one table for each kind."""
    read = json.loads(record.read_text(encoding="utf-8"))
    parts = [KINDS_HEAD]
    for kind in kinds_of(read):
        of = {name: c["by_slice"][kind] for name, c in read["contestants"].items()}
        rows = [[f"`{name}`", str(o["rows"]), *(with_interval(o, m) for m in MEASURES)] for name, o in of.items()]
        parts.append("\n".join([f"## {kind}", "", *rows_of(kind, ["%", "rows", *MEASURES], rows)]) + "\n")
    return "\n".join(parts)


def taken(record: dict[str, Any]) -> str:
    """Return what the pages need of a comparison, as JSON with one line a contestant."""
    kept = ("rows", "rows_per_second", "by_slice")
    lines = [
        f"{json.dumps(name)}: {json.dumps({key: c[key] for key in kept}, ensure_ascii=False)}"
        for name, c in record["contestants"].items()
    ]
    origin = {key: record["origin"][key] for key in ("command", "date", "rows_sha256")}
    return f'{{"origin": {json.dumps(origin)},\n"contestants": {{\n' + ",\n".join(lines) + "\n}}\n"


def page(folder: Path = FIGURES) -> str:
    """Return the whole page: the tables in the order of their files' names."""
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    return "\n".join([HEAD, *map(table, records)])


if __name__ == "__main__":
    for name in sys.argv[1:2]:
        record = taken(json.loads(Path(name).read_text(encoding="utf-8")))
        (HERE / "open_benchmark.json").write_text(record, encoding="utf-8")
    (HERE / "benchmarks.md").write_text(page(), encoding="utf-8")
    (HERE / "kinds.md").write_text(kinds_page(), encoding="utf-8")
