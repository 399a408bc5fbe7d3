"""A full disk is known from whatever says it, and from nothing that a user's file says."""

from __future__ import annotations

import errno
import shutil
import sqlite3

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.serve.room import full_disk, lacks_room, no_room


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "x"),
        OSError(errno.EDQUOT, "x"),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
def test_a_full_disk_is_known_also_as_a_cause(error):
    assert no_room(error)
    with pytest.raises(BuqiError) as wrapped:
        raise BuqiError("cannot be written") from error
    assert no_room(wrapped.value)


@pytest.mark.parametrize(
    "error",
    [
        None,
        OSError(errno.EIO, "x"),
        UsageError("columns: database or disk is full"),
        sqlite3.OperationalError("locked"),
    ],
)
def test_other_errors_are_none(error):
    assert not no_room(error)


def test_how_much_is_too_little(tmp_path, monkeypatch):
    assert not lacks_room(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - 5, 5))
    assert lacks_room(tmp_path)
    assert full_disk().status == 507 and full_disk().retry_after
