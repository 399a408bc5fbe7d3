"""Files of rows by their kind: csv, tsv, jsonl (each also .gz), parquet, xlsx."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

from buqi.bulk.delimited import Delimited
from buqi.bulk.fields import ADDED
from buqi.bulk.json_lines import JsonLines
from buqi.bulk.parquet import Parquet
from buqi.bulk.table_file import TableFile
from buqi.bulk.workbook import Workbook
from buqi.errors import UsageError
from buqi.files import SHEETS, kind_of

TEXT_FORMATS: dict[str, Callable[[Path, Sequence[str], str | None], TableFile]] = {
    ".csv": Delimited,
    ".tsv": Delimited,
    ".jsonl": JsonLines,
    ".ndjson": JsonLines,
}


def open_table(
    path: Path,
    sheet: str | None = None,
    added: Sequence[str] = ADDED,
    column: str | None = None,
    encoding: str | None = None,
) -> TableFile:
    """Open a file of rows.

    Args:
        path: the file.
        sheet: of a workbook; if not given, the first sheet with the ``column``, or with a column of addresses.
        added: names of the columns that will be written behind its own.
        column: the column with the addresses, if it is named.
        encoding: of a text; guessed if not given.

    Raises:
        UsageError: no such file, a kind that is not read, damaged, or without rows.
    """
    check_source(path)
    kind = kind_of(path)
    if sheet is not None and kind != ".xlsx":
        raise UsageError(f"--sheet {sheet}: {path} has no sheets")
    if encoding is not None and kind not in TEXT_FORMATS:
        raise UsageError(f"--encoding {encoding}: {path} is no text")
    if kind == ".parquet":
        return Parquet(path, added)
    return Workbook(path, sheet, column, added) if kind == ".xlsx" else TEXT_FORMATS[kind](path, added, encoding)


def check_source(path: Path) -> None:
    """Raise `UsageError` if there is no file of a kind that is read."""
    check_file(path)
    if (kind := kind_of(path)) not in (*TEXT_FORMATS, ".parquet", ".xlsx"):
        again = "; save it as xlsx" if kind in SHEETS else ""
        what = f"{kind or 'no suffix'} is not read; expected csv, tsv, jsonl, parquet or xlsx"
        raise UsageError(f"{path}: {what}{again}")


def check_file(path: Path) -> None:
    """Raise `UsageError` if there is no file that can be read twice, which a pipe cannot."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:  # also a name that no file can have
        raise UsageError(f"{path}: no such file" if not path.is_symlink() else f"{path}: a link to nothing") from error
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder; name a file in it")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is no file but a pipe or a device; save what it gives as a file first")


def check_apart(source: Path, target: Path, place: Path | None = None, what: str = "") -> None:
    """Check that no file is written over the source, or into its folder; links are followed.

    Args:
        source: the file or folder that is read.
        target: what ``--out`` names.
        place: the file that is written; the target if not given.
        what: says in the message, behind the target's name, how it leads to ``place``.

    Raises:
        UsageError: ``place`` is the source, or lies in it.
    """
    place = place or target
    if place.exists() and source.exists() and place.samefile(source):
        raise UsageError(f"--out {target}{what} is the file of --file, which stays as it is; name another --out")
    if source.is_dir() and place.resolve().is_relative_to(source.resolve()):
        raise UsageError(f"--out {target}{what} lies in the folder of --file, which stays as it is; name another --out")


def check_file_name(target: Path, option: str = "--out") -> None:
    """Raise `UsageError` where a result's name, which ``option`` gives, is that of a folder."""
    if target.is_dir() or not target.name:
        raise UsageError(f"{option} {target} is a folder; name a file in it")


def check_target(target: Path, overwrite: bool, option: str = "--out") -> None:
    """Check that a result can be written as ``target``, which ``option`` names; a link is followed.

    Raises:
        UsageError: it is a folder, a pipe or a device; its folder cannot be written; it exists and may not be replaced.
    """
    path = Path(os.path.realpath(target))
    check_file_name(target, option)
    if path.exists() and not path.is_file():
        raise UsageError(f"{option} {target} is no file but a pipe or a device; name a file")
    if path.exists() and not overwrite:
        raise UsageError(f"{target} exists; name another {option}, or add --overwrite")
    folder = next(parent for parent in path.parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {target}: nothing can be written in {folder}")
