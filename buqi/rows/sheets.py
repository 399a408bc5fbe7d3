"""Sheets of workbooks (xlsx, xls, ods) as texts, read by a process of its own.

Native code reads them. A file may make it crash, or ask for far too much memory (a cell a million rows below the
others, a wrong count). Only the process of its own ends then. ``python sheets.py PATH SHEET OUT`` writes the cells as
JSON into the file OUT.

This reader is not `buqi.bulk.sheet_rows`, which has types of cells and their places in XML, but reads only xlsx and
refuses more of what is odd. Both show texts, numbers and dates alike.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

MORE_MEMORY = 4_000_000_000  # bytes of addresses that libraries reserve and do not use
ENDED, REFUSED = 1, 2  # exit statuses: native code crashed; the file cannot be read, the message says why
ANEW = "open it in a spreadsheet and save it again"
BEGINS = (b"PK", b"\xd0\xcf\x11\xe0")  # workbooks: archives, and those of before 2007
NO_BOOK = "it is no workbook; a table as text is named .csv or .tsv"
DAY, TIME = re.compile(r"(\d{4}-\d\d-\d\d) 00:00:00"), re.compile(r"1899-12-3[01] (\d\d:\d\d:\d\d)")


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets; `UsageError` as `read_sheet`."""
    names: list[str] = _read_apart(path, None)["names"]
    return names


def read_sheet(path: Path, sheet: str | None) -> list[list[str]]:
    """Return the rows of one sheet from its first, every cell as text (empty: ``""``).

    Without a name the only sheet that holds something is read.

    Raises:
        UsageError: damaged, no such sheet, or several hold something and none was named.
    """
    from buqi.errors import UsageError, listed

    found = _read_apart(path, sheet)
    if "rows" not in found and sheet is not None:
        raise UsageError(f"--sheet {sheet}: {path} has {listed(found['names'])}")
    if "rows" not in found:
        filled = found["filled"]
        raise UsageError(f"{path}: {len(filled)} sheets hold something; name one with --sheet: {listed(filled)}")
    rows: list[list[str]] = found["rows"]
    return rows


def _read_apart(path: Path, sheet: str | None) -> dict[str, Any]:
    """Return what `_read_here` does, read in a process of its own; a `UsageError` if that fails."""
    from buqi.errors import UsageError
    from buqi.files import temporary_folder

    with temporary_folder("sheet") as folder:
        out = folder / "cells.json"
        command = [sys.executable, __file__, str(path), json.dumps(sheet), str(out)]
        status, message = _ended(command)
        if status or not out.is_file():
            with path.open("rb") as file:
                is_book = file.read(4).startswith(BEGINS)
            said = " ".join(message.split()) if status == REFUSED else f"its reader broke off; {ANEW}"
            reason = said[:300] if is_book else NO_BOOK
            raise UsageError(f"{path}: cannot be read as {path.suffix[1:].lower()} ({reason})")
        found: dict[str, Any] = json.loads(out.read_bytes())
        return found


def _ended(command: list[str]) -> tuple[int, str]:
    """Run a command and return its exit status and what it said. Ctrl-C ends this process, and the command with it."""
    from buqi.machine import ctrl_c_is_mine

    with ctrl_c_is_mine():  # else the command ends first, and its file seems to be broken
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
    with process:
        try:
            message = process.communicate()[1]
        except BaseException:
            process.kill()
            raise
    return process.returncode, message


def _limit_memory() -> None:
    """Let this process end if a file asks for more memory than the machine has."""
    with suppress(ImportError, ValueError, OSError, AttributeError):
        import resource

        most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") + MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read_here(path: str, sheet: str | None) -> dict[str, Any]:
    """Return ``names`` of all sheets and ``rows`` of the one wanted; ``filled`` sheets where none can be chosen."""
    import fastexcel

    book = fastexcel.read_excel(path)
    names = book.sheet_names
    filled = names if len(names) == 1 else [name for name in names if _holds_something(book, name)]
    if sheet is None and len(filled) < 2:
        sheet = filled[0] if filled else names[0]
    if sheet not in names:
        return {"names": names, "filled": filled}
    frame = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    return {"names": names, "rows": [[_text(cell) for cell in row] for row in frame.iter_rows()]}


def _text(cell: str | None) -> str:
    """Return a cell's text; a date has no time 00:00:00, a time no date (spreadsheets store 1899-12-31)."""
    found = TIME.fullmatch(cell or "") or DAY.fullmatch(cell or "")
    return found[1] if found else cell or ""


def _holds_something(book: Any, name: str) -> bool:
    """Whether a sheet has a cell. One that cannot be read counts: reading it tells the user why."""
    import fastexcel

    try:
        return bool(book.load_sheet(name, n_rows=1).width)
    except fastexcel.FastExcelError:
        return True


def main(path: str, sheet: str, out: str) -> int:
    """Read a sheet in this process, write what was found to ``out``, and return the exit status."""
    _limit_memory()
    try:
        found = _read_here(path, json.loads(sheet))
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
