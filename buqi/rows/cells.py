"""Tables of any common kind as columns of text: csv, tsv, txt, jsonl, json (each also as .gz), xlsx, parquet."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from buqi.errors import UsageError, explained, listed
from buqi.files import kind_of, read_text
from buqi.rows import sheets
from buqi.rows.records import Wrong, records, refuse

SHEETS = (".xlsx", ".xls")
ONE_COLUMN = "\x1f"  # divides nothing: no text has it
FILE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".jsonl", ".json", ".parquet")


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
    kind = kind_of(path)
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if kind not in FILE_SUFFIXES:
        raise UsageError(f"{path}: {kind or 'no suffix'} is not read; expected one of {', '.join(FILE_SUFFIXES)}")
    if sheet is not None and kind not in SHEETS:
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    if encoding is not None and kind in (*SHEETS, ".parquet"):
        raise UsageError(f"--encoding {encoding}: {path} is no text")
    if kind in SHEETS:
        columns = sheets.read_sheet(path, sheet)
        found = Cells(columns, list(range(2, max(map(len, columns.values()), default=0) + 2)))
    elif kind == ".parquet":
        kinds = (pl.exceptions.PolarsError, OSError, ValueError)
        with explained(f"{path}: cannot be read as parquet", *kinds, error=UsageError):
            frame = pl.read_parquet(path)
        columns = {name: ["" if v is None else str(v) for v in frame[name].to_list()] for name in frame.columns}
        found = Cells(columns, list(range(1, len(frame) + 1)))
    else:
        text = read_text(path, encoding)
        found = _record_cells(path, text) if kind in (".jsonl", ".json") else _line_cells(path, text, kind)
    if not found.lines or not found.columns:
        raise UsageError(f"{path}: no rows in it")
    return found


def _record_cells(path: Path, text: str) -> Cells:
    """Return JSON objects as cells; a value that is no text stands as JSON."""
    names: dict[str, None] = {}
    read: list[tuple[int, dict[str, Any]]] = []
    errors = []
    for line, record in records(text):
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
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = [line for line in lines if line.strip()]
    tabs = {line.count("\t") for line in filled[:200]}
    if kind == ".txt" and (len(tabs) > 1 or tabs <= {0}):
        return Cells({"line": filled}, [number for number, line in enumerate(lines, 1) if line.strip()])
    header = filled[0] if filled else ""
    divider = "\t" if kind in (".tsv", ".txt") else max(",;\t", key=header.count)
    if divider not in header:
        divider = ONE_COLUMN
    return _divided(path, lines, divider)


def _divided(path: Path, lines: list[str], divider: str) -> Cells:
    """Return cells by the rules of csv: quoted cells may hold dividers and line ends."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=divider, strict=True)
    names: list[str] = []
    cells: list[list[str]] = []
    numbers: list[int] = []
    begun = 1
    try:
        for row in reader:
            if not names and any(row):
                names = _names(path, begun, row)
            elif row and names:
                if len(row) > len(names):
                    raise UsageError(
                        f"{path}:{begun}: {len(row)} cells, the header has {len(names)}; put a cell that holds "
                        f"{'a tab' if divider == chr(9) else divider} into double quotes, or save the table as xlsx"
                    )
                cells.append(row + [""] * (len(names) - len(row)))
                numbers.append(begun)
            begun = reader.line_num + 1
    except csv.Error as error:
        advice = 'a " that opens a cell must be closed, and one inside it written twice'
        raise UsageError(f"{path}:{begun}: cannot be read as csv ({error}); {advice}") from error
    return Cells({name: [row[at] for row in cells] for at, name in enumerate(names)}, numbers)


def _names(path: Path, line: int, row: list[str]) -> list[str]:
    """Return the header's names; what has none gets a number."""
    names = [name.strip() or f"column_{number}" for number, name in enumerate(row, 1)]
    if twice := sorted(name for name, count in Counter(names).items() if count > 1):
        raise UsageError(f"{path}:{line}: two columns are named {listed(twice)}; give each a name of its own")
    return names
