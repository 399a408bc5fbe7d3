"""Jobs: commands of buqi that run as processes of their own, one at a time in each lane, kept as files.

A job is a folder. ``job.json`` says what it is, ``process.txt`` which process does it (once it is started),
``output.txt`` what that process wrote, ``asked.txt`` that it is to pause or stop, ``done`` that it is done. Its state
is read from these files and from its result, so any restart finds it. The process outlives the page and the server.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from buqi.errors import BuqiError, UsageError
from buqi.files import write_json
from buqi.owner import Owner, host_hash, owner_in, start_of

JOB, PROCESS, OUTPUT, REQUEST, DONE = "job.json", "process.txt", "output.txt", "asked.txt", "done"
KEPT = 200  # ended jobs
MODELS, ADDRESSES = "models", "addresses"  # lanes: a file of addresses does not wait for a night of training
SHOWN_OUTPUT = 20_000  # bytes, from the end
MESSAGE = re.compile(r"^buqi: ", re.MULTILINE)
TAG_SIZE = 100  # characters that name a process


@dataclass(frozen=True)
class QueuedJob:
    """One command.

    Attributes:
        words: of the command line, after ``buqi``.
        result: the file that is there once it is done.
        lane: `MODELS` or `ADDRESSES`; jobs of one lane wait for each other.
        source: the upload, and what was asked of it; a second click on the same button asks the same.
    """

    id: str
    kind: str
    title: str
    words: tuple[str, ...]
    result: str
    lane: str = MODELS
    source: str = ""


class Queue:
    """The jobs of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.children: list[subprocess.Popen[bytes]] = []
        self.known: dict[str, QueuedJob] = {}  # by id; a job's record never changes

    def add(
        self, kind: str, title: str, words: list[str], result: Path, lane: str = MODELS, source: str = ""
    ) -> QueuedJob:
        """Put a command at the end of the queue.

        Raises:
            UsageError: one with the same result or of the same source waits or runs, or a word that no command takes.
        """
        _check_words(words)
        with self.lock:
            for other in self.all():
                same = other.result == str(result) or (source and (other.kind, other.source) == (kind, source))
                if same and self.state(other) in ("waiting", "running"):
                    raise UsageError(f"{title}: it is in the queue already")
            job = QueuedJob(f"{time.time_ns():020d}", kind, title, tuple(words), str(result), lane, source)
            (self.folder / job.id).mkdir()
            try:
                write_json(self._path(job, JOB), asdict(job))
            except BaseException:
                self._remove(job)
                raise
            self._tidy()
            return job

    def all(self) -> list[QueuedJob]:
        """Return the jobs, the latest first."""
        paths = {path.parent.name: path for path in self.folder.glob(f"*/{JOB}")}
        for job_id in paths.keys() - self.known.keys():
            with suppress(OSError, ValueError, TypeError, KeyError):  # being written, or of another version
                record = json.loads(paths[job_id].read_text(encoding="utf-8"))
                job = QueuedJob(**record | {"words": tuple(record["words"])})
                texts = [*job.words, *(value for name, value in vars(job).items() if name != "words")]
                if job.id == job_id and all(isinstance(text, str) for text in texts):  # its files lie under its id
                    self.known[job_id] = job
        return [self.known[job_id] for job_id in sorted(paths, reverse=True) if job_id in self.known]

    def latest(self, result: Path) -> QueuedJob | None:
        """Return the last job with this result."""
        return next((job for job in self.all() if job.result == str(result)), None)

    def state(self, job: QueuedJob) -> str:
        """Return ``waiting``, ``running``, ``done``, ``stopped`` or ``failed``."""
        owner = self.owner(job)
        if owner is None:
            return "waiting"
        if not owner.dead:
            return "running"
        if self._path(job, DONE).exists() or Path(job.result).exists():
            return "done"
        return "stopped" if self.asked(job) else "failed"

    def owner(self, job: QueuedJob) -> Owner | None:
        """Return the process that does or did a job."""
        with suppress(OSError, BuqiError):
            return owner_in(self._path(job, PROCESS).read_text(encoding="utf-8").strip())
        return None

    def asked(self, job: QueuedJob) -> str:
        """Return what was asked of a running job: ``pause``, ``stop`` or nothing."""
        with suppress(OSError):
            return self._path(job, REQUEST).read_text(encoding="utf-8")
        return ""

    def output(self, job: QueuedJob) -> str:
        """Return the end of what a job has written."""
        with suppress(OSError), self._path(job, OUTPUT).open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - SHOWN_OUTPUT))
            return file.read().decode("utf-8", "replace")
        return ""

    def message(self, job: QueuedJob) -> str:
        """Return the error that a job ended with; empty if it told none, as where its process was killed."""
        said = MESSAGE.split(self.output(job))
        return said[-1].strip() if len(said) > 1 else ""

    def seconds(self, job: QueuedJob) -> float:
        """Return how long a job has run, or ran."""
        with suppress(OSError):
            begun = self._path(job, PROCESS).stat().st_mtime
            ended = time.time() if self.state(job) == "running" else self._path(job, OUTPUT).stat().st_mtime
            return max(0.0, ended - begun)
        return 0.0

    def ask(self, job: QueuedJob, what: str) -> None:
        """Pause a running job (``pause``: training saves a checkpoint first) or end it at once (``stop``).

        One that waits is taken out of the queue.
        """
        with self.lock:
            owner = self.owner(job)
            if owner is None:
                self._remove(job)
                return
            if owner.dead or not owner.here or self.asked(job) == what:  # a second Ctrl-C would save nothing
                return
            with suppress(OSError):  # a full disk does not keep a job from being stopped
                self._path(job, REQUEST).write_text(what, encoding="utf-8")
            with suppress(ProcessLookupError):
                os.kill(owner.pid, signal.SIGINT if what == "pause" else signal.SIGTERM)

    def drop(self, result: Path) -> None:
        """Forget ended jobs whose result is taken away."""
        with self.lock:
            for job in self.all():
                if job.result == str(result) and self.state(job) not in ("waiting", "running"):
                    self._remove(job)

    def step(self, busy: bool = False) -> None:
        """Start the next job of each lane in which nothing runs; ``busy``: a run that is no job trains."""
        with self.lock:
            self.children = [child for child in self.children if child.poll() is None]
            states = [(job, self.state(job)) for job in reversed(self.all())]
            for job, state in states:
                if state == "done":
                    self._path(job, DONE).touch()  # its result may be taken away later
            for lane in (MODELS, ADDRESSES):
                here = [(job, state) for job, state in states if job.lane == lane]
                waiting = [job for job, state in here if state == "waiting"]
                if waiting and not any(state == "running" for _, state in here) and not (busy and lane == MODELS):
                    self._start(waiting[0])

    def _start(self, job: QueuedJob) -> None:
        draft = self._path(job, f".{PROCESS}")
        draft.write_text(" " * TAG_SIZE, encoding="utf-8")  # a full disk shows here, before anything is started
        with self._path(job, OUTPUT).open("ab") as output, draft.open("r+", encoding="utf-8") as file:
            child = subprocess.Popen(
                command(job.words), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, env=os.environ | {"NO_COLOR": "1", "COLUMNS": "200"},
            )  # fmt: skip
            self.children.append(child)
            file.write(Owner(child.pid, start_of(child.pid) or "0", host_hash()).tag)
        draft.replace(self._path(job, PROCESS))

    def _path(self, job: QueuedJob, name: str) -> Path:
        return self.folder / job.id / name

    def _remove(self, job: QueuedJob) -> None:
        shutil.rmtree(self.folder / job.id, ignore_errors=True)

    def _tidy(self) -> None:
        ended = [job for job in self.all() if self.state(job) not in ("waiting", "running")]
        for job in ended[KEPT:]:
            self._remove(job)


def command(words: tuple[str, ...] | list[str]) -> list[str]:
    """Return the command line of ``buqi`` with these words."""
    return [sys.executable, "-m", "buqi", *words]


def _check_words(words: list[str]) -> None:
    if any("\0" in word for word in words):
        raise UsageError("a text holds U+0000, which no command takes")


def run_now(words: list[str]) -> str:
    """Run a command that takes seconds, and return what it prints. Its ``words`` are those after ``buqi``.

    Raises:
        BuqiError: it failed; the message is the command's own.
    """
    _check_words(words)
    done = subprocess.run(
        command(words), stdin=subprocess.DEVNULL, capture_output=True, check=False, env=os.environ | {"NO_COLOR": "1"}
    )
    output, said = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    if done.returncode:
        raise BuqiError(MESSAGE.split(said)[-1].strip() or output.strip() or f"it ended with {done.returncode}")
    return output
