"""Tables of any common kind as columns of text: csv, tsv, txt, jsonl, json (each also as .gz), xlsx, parquet."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from buqi.errors import UsageError
from buqi.files import read_text

FILE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".jsonl", ".json", ".parquet")


def read_cells(path: Path, sheet: str | None = None) -> dict[str, list[str]]:
    """Return the columns of a file by name, every cell as text; an empty cell is ``""``.

    A ``.txt`` file is one column, ``line``, unless tabs divide every line of it.

    Raises:
        UsageError: no such file, a kind that is not read, damaged, empty, or several sheets and none was named.
    """
    kind = (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    if kind not in FILE_SUFFIXES:
        raise UsageError(f"{path}: {kind or 'no suffix'} is not read; expected one of {', '.join(FILE_SUFFIXES)}")
    try:
        frame = _frame(path, kind, sheet)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as {kind[1:]} ({str(error).splitlines()[0][:200]})") from error
    if frame.is_empty():
        raise UsageError(f"{path}: no rows in it")
    return {name: ["" if v is None else str(v) for v in frame[name].to_list()] for name in frame.columns}


def _frame(path: Path, kind: str, sheet: str | None) -> pl.DataFrame:
    if kind in (".xlsx", ".xls"):
        return read_sheet(path, sheet)
    if sheet is not None:
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    if kind == ".parquet":
        return pl.read_parquet(path)
    text = read_text(path)
    if kind in (".jsonl", ".json"):
        data = io.BytesIO(text.encode())
        return pl.read_json(data) if text.lstrip().startswith("[") else pl.read_ndjson(data)
    lines = [line for line in text.splitlines() if line.strip()]
    tabs = {line.count("\t") for line in lines[:200]}
    if kind == ".txt" and (len(tabs) > 1 or tabs <= {0}):
        return pl.DataFrame({"line": lines})
    divider = "\t" if kind in (".tsv", ".txt") else max(",;\t", key=lambda c: lines[0].count(c)) if lines else ","
    return pl.read_csv(io.BytesIO(text.encode()), separator=divider, infer_schema=False)


def read_sheet(path: Path, sheet: str | None) -> pl.DataFrame:
    """Return one sheet of an xlsx file.

    Raises:
        UsageError: damaged, no such sheet, or several and none was named.
    """
    import fastexcel

    try:
        names = fastexcel.read_excel(path).sheet_names
    except fastexcel.FastExcelError as error:
        raise UsageError(f"{path}: cannot be read as xlsx ({str(error).splitlines()[0][:200]})") from error
    if sheet is None and len(names) > 1:
        raise UsageError(f"{path}: {len(names)} sheets; name one with --sheet: {', '.join(names)}")
    if sheet is not None and sheet not in names:
        raise UsageError(f"--sheet {sheet}: {path} has {', '.join(names)}")
    return pl.read_excel(path, sheet_name=sheet or names[0], infer_schema_length=None, drop_empty_rows=False)
