"""What is known of jobs: kept on the disk, and in memory while the disk is full."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from buqi.serve.job_store import JobStore


class FullDatabase:
    """A database whose disk is full for changes."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    def execute(self, statement: str, values: Any = ()) -> Any:
        if statement.startswith("UPDATE"):
            raise sqlite3.OperationalError("database or disk is full")
        return self.db.execute(statement, values)


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def store(tmp_path, done) -> JobStore:
    store = JobStore(tmp_path / "jobs.sqlite", done.append)
    store.add(id="a", owner="me", name="x.csv", kind=".csv", created=1.0)
    store.add(id="b", owner="me", name="y.csv", kind=".csv", created=2.0)
    return store


def test_owners_see_their_jobs_the_latest_first(store):
    assert [job["id"] for job in store.shown("me")] == ["b", "a"] and store.shown("you") == []
    (one,) = store.shown("me", "a")
    assert (one["status"], one["counts"], one["guesses"]) == ("queued", {}, [])
    assert store.shown("you", "a") == [] and store.counts() == {"queued": 2}


def test_what_a_full_disk_does_not_take_is_known_all_the_same(store, done):
    store.db, whole = FullDatabase(store.db), store.db
    store.set("a", status="done", rows=3, speed=2.5)
    (shown,) = store.shown("me", "a")
    assert (shown["rows"], shown["rows_per_second"]) == (3, 2.5) and store.behind and not done
    with pytest.raises(sqlite3.OperationalError):
        store.save()
    store.db = whole
    store.save()
    assert not store.behind and done == ["a"] and store.counts() == {"done": 1, "queued": 1}


def test_a_deleted_job_is_in_no_file(store, tmp_path):
    store.delete("a")
    assert not store.has("a") and store.has("b")
    assert not any(b"x.csv" in path.read_bytes() for path in tmp_path.iterdir())
    store.close()


def test_what_was_taken_is_kept_whole_and_what_an_earlier_version_cut_is_dropped(store, tmp_path):
    guesses = ["工作表" * 200, "x"]
    store.set("a", guesses=json.dumps(guesses), error="x" * 5000)
    (shown,) = store.shown("me", "a")
    assert shown["guesses"] == guesses and len(shown["error"]) == 1000
    store.query("UPDATE jobs SET guesses = substr(guesses, 1, 1000)")
    store.close()
    store = JobStore(tmp_path / "jobs.sqlite", print)
    assert [job["guesses"] for job in store.shown("me")] == [[], []]
    store.close()
