"""Sheets of xlsx and xls files as texts, read by a process of its own.

Native code reads them. What a file leads it to (a cell a million rows below the others, a count that is a lie) may end
the process that it runs in, which is not this one. ``python sheets.py PATH SHEET OUT`` writes what it has read as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

MORE_MEMORY = 4_000_000_000  # bytes of addresses that libraries reserve and do not use
ENDED, REFUSED = 1, 2  # exit status: native code gave up; the message says what is wrong
ANEW = "open it in a spreadsheet and save it again"


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets; `UsageError` as `read_sheet`."""
    names: list[str] = _asked(path, None)["names"]
    return names


def read_sheet(path: Path, sheet: str | None) -> dict[str, list[str]]:
    """Return the columns of one sheet by name, every cell as text (empty: ``""``).

    Without a name the only sheet that holds something is read.

    Raises:
        UsageError: damaged, no such sheet, or several hold something and none was named.
    """
    from buqi.errors import UsageError, listed

    found = _asked(path, sheet)
    if "columns" not in found and sheet is not None:
        raise UsageError(f"--sheet {sheet}: {path} has {listed(found['names'])}")
    if "columns" not in found:
        filled = found["filled"]
        raise UsageError(f"{path}: {len(filled)} sheets hold something; name one with --sheet: {listed(filled)}")
    columns: dict[str, list[str]] = found["columns"]
    return columns


def _asked(path: Path, sheet: str | None) -> dict[str, Any]:
    from buqi.errors import UsageError

    with tempfile.TemporaryDirectory(prefix="buqi-sheet-") as folder:
        out = Path(folder) / "cells.json"
        command = [sys.executable, __file__, str(path), json.dumps(sheet), str(out)]
        run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if run.returncode or not out.is_file():
            said = " ".join(run.stderr.split()) if run.returncode == REFUSED else f"its reader broke off; {ANEW}"
            raise UsageError(f"{path}: cannot be read as {path.suffix[1:].lower()} ({said[:300]})")
        found: dict[str, Any] = json.loads(out.read_bytes())
        return found


def _limit_memory() -> None:
    """Let what a file asks for in vain end this process before the machine's memory is gone."""
    with suppress(ImportError, ValueError, OSError, AttributeError):
        import resource

        most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") + MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _found(path: str, sheet: str | None) -> dict[str, Any]:
    import fastexcel
    import polars as pl

    book = fastexcel.read_excel(path)
    names = book.sheet_names
    filled = names if len(names) == 1 else [name for name in names if _holds_something(book, name)]
    chosen = sheet if sheet is not None else next(iter(filled), names[0]) if len(filled) < 2 else None
    if chosen not in names:
        return {"names": names, "filled": filled}
    # what is empty has no rows, and is refused as any other file without rows
    frame = pl.read_excel(
        path, sheet_name=chosen, infer_schema_length=None, drop_empty_rows=False, raise_if_empty=False
    )
    columns = {name: ["" if v is None else str(v) for v in frame[name].to_list()] for name in frame.columns}
    return {"names": names, "columns": columns}


def _holds_something(book: Any, name: str) -> bool:
    """Whether a sheet has a cell; one that cannot be read counts, so that it is asked for."""
    import fastexcel

    try:
        return bool(book.load_sheet(name, n_rows=1).width)
    except fastexcel.FastExcelError:
        return True


def main(path: str, sheet: str, out: str) -> int:
    """Read a sheet, or the names alone; return the exit status."""
    _limit_memory()
    try:
        found = _found(path, json.loads(sheet))
    except Exception as error:
        print(next(iter(str(error).splitlines()), type(error).__name__), file=sys.stderr)
        return REFUSED
    except BaseException:  # a panic
        return ENDED
    Path(out).write_text(json.dumps(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    del sys.path[0]  # this folder, whose modules are not meant by their short names
    sys.exit(main(*sys.argv[1:]))
