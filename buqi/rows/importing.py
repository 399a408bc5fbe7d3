"""Rows of ``src`` and ``tgt`` out of a file in another format; every record becomes a row or is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.errors import UsageError, explained, listed
from buqi.files import kind_of, read_text
from buqi.rows.cells import Cells, cells_of
from buqi.rows.formats import HELD, PAIRS, converted, holder_of, named_format
from buqi.rows.read import Row, problem_of, row_of
from buqi.rows.records import Wrong, records, refuse

OWN = "src/tgt"
NAMED_PAIRS = (("src", "tgt"), ("instruction", "output"), *PAIRS.items())


@dataclass
class ImportedRows:
    """What became of a file's records: ``read`` of them are ``rows`` or stand in ``named``, with the reason."""

    format: str
    read: int = 0
    rows: list[Row] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=lambda: Counter({"incomplete": 0}))

    def take(self, where: str, record: Any) -> None:
        """Keep one record as a row, or its name and what is wrong with it."""
        self.read += 1
        made = converted(record) if named_format(record) else record
        problem = made if isinstance(made, str) else problem_of(made)
        if problem is None and isinstance(made, dict):
            self.rows.append(row_of(made, where))
            return
        problem = str(problem)
        self.left_out["incomplete" if "found an empty" in problem else "not a row"] += 1
        self.named.append(f"{where}: {problem}")


def import_rows_of(
    path: Path, sheet: str | None, src: str | None, tgt: str | None, encoding: str | None = None
) -> ImportedRows | None:
    """Return the rows of a file, or ``None`` where its records are of no known format (addresses, perhaps).

    Args:
        path: any file that `cells_of` reads.
        src: the column with the questions, if the file has its own name for it.
        tgt: the column with the answers.
        encoding: of a text; found if not named.

    Raises:
        UsageError: as `cells_of`; or no such column.
    """
    if (src is None) != (tgt is None):
        raise UsageError("--src and --tgt: name both columns, that of the texts and that of the answers")
    if src is None and (found := _of_records(path, encoding)) is not None:
        return found
    cells = cells_of(path, sheet, encoding)
    if src is not None and tgt is not None:
        if missing := [name for name in (src, tgt) if name not in cells.columns]:
            raise UsageError(f"{path}: no column {', '.join(missing)}; it has {listed(cells.columns)}")
        return _of_cells(path, cells, {"src": src, "tgt": tgt}, f"columns {src} and {tgt}")
    pair = next((pair for pair in NAMED_PAIRS if cells.columns.keys() >= set(pair)), None)
    if pair is None:
        return None
    return _of_cells(path, cells, {name: name for name in cells.columns}, "/".join(pair))


def _of_records(path: Path, encoding: str | None) -> ImportedRows | None:
    """Return the rows of JSON or parquet records, if the first is of a known format."""
    kind = kind_of(path)
    if kind not in (".json", ".jsonl", ".parquet") or not path.is_file() or (kind == ".parquet" and encoding):
        return None
    every = list(_parquet(path) if kind == ".parquet" else records(read_text(path, encoding)))
    first = next((record for _, record in every if isinstance(record, dict)), None)
    if holder := holder_of(first):
        raise UsageError(f"{path}: {HELD.format(holder)}")
    if first is None or not (named_format(first) or first.keys() >= {"src", "tgt"}):
        return None
    refuse(path, [f"{path}:{line}: {record}" for line, record in every if isinstance(record, Wrong)])
    found = ImportedRows(named_format(first) or OWN)
    for line, record in every:
        found.take(f"{path}:{line}", record)
    return found


def _parquet(path: Path) -> Iterator[tuple[int, Any]]:
    import polars as pl

    with explained(f"{path}: cannot be read as parquet", pl.exceptions.PolarsError, OSError, error=UsageError):
        yield from enumerate(pl.read_parquet(path).to_dicts(), 1)


def _of_cells(path: Path, cells: Cells, names: dict[str, str], what: str) -> ImportedRows:
    """Return the rows of a table; ``names`` are the columns by the keys that they become."""
    found = ImportedRows(what)
    for at, line in enumerate(cells.lines):
        record = {key: cells.columns[name][at] for key, name in names.items()}
        if all(value == names[key] for key, value in record.items()):
            found.read += 1
            found.left_out["header again"] += 1
            found.named.append(f"{path}:{line}: the header again; files were joined here")
            continue
        found.take(f"{path}:{line}", {key: value for key, value in record.items() if value or key in ("src", "tgt")})
    return found
