"""The finished pieces of a job, in a folder beside its target until all of them are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypedDict

from buqi.errors import UsageError
from buqi.files import whole_file


class PieceRecord(TypedDict):
    """What is known of a finished piece."""

    rows: int
    status: dict[str, int]  # rows by status
    review: list[Any]  # the values of a `ReviewRow` for each row to look at
    resumed: int  # how many of the rows an earlier run finished


class Parts:
    """The pieces of a job by their numbers: ``0000012.part`` has the rows, ``0000012.json`` the record.

    The record is written last: a piece counts once its record is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self, identity: str, resume: bool, overwrite: bool) -> None:
        """Make the folder ready for a job.

        Args:
            identity: says which job it is; pieces of another identity do not count.
            resume: whether the job may go on with pieces that lie there.
            overwrite: whether pieces that lie there may be removed; ``resume`` comes first.

        Raises:
            UsageError: pieces lie there and neither was asked for, or they are of another job.
        """
        stamp = self.folder / "job.json"
        if self.folder.exists():
            if not (resume or overwrite) and self.files():
                kept = "keeps the pieces of an interrupted run; --resume goes on with them, --overwrite starts anew"
                raise UsageError(f"{self.folder} {kept}")
            if not resume or not stamp.is_file():  # without a stamp nothing was finished
                self.remove()
            elif json.loads(stamp.read_text(encoding="utf-8"))["identity"] != identity:
                other = "pieces of another file, column or version; --overwrite instead of --resume starts anew"
                raise UsageError(f"{self.folder}: {other}")
        self.folder.mkdir(parents=True, exist_ok=True)
        for stale in self.folder.glob(".*.part*"):
            stale.unlink()
        if not stamp.is_file():
            with whole_file(stamp) as draft:
                draft.write_text(json.dumps({"identity": identity}), encoding="utf-8")

    def files(self) -> list[Path]:
        """Return the files of rows, in order."""
        return sorted(self.folder.glob("*.part"))

    def has(self, number: int) -> bool:
        """Whether a piece is finished."""
        return self._record_path(number).is_file()

    def resumed(self, number: int) -> PieceRecord:
        """Return the record of a piece that an earlier run finished."""
        record = _read(self._record_path(number))
        return {**record, "resumed": record["rows"]}

    def keep(self, number: int, write: Callable[[Path], PieceRecord]) -> PieceRecord:
        """Keep a piece: ``write`` writes its rows into the path that it is given, and returns its record."""
        path = self._record_path(number)
        with whole_file(path.with_suffix(".part")) as draft:
            record = write(draft)
        with whole_file(path) as draft:
            draft.write_text(json.dumps(record), encoding="utf-8")  # as ASCII: a cell may hold bytes of no encoding
        return record

    def review(self) -> Iterator[Any]:
        """Yield the rows to look at, in the order of the file."""
        for path in self.files():
            yield from _read(path.with_suffix(".json"))["review"]

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder)

    def _record_path(self, number: int) -> Path:
        return self.folder / f"{number:07d}.json"


def _read(path: Path) -> PieceRecord:
    record: PieceRecord = json.loads(path.read_text(encoding="utf-8"))
    return record
