"""Pieces of a job: one counts once its record is there; those of another job never do."""

from __future__ import annotations

import pytest

from buqi.bulk.parts import Parts
from buqi.errors import UsageError

RECORD = {"rows": 2, "status": {"complete": 2}, "review": [[0.5, 1]], "resumed": 0}


@pytest.fixture
def parts(tmp_path) -> Parts:
    parts = Parts(tmp_path / "out.csv.parts")
    parts.prepare("one", resume=False, overwrite=False)

    def write(draft):
        draft.write_text("rows")
        return RECORD

    assert parts.keep(1, write) == RECORD
    return parts


def test_a_piece_is_kept_with_its_record(parts):
    assert [parts.has(0), parts.has(1)] == [False, True] and parts.resumed(1) == RECORD | {"resumed": 2}
    assert [path.read_text() for path in parts.files()] == ["rows"] and [*parts.review()] == [[0.5, 1]]
    parts.remove()
    assert not parts.folder.exists()


def test_a_piece_that_cannot_be_written_does_not_count(parts):
    def write(draft):
        draft.write_text("half")
        raise UsageError("full")

    with pytest.raises(UsageError):
        parts.keep(2, write)
    assert not parts.has(2) and len(parts.files()) == 1


def test_pieces_are_gone_on_with_only_in_their_own_job(parts):
    with pytest.raises(UsageError, match="--resume goes on with them, --overwrite starts anew"):
        parts.prepare("one", resume=False, overwrite=False)
    with pytest.raises(UsageError, match="pieces of another file, column or version"):
        parts.prepare("other", resume=True, overwrite=True)
    (parts.folder / ".0000002.part.draft").touch()
    parts.prepare("one", resume=True, overwrite=False)
    assert parts.has(1) and not [*parts.folder.glob(".*")]
    parts.prepare("other", resume=False, overwrite=True)
    assert parts.files() == []


def test_without_a_stamp_nothing_was_finished(parts):
    (parts.folder / "job.json").unlink()
    parts.prepare("one", resume=True, overwrite=False)
    assert parts.files() == []


@pytest.mark.parametrize(
    ("name", "data"), [("0000001.part", None), ("0000001.part", "ro"), ("0000001.json", ""), ("0000001.json", "[1]")]
)
def test_a_damaged_piece_is_made_again(parts, name, data):
    (parts.folder / "0000009.part").write_text("a piece that no record tells of")
    if data is None:
        (parts.folder / name).unlink()
    else:
        (parts.folder / name).write_text(data)
    parts.prepare("one", resume=True, overwrite=False)
    assert not parts.has(1) and parts.files() == []


@pytest.mark.parametrize("stamp", ["", "[]", "{}"])
def test_a_broken_stamp_is_none(parts, stamp):
    (parts.folder / "job.json").write_text(stamp)
    parts.prepare("one", resume=True, overwrite=False)
    assert not parts.has(1)


def test_files_that_no_job_wrote_stay(parts):
    (parts.folder / "notes.txt").write_text("mine")
    parts.prepare("other", resume=False, overwrite=True)
    parts.remove()
    assert [path.name for path in parts.folder.iterdir()] == ["notes.txt"]
