"""The finished pieces of a job, in a folder beside its target until all of them are there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from buqi.errors import UsageError
from buqi.files import whole_file

# Of a piece: how many ``rows``, and of these ``resumed`` from an earlier run; rows by ``status``; rows to ``review``.
Known = dict[str, Any]


class Parts:
    """A job's pieces by their numbers: ``0000012.part``, and what is known of each.

    What is known is written last: a piece counts once that is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self, identity: str, resume: bool, overwrite: bool) -> None:
        """Make the folder ready for a job.

        Args:
            identity: what must be the same for pieces that lie there to count.
            resume: whether they may be gone on with.
            overwrite: whether they may be removed; ``resume`` comes first.

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
        """Return the pieces' files, in order."""
        return sorted(self.folder.glob("*.part"))

    def has(self, number: int) -> bool:
        """Whether a piece is finished."""
        return self._about(number).is_file()

    def known(self, number: int) -> Known:
        """Return what is known of a piece that an earlier run finished."""
        record = self._read(self._about(number))
        return record | {"resumed": record["rows"]}

    def keep(self, number: int, write: Callable[[Path], Known]) -> Known:
        """Keep a piece: ``write`` is given the path of its file and returns what is known of it."""
        with whole_file(self._about(number).with_suffix(".part")) as draft:
            record = write(draft)
        with whole_file(self._about(number)) as draft:
            draft.write_text(json.dumps(record), encoding="utf-8")  # as ASCII: a cell may hold bytes of no encoding
        return record

    def review(self) -> Iterator[Any]:
        """Yield the rows to look at, in the order of the file."""
        for path in self.files():
            yield from self._read(path.with_suffix(".json"))["review"]

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder)

    def _about(self, number: int) -> Path:
        return self.folder / f"{number:07d}.json"

    @staticmethod
    def _read(path: Path) -> Known:
        record: Known = json.loads(path.read_text(encoding="utf-8"))
        return record
