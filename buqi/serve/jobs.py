"""Files completed in the background. What is asked stands in SQLite, what is done in pieces on disk: both survive."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk import Job, Summary, run_job
from buqi.errors import BuqiError
from buqi.serve.problems import Problem

CREATE_JOBS = """CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT, name TEXT, kind TEXT, col TEXT, sheet TEXT, status TEXT,
    rows INTEGER DEFAULT 0, counts TEXT DEFAULT '{}', speed REAL, to_review INTEGER DEFAULT 0,
    error TEXT DEFAULT '', created REAL, contact INTEGER DEFAULT 0)"""
SHOWN = "id, name, status, rows, counts, speed AS rows_per_second, to_review, error, created"
PIECE_ROWS = 1000  # rows completed and kept at once
STOP_SECONDS = 30  # seconds that a running job is given to end before its files go


class Jobs:
    """At most ``most`` jobs of one data folder, one running at a time."""

    def __init__(self, folder: Path, answering: AnswerOptions, most: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.answering, self.most = folder, answering, most
        self.lock = threading.RLock()
        self.db = sqlite3.connect(folder / "jobs.sqlite", check_same_thread=False, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute(CREATE_JOBS)
        if "contact" not in {column[1] for column in self.db.execute("PRAGMA table_info(jobs)")}:  # of an older version
            self.db.execute("ALTER TABLE jobs ADD COLUMN contact INTEGER DEFAULT 0")
        self.db.execute("UPDATE jobs SET status = 'queued' WHERE status = 'running'")  # cut off: goes on
        self.closing = threading.Event()
        self.fresh = threading.Event()
        self.cancelled: set[str] = set()
        self.thread = threading.Thread(target=self._work, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to work, with what an earlier run left first."""
        self.thread.start()

    def stop(self) -> None:
        """End after the piece at hand; the job goes on at the next start."""
        self.closing.set()
        self.fresh.set()
        if self.thread.is_alive():
            self.thread.join()
        with self.lock:
            self.db.close()

    def place(self, job: str) -> Path:
        """Return the folder of a job's files."""
        return self.folder / job

    def new_folder(self) -> tuple[str, Path]:
        """Return a fresh job's id and folder."""
        if self._query("SELECT COUNT(*) FROM jobs")[0][0] >= self.most:
            raise Problem(429, f"{self.most} jobs are kept; delete some", "too_many_jobs", retry_after=60)
        job = secrets.token_hex(12)
        self.place(job).mkdir()
        return job, self.place(job)

    def add(
        self, job: str, owner: str, name: str, kind: str, column: str | None, sheet: str | None, contact: bool = False
    ) -> dict[str, Any]:
        """Put a job whose file ``in`` + kind lies in its folder at the end of the queue."""
        columns = "status, id, owner, name, kind, col, sheet, contact, created"
        insert = f"INSERT INTO jobs ({columns}) VALUES ('queued',?,?,?,?,?,?,?,?)"
        self._query(insert, job, owner, name, kind, column, sheet, contact, time.time())
        self.fresh.set()
        return self.get(job, owner)

    def get(self, job: str, owner: str) -> dict[str, Any]:
        """Return a job of an owner as the API shows it; a `Problem` if there is none."""
        rows = self._query(f"SELECT {SHOWN} FROM jobs WHERE id = ? AND owner = ?", job, owner)
        if not rows:
            raise Problem(404, "no such job", "not_found")
        return _body(rows[0])

    def all(self, owner: str) -> list[dict[str, Any]]:
        """Return an owner's jobs, the latest first."""
        rows = self._query(f"SELECT {SHOWN} FROM jobs WHERE owner = ? ORDER BY created DESC", owner)
        return [_body(row) for row in rows]

    def file(self, job: str, owner: str, what: str) -> tuple[Path, str]:
        """Return a finished job's result or review file, and the name to save it by; a `Problem` if it is not done."""
        found = self.get(job, owner)
        if found["status"] != "done":
            raise Problem(409, f"the job is {found['status']}", "not_done")
        kind = self._query("SELECT kind FROM jobs WHERE id = ?", job)[0][0]
        path = self.place(job) / f"out{kind}"
        stem = found["name"].removesuffix(kind)
        if what == "review":
            return path.with_name(f"{path.name}.review.csv"), f"{stem}.review.csv"
        return path, f"{stem}.completed{kind}"

    def delete(self, job: str, owner: str) -> None:
        """Stop a job if it runs, and remove it with its files; a `Problem` if there is none."""
        running = self.get(job, owner)["status"] == "running"
        self.cancelled.add(job)
        until = time.monotonic() + STOP_SECONDS
        while running and time.monotonic() < until:
            time.sleep(0.05)
            running = self.get(job, owner)["status"] == "running"
        self._query("DELETE FROM jobs WHERE id = ?", job)
        shutil.rmtree(self.place(job), ignore_errors=True)
        self.cancelled.discard(job)

    def counts(self) -> dict[str, int]:
        """Return how many jobs have each status."""
        return {row[0]: row[1] for row in self._query("SELECT status, COUNT(*) FROM jobs GROUP BY status")}

    def _query(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self.lock:
            return self.db.execute(statement, values).fetchall()

    def _work(self) -> None:
        while not self.closing.is_set():
            rows = self._query("SELECT * FROM jobs WHERE status = 'queued' ORDER BY created LIMIT 1")
            if not rows:
                self.fresh.wait(0.5)
                self.fresh.clear()
                continue
            self._set(rows[0]["id"], status="running")
            self._run(rows[0])

    def _run(self, row: sqlite3.Row) -> None:
        job, place = row["id"], self.place(row["id"])
        source, target = place / f"in{row['kind']}", place / f"out{row['kind']}"
        options = replace(self.answering, contact=self.answering.contact or bool(row["contact"]))
        task = Job(source, target, row["col"], row["sheet"], options, workers=1, piece=PIECE_ROWS, safe=True)

        def stopped() -> bool:
            return self.closing.is_set() or job in self.cancelled

        try:
            summary = run_job(task, resume=True, overwrite=True, progress=lambda s: self._tell(job, s), stopped=stopped)
        except BuqiError as error:
            if stopped():
                self._set(job, status="queued" if self.closing.is_set() else "cancelled")
            else:
                self._set(job, status="failed", error=str(error).replace(f"{place}/", "").replace(str(place), ""))
        except Exception as error:  # a job may fail, the service may not
            self._set(job, status="failed", error=f"unexpected {type(error).__name__}")
        else:
            self._tell(job, summary)
            source.unlink(missing_ok=True)  # the result holds all of it
            self._set(job, status="done")

    def _tell(self, job: str, summary: Summary) -> None:
        speed = summary.as_json()["rows_per_second"]
        counts = json.dumps(summary.status)
        self._set(job, rows=summary.rows, counts=counts, speed=speed, to_review=summary.to_review)

    def _set(self, job: str, **values: Any) -> None:
        names = ", ".join(f"{name} = ?" for name in values)  # our own column names
        self._query(f"UPDATE jobs SET {names} WHERE id = ?", *values.values(), job)


def _body(row: sqlite3.Row) -> dict[str, Any]:
    return dict(row) | {"counts": json.loads(row["counts"])}
