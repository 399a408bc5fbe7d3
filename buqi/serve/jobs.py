"""Files completed in the background. What is asked stands in SQLite, what is done in pieces on disk: both survive."""

from __future__ import annotations

import gc
import json
import re
import secrets
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk import Job, Summary, run_job
from buqi.bulk.job import StoppedError
from buqi.errors import BuqiError, UsageError, explained, in_fields
from buqi.lock import HeldError, hold
from buqi.serve.job_store import JobStore
from buqi.serve.problems import Problem, presentable
from buqi.serve.room import FULL, lacks_room, no_room
from buqi.serve.worker import Worker

PIECE_ROWS = 1000  # completed and kept at once
TURN_SECONDS = 20  # seconds that a job has before another owner's job takes its turn
RETRY_SECONDS = 10  # seconds until a job that met a full disk is tried again
RESUMABLE = ("paused", "failed", "cancelled")
JOB_ID = re.compile("[0-9a-f]{24}")
STOP_SECONDS = 30  # seconds that a running job is given to end before its files go


@dataclass(frozen=True)
class UploadOptions:
    """How a file is to be completed; the fields are columns of the table of jobs. Columns are found if not given."""

    col: str | None = None  # the column with the addresses, or several
    sheet: str | None = None
    contact: bool = False  # name, telephone and postcode are read apart
    fill: bool = False  # the answer goes into empty cells of columns of levels
    keycol: str | None = None  # the user's column that names a row in the review file


