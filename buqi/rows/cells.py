"""Tables of any common kind as columns of text: csv, txt, JSON (each also as .gz), workbooks, parquet, arrow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from buqi.csv_rows import csv_rows, form_of
from buqi.encoding import read_text
from buqi.errors import UsageError, explained, listed
from buqi.files import FRAMES, SHEETS, kind_of
from buqi.rows import sheets
from buqi.rows.formats import rows_inside
from buqi.rows.records import Wrong, records, refuse

JSONS = (".jsonl", ".ndjson", ".json")
FILE_SUFFIXES = (".csv", ".tsv", ".txt", *SHEETS, *JSONS, *FRAMES)
PACKED = (".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".zst", ".rar", ".7z")


@dataclass(frozen=True)
class Cells:
    """The columns of a file by name, every cell as text (empty: ``""``), and the file's line of each row."""

    columns: dict[str, list[str]]
    lines: list[int]


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets, none for another kind of file; a `UsageError` if it is damaged."""
    return sheets.sheet_names(path) if path.suffix.lower() in SHEETS else []


def cells_of(path: Path, sheet: str | None = None, encoding: str | None = None) -> Cells:
    """Return the cells of a file; the encoding of a text is found if none is named.

    A ``.txt`` file is one column, ``line``, unless tabs divide every line of it. A ``.csv`` whose header has one name
    is one column too, whatever commas stand in it.

    Raises:
        UsageError: no such file, a kind that is not read, damaged, empty, a line of more cells than the header, or
            several sheets that hold something and none was named.
    """
    kind = check_kind(path, encoding)
    if sheet is not None and kind not in SHEETS:
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    if kind in SHEETS:
        found = _table(path, enumerate(sheets.read_sheet(path, sheet), 1))
    elif kind in FRAMES:
        frame = frame_of(path)
        columns = {name: ["" if v is None else str(v) for v in frame[name].to_list()] for name in frame.columns}
        found = Cells(columns, list(range(1, len(frame) + 1)))
    else:
        text = read_text(path, encoding)
        found = _record_cells(path, text) if kind in JSONS else _line_cells(path, text, kind)
    if not found.lines or not found.columns:
        raise UsageError(f"{path}: no rows in it")
    return found


def check_kind(path: Path, encoding: str | None = None) -> str:
    """Return the suffix of a file that can be read.

    Raises:
        UsageError: no such file, a folder, packed, of a kind that is not read, or no text though it has an encoding.
    """
    kind = kind_of(path)
    if path.is_dir():
        raise UsageError(f"{path}: a folder; name a file in it")
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if kind in PACKED or (kind in (*SHEETS, *FRAMES) and path.suffix.lower() == ".gz"):
        raise UsageError(f"{path}: packed; unpack it and name the file that was in it")
    if kind not in FILE_SUFFIXES:
        raise UsageError(f"{path}: {kind or 'no suffix'} is not read; expected one of {', '.join(FILE_SUFFIXES)}")
    if encoding is not None and kind in (*SHEETS, *FRAMES):
        raise UsageError(f"--encoding {encoding}: {path} is no text")
    return kind


def frame_of(path: Path) -> pl.DataFrame:
    """Return what a parquet or arrow file holds; the files of Hugging Face's cache are arrow streams."""
    with path.open("rb") as file:
        begin = file.read(6)
    kind = "parquet" if kind_of(path) == ".parquet" else "arrow"
    kinds = (pl.exceptions.PolarsError, OSError, ValueError)
    # Open files, not their names: polars takes *, ? and [1] in a name for patterns of several files.
    with explained(f"{path}: cannot be read as {kind}", *kinds, error=UsageError), path.open("rb") as file:
        if kind == "parquet":
            return pl.read_parquet(file)
        return pl.read_ipc(file) if begin == b"ARROW1" else pl.read_ipc_stream(file)


def _record_cells(path: Path, text: str) -> Cells:
    """Return JSON objects as cells; a value that is no text stands as JSON."""
    names: dict[str, None] = {}
    read: list[tuple[int, dict[str, Any]]] = []
    errors = []
    every = list(records(text))
    if len(every) == 1:  # the one object of a file may hold its rows
        every = [(line, row) for line, value in every for row in rows_inside(value)]
    for line, record in every:
        if isinstance(record, dict):
            names |= dict.fromkeys(record)
            read.append((line, record))
        else:
            what = record if isinstance(record, Wrong) else f"expected an object, found {type(record).__name__}"
            errors.append(f"{path}:{line}: {what}")
    refuse(path, errors)
    columns = {name: [_as_text(record.get(name)) for _, record in read] for name in names}
    return Cells(columns, [line for line, _ in read])


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _line_cells(path: Path, text: str, kind: str) -> Cells:
    lines = [f"{line}\n" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    form = form_of(path, lines, tabs=kind in (".tsv", ".txt"))
    filled = [line[:-1] for line in lines if line.strip()]
    tabs = {line.count("\t") for line in filled[:200]}
    if kind == ".txt" and (len(tabs) > 1 or tabs <= {0}):
        return Cells({"line": filled}, [number for number, line in enumerate(lines, 1) if line.strip()])
    try:
        return _table(path, csv_rows(path, lines, form, strict=True), form.divider)
    except UsageError:
        if (plain := form.without_quotes(lines)) is None:
            raise
    return _table(path, csv_rows(path, lines, plain), form.divider)


def _table(path: Path, rows: Iterable[tuple[int, list[str]]], divider: str = "") -> Cells:
    """Return numbered rows as columns: the first row that holds something has their names."""
    names: list[str] = []
    cells: list[list[str]] = []
    numbers: list[int] = []
    for number, row in rows:
        if not row:
            continue
        if not names:
            names = _names(path, number, row) if any(map(str.strip, row)) else []
            continue
        if any(row[len(names) :]):
            raise UsageError(
                f"{path}:{number}: {len(row)} cells, the header has {len(names)}; put a cell that holds "
                f"{'a tab' if divider == chr(9) else divider} into double quotes, or save the table as xlsx"
            )
        cells.append((row + [""] * (len(names) - len(row)))[: len(names)])
        numbers.append(number)
    return Cells({name: [row[at] for row in cells] for at, name in enumerate(names)}, numbers)


def _names(path: Path, line: int, row: list[str]) -> list[str]:
    """Return the header's names; what has none gets a number."""
    names = [name.strip() or f"column_{number}" for number, name in enumerate(row, 1)]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise UsageError(f"{path}:{line}: two columns are named {listed(twice)}; give each a name of its own")
    return names
