"""How the commands of the fitting read their files and end: one message, exit code 1 (failed) or 2 (wrong usage)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import typer

from buqi.errors import BuqiError, UsageError


def run(main: Callable[..., None]) -> None:
    """Run a command with the arguments of the process."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    try:
        app()
    except BuqiError as error:
        _end(str(error), error.exit_code)
    except OSError as error:
        _end(f"{error.filename}: {error.strerror}" if error.filename else str(error), 1)


def _end(message: str, code: int) -> None:
    print(f"buqi: {message}", file=sys.stderr)
    sys.exit(code)


def read_table(path: Path, columns: tuple[str, ...], separator: str = "\t") -> pl.DataFrame:
    """Return some columns of a table as text (UTF-8, gzip allowed); what is missing in a cell is ``""``.

    Where tabs divide the cells, quotation marks mean nothing.

    Raises:
        UsageError: it is no such table, or lacks a column.
    """
    quote = None if separator == "\t" else '"'
    try:
        frame = pl.read_csv(path, separator=separator, quote_char=quote, infer_schema=False).fill_null("")
    except pl.exceptions.PolarsError as error:
        raise UsageError(f"{path}: no table ({error})") from error
    if missing := [name for name in columns if name not in frame.columns]:
        raise UsageError(f"{path}: no column {', '.join(missing)}; it has {', '.join(frame.columns)}")
    return frame.select(columns)


def read_rows(path: Path, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of a jsonl file.

    Raises:
        UsageError: a line is no JSON object with these fields, or there is none.
    """
    rows = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, nested too deep
            raise UsageError(f"{path}, line {number}: no JSON ({error})") from error
        if not isinstance(row, dict) or not row.keys() >= set(fields):
            raise UsageError(f"{path}, line {number}: expected an object with {', '.join(fields)}")
        rows.append(row)
    if not rows:
        raise UsageError(f"{path}: no rows")
    return rows