class Jobs:
    """Jobs of one data folder, which no other service may use meanwhile; one runs at a time.

    ``most`` of them are kept, ``each`` of one owner. A service without keys has one owner, who may have all of them.

    Raises:
        BuqiError: the folder or what is in it cannot be opened.
    """

    def __init__(self, folder: Path, answering: AnswerOptions, most: int, each: int) -> None:
        self.folder, self.answering, self.most, self.each = folder, answering, most, each
        self.receiving: dict[str, str] = {}  # owners of jobs whose files are being received, by job
        self.cancelled: set[str] = set()
        self.last_turn: dict[str, float] = {}  # when a job of each owner ran last
        self.retry_at: dict[str, float] = {}  # when a job that met a full disk may be tried again
        self.wake = threading.Event()  # a job has come
        self.worker = Worker(self._step, "jobs")
        self.closing = self.worker.closing
        with explained(f"{folder}: its jobs cannot be opened", OSError, sqlite3.Error):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.release = self._hold_folder()
            self.store = JobStore(folder / "jobs.sqlite", lambda job: _remove_upload(self.job_folder(job)))
            self._clean()

    def _hold_folder(self) -> Callable[[], None]:
        """Keep other services from the folder, which would work on the same jobs; return what lets it go."""
        try:
            return hold(self.folder)
        except HeldError as error:
            raise UsageError(f"{error}; a service needs a folder of jobs of its own (buqi serve --data)") from error

    def _clean(self) -> None:
        """Put right what a killed service left: jobs that broke off go on, files that nobody needs are removed."""
        self.store.query("UPDATE jobs SET status = 'queued' WHERE status = 'running'")
        status = {row["id"]: row["status"] for row in self.store.query("SELECT id, status FROM jobs")}
        for folder in self.folder.iterdir():
            if JOB_ID.fullmatch(folder.name) and folder.is_dir():
                if folder.name not in status:
                    shutil.rmtree(folder, ignore_errors=True)
                elif status[folder.name] == "done":
                    _remove_upload(folder)

    def start(self) -> None:
        """Begin to work, with what an earlier run left first; called again, it sees to it that work goes on."""
        self.worker.keep_alive()

    def stop(self) -> None:
        """End after the piece at hand; the job goes on at the next start."""
        self.closing.set()
        self.wake.set()
        self.worker.stop()
        self.store.close()
        self.release()

    def trouble(self) -> str:
        """Return why jobs do not get on; empty if they do."""
        if self.store.behind or lacks_room(self.folder) or self.store.counts().get("paused"):
            return FULL
        return "" if self.worker.alive and not self.worker.trouble else "no job is worked on"

    def job_folder(self, job: str) -> Path:
        """Return the folder of a job's files."""
        return self.folder / job

    def new_folder(self, owner: str) -> tuple[str, Path]:
        """Return a fresh job's id and folder; a `Problem` if no more are kept, or none of this owner."""
        owners = [*self.store.owners(), *self.receiving.values()]
        if owner and owners.count(owner) >= self.each:
            told = f"you have {self.each} jobs here, as many as a key may; delete those that you no longer need"
            raise Problem(429, told, "too_many_jobs", retry_after=60)
        if len(owners) >= self.most:
            raise Problem(429, f"{self.most} jobs are kept; delete some", "too_many_jobs", retry_after=60)
        job = secrets.token_hex(12)
        self.receiving[job] = owner
        self.job_folder(job).mkdir(mode=0o700)
        return job, self.job_folder(job)

    def add(self, job: str, owner: str, name: str, kind: str, options: UploadOptions) -> dict[str, Any]:
        """Put a job whose file ``in`` + kind lies in its folder at the end of the queue."""
        self.store.add(id=job, owner=owner, name=name, kind=kind, created=time.time(), **vars(options))
        self.receiving.pop(job, None)
        self.wake.set()
        return self.get(job, owner)

    def drop(self, job: str) -> None:
        """Forget a job whose file could not be taken."""
        self.receiving.pop(job, None)
        shutil.rmtree(self.job_folder(job), ignore_errors=True)

    def get(self, job: str, owner: str) -> dict[str, Any]:
        """Return a job of an owner as the API shows it; a `Problem` if there is none."""
        found = self.store.shown(owner, job)
        if not found:
            raise Problem(404, "no such job", "not_found")
        return found[0]

    def file(self, job: str, owner: str, what: str) -> tuple[Path, str]:
        """Return a finished job's result or review file, and the name to save it by; a `Problem` if it is not done."""
        found = self.get(job, owner)
        if found["status"] != "done":
            raise Problem(409, f"the job is {found['status']}", "not_done")
        kind = self.store.query("SELECT kind FROM jobs WHERE id = ?", job)[0][0]
        path = self.job_folder(job) / f"out{kind}"
        stem = found["name"].removesuffix(kind)
        if what == "review":
            return path.with_name(f"{path.name}.review.csv"), f"{stem}.review.csv"
        return path, f"{stem}.completed{kind}"

    def resume(self, job: str, owner: str) -> dict[str, Any]:
        """Put a job that did not end well into the queue again; a `Problem` if it is none, or its upload is gone."""
        status = self.get(job, owner)["status"]
        if status not in RESUMABLE or not any(self.job_folder(job).glob("in.*")):
            raise Problem(409, f"the job is {status}", "not_resumable")
        self.retry_at.pop(job, None)
        self.store.set(job, status="queued", error="")
        self.wake.set()
        return self.get(job, owner)

    def delete(self, job: str, owner: str) -> None:
        """Stop a job if it runs, and remove it with its files and its name; a `Problem` if there is none."""
        running = self.get(job, owner)["status"] == "running"
        self.cancelled.add(job)
        until = time.monotonic() + STOP_SECONDS
        while running and time.monotonic() < until:
            time.sleep(0.05)
            running = self.get(job, owner)["status"] == "running"
        shutil.rmtree(self.job_folder(job), ignore_errors=True)  # first: a full disk then has room for the rest
        self.store.delete(job)
        if not running:  # else its run removes what it has written since
            self.cancelled.discard(job)

    def _step(self) -> None:
        """Do the next job; with none, wait for one."""
        self.store.save()
        row = self._next()
        if row is None:
            self.wake.wait(0.5)
            self.wake.clear()
            return
        self.last_turn[row["owner"]] = time.monotonic()
        self.store.set(row["id"], status="running", error="")
        try:
            self._run(row)
        finally:
            self._leave(row["id"])
            gc.collect()  # what answered its rows refers to itself: it would stay for many jobs

    def _next(self) -> sqlite3.Row | None:
        """Return the job to do: the oldest one of the owner whose last turn is longest ago.

        A job whose status is ``running`` has broken off: this thread runs all jobs, and none now.
        """
        now = time.monotonic()
        waiting = "SELECT * FROM jobs WHERE status IN ('queued', 'running', 'paused') ORDER BY created"
        due = [row for row in self.store.query(waiting) if self.retry_at.get(row["id"], now) <= now]
        return min(due, key=lambda row: self.last_turn.get(row["owner"], -1.0), default=None)

    def _run(self, row: sqlite3.Row) -> None:
        job, folder, began = row["id"], self.job_folder(row["id"]), time.monotonic()
        source, target, answers = folder / f"in{row['kind']}", folder / f"out{row['kind']}", folder / "answers"
        options = replace(self.answering, contact=self.answering.contact or bool(row["contact"]))
        task = Job(source, target, row["col"], row["sheet"], options, workers=1, piece=PIECE_ROWS, safe=True,
                   cache_folder=answers, fill=bool(row["fill"]), key=row["keycol"])  # fmt: skip

        def stopped() -> bool:
            turn_over = time.monotonic() - began > TURN_SECONDS
            return self.closing.is_set() or job in self.cancelled or (turn_over and self._others_wait(row["owner"]))

        try:
            summary = run_job(task, resume=True, overwrite=True, progress=lambda s: self._tell(job, s), stopped=stopped)
        except BaseException as error:  # a job may fail, the service may not: also not by a panic of native code
            if no_room(error):
                self.retry_at[job] = time.monotonic() + RETRY_SECONDS
                self.store.set(job, status="paused", error=f"{FULL}; the job goes on when there is some")
            elif job in self.cancelled:
                self.store.set(job, status="cancelled")
            elif self.closing.is_set() or isinstance(error, StoppedError):
                self.store.set(job, status="queued")
            elif isinstance(error, BuqiError):
                message = in_fields(error).replace(f"{folder}/", "").replace(str(folder), "")
                self.store.set(job, status="failed", error=message)
            else:
                self.store.set(job, status="failed", error=f"unexpected {type(error).__name__}")
        else:
            shutil.rmtree(answers, ignore_errors=True)
            self._tell(job, summary)
            self.store.set(job, status="done")

    def _others_wait(self, owner: str) -> bool:
        return bool(self.store.query("SELECT 1 FROM jobs WHERE status = 'queued' AND owner != ? LIMIT 1", owner))

    def _leave(self, job: str) -> None:
        """Let only this user read what a job wrote; remove it if the job was deleted meanwhile."""
        if not self.store.has(job):
            shutil.rmtree(self.job_folder(job), ignore_errors=True)
            self.cancelled.discard(job)
            self.store.unsaved.pop(job, None)
        with suppress(FileNotFoundError):  # it is deleted right now
            for path in self.job_folder(job).rglob("*"):
                path.chmod(0o700 if path.is_dir() else 0o600)

    def _tell(self, job: str, summary: Summary) -> None:
        speed = summary.as_json()["rows_per_second"]
        counts, guesses = json.dumps(summary.status), json.dumps([presentable(guess) for guess in summary.guesses])
        self.store.set(job, rows=summary.rows, counts=counts, speed=speed, to_review=summary.to_review, guesses=guesses)


def _remove_upload(folder: Path) -> None:
    for path in folder.glob("in.*"):
        path.unlink(missing_ok=True)
