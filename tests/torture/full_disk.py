"""A disk that has room for so many writes."""

from __future__ import annotations

import builtins
import errno
import io
import os
import sqlite3
from pathlib import Path
from typing import Any

import polars as pl
import pytest


def full(*_: Any, **__: Any) -> Any:
    """Fail as a write does on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Disk:
    """A disk below ``folder`` that has room for ``left`` more writes."""

    def __init__(self, folder: Path, left: int, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.left, self.failed, opened = str(folder), left, 0, builtins.open

        def open_(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            found = opened(file, mode, *more, **named)
            inside = isinstance(file, (str, os.PathLike)) and str(file).startswith(self.folder)
            return _File(found, self) if inside and set(mode) & set("wax") else found

        def native(write: Any, at: int) -> Any:
            def writing(*given: Any, **named: Any) -> Any:
                self.write(str(given[at]))
                return write(*given, **named)

            return writing

        patch.setattr(builtins, "open", open_)
        patch.setattr(io, "open", open_)
        patch.setattr(pl.DataFrame, "write_parquet", native(pl.DataFrame.write_parquet, 1))
        patch.setattr(pl.LazyFrame, "sink_parquet", native(pl.LazyFrame.sink_parquet, 1))

    def write(self, where: str) -> None:
        if where.startswith(self.folder):
            self.left -= 1
            if self.left < 0:
                self.failed += 1
                full()


class _File:
    """A file that writes as long as its disk has room."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self.file, self.disk = file, disk

    def write(self, data: Any) -> Any:
        self.disk.write(self.disk.folder)
        return self.file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


class Database:
    """The database of the jobs, on the same disk."""

    def __init__(self, db: sqlite3.Connection, disk: Disk) -> None:
        self.db, self.disk = db, disk

    def execute(self, statement: str, values: Any = ()) -> Any:
        if statement.startswith(("UPDATE", "INSERT", "DELETE")):
            try:
                self.disk.write(self.disk.folder)
            except OSError as error:
                raise sqlite3.OperationalError("database or disk is full") from error
        return self.db.execute(statement, values)

    def close(self) -> None:
        self.db.close()
