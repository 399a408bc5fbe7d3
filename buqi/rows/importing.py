"""Rows of ``src`` and ``tgt`` out of a file in another format; every record becomes a row or is named."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.encoding import read_text
from buqi.errors import UsageError, listed
from buqi.files import FRAMES, kind_of
from buqi.rows.cells import JSONS, cells_of, check_kind, frame_of
from buqi.rows.formats import PAIR_KEYS, container_key, converted, named_format, rows_inside, with_texts
from buqi.rows.read import Row, problem_of, row_of
from buqi.rows.records import Wrong, records, refuse

OWN = "src/tgt"
HEADER: dict[str, Any] = {}  # the record of a line that repeats the header; compared with `is`


@dataclass
class ImportedRows:
    """What became of a file's records.

    Attributes:
        format: name of the records' format.
        read: how many records there were.
        rows: the rows made.
        named: for each record that became no row, where it stands and why.
        left_out: how many became no row, by kind of reason.
        kept: how many rows have each key that is kept and not trained.
    """

    format: str
    read: int = 0
    rows: list[Row] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=lambda: Counter({"incomplete": 0}))
    kept: Counter[str] = field(default_factory=Counter)

    def take(self, where: str, record: Any) -> None:
        """Make a row of one record, or note where it stands and what is wrong with it."""
        self.read += 1
        if record is HEADER:
            self.left_out["header again"] += 1
            self.named.append(f"{where}: the header again; files were joined here")
            return
        made = converted(record) if named_format(record) else with_texts(record)
        problem = made if isinstance(made, str) else problem_of(made)
        if problem is None and isinstance(made, dict):
            self.rows.append(row_of(made, where))
            self.kept.update(self.rows[-1].meta.keys())
        else:
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
    every = list(_records(path, sheet, encoding, src))
    if src is not None and tgt is not None:
        return _of_columns(path, every, src, tgt)
    first = next((record for _, record in every if _is_known(record)), None)
    if first is None:
        if kind_of(path) in JSONS:
            cells_of(path, sheet, encoding)  # refuses what is no table either
        return None
    _refuse_wrong(path, every)
    found = ImportedRows(named_format(first) or OWN)
    for where, record in every:
        found.take(f"{path}:{where}", record)
    return found


def _is_known(record: Any) -> bool:
    return isinstance(record, dict) and (named_format(record) != "" or record.keys() >= {"src", "tgt"})


def _refuse_wrong(path: Path, every: list[tuple[str, Any]]) -> None:
    refuse(path, [f"{path}:{where}: {record}" for where, record in every if isinstance(record, Wrong)])


def _of_columns(path: Path, every: list[tuple[str, Any]], src: str, tgt: str) -> ImportedRows:
    """Return the rows of records whose texts and answers stand in the columns ``src`` and ``tgt``."""
    if src == tgt:
        raise UsageError(f"--src and --tgt: both are {src}; name the column of the texts and that of the answers")
    _refuse_wrong(path, every)
    names = dict.fromkeys(name for _, record in every if isinstance(record, dict) for name in record)
    if not names:
        raise UsageError(f"{path}: no rows in it")
    if missing := [name for name in (src, tgt) if name not in names]:
        full_width = (
            "; a full-width comma (，) divides no cells: write a plain one (,)"
            if any("，" in name for name in names)
            else ""
        )
        raise UsageError(f"{path}: no column {', '.join(missing)}; it has {listed(names)}{full_width}")
    found = ImportedRows(f"columns {src} and {tgt}")
    for where, record in every:
        if isinstance(record, dict) and record is not HEADER:
            record = {key: _scalar(record.get(name)) for key, name in (("src", src), ("tgt", tgt))}
        found.take(f"{path}:{where}", record)
    return found


def _scalar(value: Any) -> Any:
    """Return a value as text; lists (of several turns) and what no text can be made of stay."""
    if value is None or isinstance(value, (str, list, dict, bytes)):
        return "" if value is None else value
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _records(path: Path, sheet: str | None, encoding: str | None, src: str | None) -> Iterator[tuple[str, Any]]:
    """Yield each record of a file and where it stands.

    Where the file is one object with a list of rows, these are the records, unless the object has the key ``src``.
    """
    kind = check_kind(path, encoding)
    if kind in JSONS and sheet is None:
        read: Iterator[tuple[int, Any]] = records(read_text(path, encoding))
    elif kind in FRAMES and sheet is None:
        read = enumerate(frame_of(path).to_dicts(), 1)
    else:
        read = _of_cells(path, sheet, encoding, own=src is None)
    every = list(read)
    if len(every) == 1:
        line, record = every[0]
        if (key := container_key(record)) and src not in record:
            for at, row in enumerate(rows_inside(record)):
                yield f"{line}: {key}[{at}]", row
            return
    for line, record in every:
        yield str(line), record


def _of_cells(path: Path, sheet: str | None, encoding: str | None, own: bool) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a table as records. With ``own`` a column Src counts as src, and so on."""
    cells = cells_of(path, sheet, encoding)
    small = Counter(name.lower() for name in cells.columns)
    known = {name for name in cells.columns if own and name.lower() in PAIR_KEYS and small[name.lower()] == 1}
    names = {name: name.lower() if name in known else name for name in cells.columns}
    for at, line in enumerate(cells.lines):
        row = {name: cells.columns[name][at] for name in names}
        if all(name == value for name, value in row.items()):
            yield line, HEADER
            continue
        yield line, {names[name]: value for name, value in row.items() if value or not own or names[name] in PAIR_KEYS}
