"""The finished pieces of a job, in a folder beside its target until all of them are there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict

from buqi.errors import BuqiError, UsageError
from buqi.files import read_json, whole_file


class PieceRecord(TypedDict):
    """What is known of a finished piece."""

    rows: int
    status: dict[str, int]  # rows by status
    review: list[Any]  # the values of a `ReviewRow` for each row to look at
    resumed: int  # how many of the rows an earlier run finished


class Parts:
    """The pieces of a job by their numbers: ``0000012.part`` has the rows, ``0000012.json`` the record.

    The record is written last: a piece counts once its record is there. Other files in the folder are left alone.
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
            found = _read(stamp).get("identity")
            if not resume or found is None:  # without a stamp nothing was finished
                self.remove()
            elif found != identity:
                other = "pieces of another file, column or version; --overwrite instead of --resume starts anew"
                raise UsageError(f"{self.folder}: {other}")
        self.folder.mkdir(parents=True, exist_ok=True)
        for stale in [*self.folder.glob(".*.part*"), *self._broken()]:
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
        record: PieceRecord = _read(self._record_path(number))["record"]
        return {**record, "resumed": record["rows"]}

    def keep(self, number: int, write: Callable[[Path], PieceRecord]) -> PieceRecord:
        """Keep a piece: ``write`` writes its rows into the path that it is given, and returns its record."""
        path = self._record_path(number)
        with whole_file(path.with_suffix(".part")) as draft:
            record = write(draft)
        with whole_file(path) as draft:
            kept = {"bytes": path.with_suffix(".part").stat().st_size, "record": record}
            draft.write_text(json.dumps(kept), encoding="utf-8")  # as ASCII: a cell may hold bytes of no encoding
        return record

    def review(self) -> Iterator[Any]:
        """Yield the rows to look at, in the order of the file."""
        for path in self.files():
            yield from _read(path.with_suffix(".json"))["record"]["review"]

    def remove(self) -> None:
        """Remove what a job wrote, first its stamp, and the folder if nothing else is in it."""
        for path in [*self.folder.glob("job.json"), *self.folder.glob(".*.part*"), *self._own()]:
            path.unlink()
        with suppress(OSError):
            self.folder.rmdir()

    def _own(self) -> list[Path]:
        """Return the files of pieces, whole or not."""
        return [
            path for path in self.folder.glob("[0-9]*.*") if path.stem.isdigit() and path.suffix in (".part", ".json")
        ]

    def _broken(self) -> list[Path]:
        """Return the files of pieces that are not as they were kept, as after a power cut; they are made again."""
        kept = {path.stem: _read(path).get("bytes") for path in self._own() if path.suffix == ".json"}
        sizes = {path.stem: path.stat().st_size for path in self.files()}
        return [path for path in self._own() if kept.get(path.stem) != sizes.get(path.stem, -1)]

    def _record_path(self, number: int) -> Path:
        return self.folder / f"{number:07d}.json"


def _read(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; an empty one where the file is missing or broken."""
    with suppress(BuqiError, FileNotFoundError):
        return read_json(path)
    return {}
