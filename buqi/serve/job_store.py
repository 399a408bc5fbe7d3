"""The jobs of a service, in SQLite. Changes that the disk has no room for stay in memory until it has."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from buqi.files import private
from buqi.serve.problems import presentable
from buqi.serve.room import no_room

JOB_COLUMNS = {  # a database of an earlier version gets those that it lacks
    "id": "TEXT PRIMARY KEY", "owner": "TEXT", "name": "TEXT", "kind": "TEXT", "col": "TEXT", "sheet": "TEXT",
    "status": "TEXT", "rows": "INTEGER DEFAULT 0", "counts": "TEXT DEFAULT '{}'", "speed": "REAL",
    "to_review": "INTEGER DEFAULT 0", "error": "TEXT DEFAULT ''", "created": "REAL", "contact": "INTEGER DEFAULT 0",
    "guesses": "TEXT DEFAULT '[]'", "fill": "INTEGER DEFAULT 0", "keycol": "TEXT",
}  # fmt: skip
SHOWN = ("id", "name", "status", "rows", "counts", "speed", "to_review", "error", "created", "guesses")


class JobStore:
    """The table of jobs. Any thread may use it.

    Args:
        path: the database; only its owner can read it.
        done: called with a job once its status ``done`` is on the disk.

    Raises:
        OSError: the file cannot be made.
        sqlite3.Error: it cannot be opened.
    """

    def __init__(self, path: Path, done: Callable[[str], None]) -> None:
        self.done = done
        self.lock = threading.RLock()
        self.unsaved: dict[str, dict[str, Any]] = {}  # what the disk had no room for, by job
        private(path)
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        for setting in ("journal_mode=WAL", "secure_delete=ON"):
            self.db.execute(f"PRAGMA {setting}")
        columns = ", ".join(f"{name} {kind}" for name, kind in JOB_COLUMNS.items())
        self.db.execute(f"CREATE TABLE IF NOT EXISTS jobs ({columns})")
        there = {column[1] for column in self.db.execute("PRAGMA table_info(jobs)")}
        for name in JOB_COLUMNS.keys() - there:
            self.db.execute(f"ALTER TABLE jobs ADD COLUMN {name} {JOB_COLUMNS[name]}")
        self.db.execute("UPDATE jobs SET guesses = '[]' WHERE NOT json_valid(guesses)")  # an earlier version cut them

    @property
    def behind(self) -> bool:
        """Whether something is known that the disk has no room for."""
        with self.lock:
            return bool(self.unsaved)

    def close(self) -> None:
        """Close the database."""
        with self.lock:
            self.db.close()

    def query(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Return what a statement gives."""
        with self.lock:
            return self.db.execute(statement, values).fetchall()

    def add(self, **values: Any) -> None:
        """Add a job; its status is ``queued``."""
        self.query(f"INSERT INTO jobs (status, {', '.join(values)}) VALUES ('queued'{',?' * len(values)})",
                   *values.values())  # fmt: skip

    def shown(self, owner: str, job: str | None = None) -> list[dict[str, Any]]:
        """Return an owner's jobs as the API shows them, the latest first; with ``job`` that one alone."""
        only, values = ("", (owner,)) if job is None else (" AND id = ?", (owner, job))
        rows = self.query(f"SELECT {', '.join(SHOWN)} FROM jobs WHERE owner = ?{only} ORDER BY created DESC", *values)
        return [self._body(row) for row in rows]

    def _body(self, row: sqlite3.Row) -> dict[str, Any]:
        """Return a job as the API shows it, with what the disk has no room for."""
        unsaved = self.unsaved.get(row["id"], {})
        found = {name: unsaved.get(name, row[name]) for name in SHOWN}
        found |= {name: json.loads(found[name]) for name in ("counts", "guesses")}
        return {"rows_per_second" if name == "speed" else name: value for name, value in found.items()}

    def owners(self) -> list[str]:
        """Return the owner of each job."""
        return [row[0] for row in self.query("SELECT owner FROM jobs")]

    def counts(self) -> dict[str, int]:
        """Return how many jobs have each status."""
        return {row[0]: row[1] for row in self.query("SELECT status, COUNT(*) FROM jobs GROUP BY status")}

    def has(self, job: str) -> bool:
        """Whether a job is in the table."""
        return bool(self.query("SELECT 1 FROM jobs WHERE id = ?", job))

    def set(self, job: str, **values: Any) -> None:
        """Change what is known of a job."""
        with self.lock:
            if "error" in values:
                values["error"] = presentable(values["error"])
            self.unsaved.setdefault(job, {}).update(values)
            try:
                self.save()
            except sqlite3.OperationalError as error:
                if not no_room(error):
                    raise

    def save(self) -> None:
        """Write what is kept in memory; `sqlite3.OperationalError` while there is no room for it."""
        with self.lock:
            for job, values in list(self.unsaved.items()):
                names = ", ".join(f"{name} = ?" for name in values)  # our own column names
                self.query(f"UPDATE jobs SET {names} WHERE id = ?", *values.values(), job)
                del self.unsaved[job]
                if values.get("status") == "done":
                    self.done(job)

    def delete(self, job: str) -> None:
        """Remove a job and its name from the file."""
        with self.lock:
            self.unsaved.pop(job, None)
            self.query("DELETE FROM jobs WHERE id = ?", job)
            with suppress(sqlite3.OperationalError):
                self.query("PRAGMA wal_checkpoint(TRUNCATE)")  # the name is in no file now
