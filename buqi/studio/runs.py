"""What a run's folder says of it: state, progress, curves. Runs of the command line are read in the same way."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError
from buqi.lock import LOCK, holder
from buqi.machine import resident_mb
from buqi.studio.folder import Folder
from buqi.studio.jobs import Queue, QueuedJob
from buqi.tune.history import LOG, latest_run, read_log

PACE_SECONDS = 60.0  # over which rows a second are counted


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes:
        state: ``waiting``, ``running``, ``finished``, ``stopped`` (with a checkpoint or without) or ``failed``.
        pid: of the process that trains, 0 if none does.
        metadata: what its folder says of it (status, configuration, data, metrics); empty if nothing.
        job: the job that began it here last, if any did.
    """

    name: str
    state: str
    pid: int
    metadata: dict[str, Any]
    job: QueuedJob | None
    can_go_on: bool
    records: list[dict[str, Any]] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        """The configuration that it was begun with; empty while that is not known."""
        found: dict[str, Any] = self.metadata.get("config", {})
        return found

    @property
    def step(self) -> int:
        """Optimizer steps done, as far as they were logged."""
        return max((int(record["step"]) for record in self.records), default=0)

    @property
    def steps(self) -> int:
        """Optimizer steps in all; 0 while that is not known."""
        if (most := _number(self.config.get("max_steps"), -1)) > 0:
            return int(most)
        trained = self.metadata.get("data", {}).get("train")
        rows = _number(trained.get("rows"), 0) if isinstance(trained, dict) else 0
        steps_per_epoch = math.ceil(rows / self.rows_per_step)
        return max(0, math.ceil(steps_per_epoch * _number(self.config.get("num_train_epochs"), 1)))

    @property
    def rows_per_step(self) -> int:
        """Rows in one optimizer step."""
        keys = ("per_device_train_batch_size", "gradient_accumulation_steps")
        return max(1, math.prod(int(_number(self.config.get(key), 1)) for key in keys))

    def points(self, key: str) -> list[tuple[float, float]]:
        """Return (step, value) of what was logged under a key."""
        found = [(record["step"], record[key]) for record in self.records if key in record]
        return [(step, value) for step, value in found if isinstance(value, (int, float)) and -1e15 < value < 1e15]

    @property
    def memory_gb(self) -> float:
        """Resident memory of the process that trains, in 10^9 bytes."""
        return resident_mb("VmRSS", Path(f"/proc/{self.pid}")) / 1000 if self.pid else 0.0


def _number(value: Any, default: int) -> float:
    """Return a number of a record that anybody may have written, ``default`` where it is none."""
    return value if isinstance(value, (int, float)) and -1e15 < value < 1e15 else default


def run_named(folder: Folder, queue: Queue, name: str) -> Run:
    """Return a run by name."""
    place = folder.runs / name
    job = queue.latest(place / "run.json")
    trainer = holder(place / LOCK)  # first: a run that has ended has written its metadata before it let go of the lock
    metadata: dict[str, Any] = {}
    with suppress(BuqiError, OSError):
        metadata = latest_run(place)
    state, pid = ("running", trainer.pid) if trainer is not None else _state_of(queue, job, metadata)
    return Run(name, state, pid, metadata, job, folder.can_go_on(name), read_log(place / LOG))


def _state_of(queue: Queue, job: QueuedJob | None, metadata: dict[str, Any]) -> tuple[str, int]:
    """Return the state of a run that holds no lock, and its process (0 for none)."""
    job_state = queue.state(job) if job else ""
    if job and job_state in ("waiting", "running"):
        started = queue.owner(job)
        return job_state, started.pid if started else 0
    if metadata.get("status") == "finished":
        return "finished", 0
    return "failed" if job_state == "failed" and not metadata else "stopped", 0


def training_elsewhere(folder: Folder, queue: Queue) -> bool:
    """Return whether a run that no job of the queue began trains in the folder."""
    ours = {owner.pid for job in queue.all() if (owner := queue.owner(job)) is not None}
    held = (holder(path) for path in folder.runs.glob(f"*/{LOCK}"))
    return any(owner is not None and owner.pid not in ours for owner in held)


class Pace:
    """How fast runs go, by looking at their logs now and then."""

    def __init__(self) -> None:
        self.seen: dict[str, deque[tuple[float, int]]] = defaultdict(deque)

    def see(self, run: Run, now: float | None = None) -> float:
        """Note how far a run is, and return its steps a second over the last minute; 0 while that is not known."""
        seen, now = self.seen[run.name], time.monotonic() if now is None else now
        if run.state != "running" or (seen and run.step < seen[-1][1]):
            seen.clear()
        if not seen or run.step > seen[-1][1]:
            seen.append((now, run.step))
        while len(seen) > 2 and now - seen[0][0] > PACE_SECONDS:
            seen.popleft()
        (began, first), (last, step) = seen[0], seen[-1]
        return (step - first) / (last - began) if last > began else 0.0
