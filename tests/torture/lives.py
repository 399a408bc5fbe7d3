"""Lives of a command: forks of a process that has read its modules already, so that they are killed while they work.

Run as ``python -m tests.torture.lives PLAN.json``. It prints what it counted as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from buqi.files import sha256_of

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
PATIENCE = 60.0  # seconds that a life may take after its signal
DYING = 3.0  # seconds in which processes that it started end


@dataclass
class Plan:
    """A command, and what is true of it however it ends.

    Args:
        words: of the command line.
        root: a folder with ``old`` (what ``place`` is before each life); ``place``, ``tmp`` and ``cache`` are made.
        kills: how many lives each signal ends.
        again: of the command that goes on after a kill, if it is another one.
        timed: names of files whose bytes tell a time; only that they are there is compared.
        mixed: whether files of a life that was killed may lie among the old ones.
        modules: that are read before the first life.
        prepare: ``module:function``, called once before the first life.
        share: of the usual time in which the signal comes.
    """

    words: list[str]
    root: str
    kills: int = 10
    again: list[str] = field(default_factory=list)
    timed: list[str] = field(default_factory=list)
    mixed: bool = False
    modules: list[str] = field(default_factory=list)
    prepare: str = ""
    share: float = 1.0
    fresh_cache: bool = False
    seed: int = 1


def contents(folder: Path, timed: list[str]) -> dict[str, str]:
    """Return every file, link and empty folder under a folder, with its hash."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"to {os.readlink(path)}"
        elif path.suffix == ".db":
            found |= tables_of(path, name)
        elif path.is_file():
            found[name] = "" if path.name in timed else sha256_of(path)
        elif path.is_dir() and not any(path.iterdir()):  # a journal goes when its database is opened
            found[f"{name}/"] = ""
    return found


def tables_of(path: Path, name: str) -> dict[str, str]:
    """Return the hash of the rows of each table of a database."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {table: db.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in names}
    return {f"{name}#{table}": hashlib.sha256(repr(found).encode()).hexdigest() for table, found in rows.items()}


def children_of(session: int) -> list[int]:
    """Return the processes of a session that run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] not in "ZX":
                found.append(int(path.parent.name))
    return found


class Lives:
    """Runs a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.root = plan, Path(plan.root)
        self.place, self.tmp, self.cache = (self.root / name for name in ("place", "tmp", "cache"))
        self.rng, self.counts = random.Random(plan.seed), Counter[str]()
        self.findings: list[str] = []
        self.tmp.mkdir(exist_ok=True)
        os.environ |= {"TMPDIR": str(self.tmp), "BUQI_CACHE": str(self.cache), "COLUMNS": "200"}
        tempfile.tempdir = None
        for module in ("buqi.cli.main", "buqi.seal", "buqi.drafts", *plan.modules):
            importlib.import_module(module)
        if plan.prepare:
            module, _, name = plan.prepare.partition(":")
            getattr(importlib.import_module(module), name)(self.root)

    def start(self, words: list[str]) -> int:
        """Start a life and return its process."""
        child = os.fork()
        if child:
            return child
        os.setsid()
        log = os.open(self.root / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.argv = ["buqi", *words]
        code = 70
        try:
            from buqi.cli.main import run

            run()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def ended(self, child: int) -> int:
        """Return how a life ended."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        self.findings.append(f"still runs {PATIENCE} s after its signal")
        os.killpg(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def whole_life(self, words: list[str]) -> float:
        """Let a command end by itself; return how long it took."""
        started = time.monotonic()
        code = self.ended(self.start(words))
        if code:
            self.findings.append(f"ended with {code}: {self.log()}")
        return time.monotonic() - started

    def log(self) -> str:
        return (self.root / "log").read_text(errors="replace")[-1500:]

    def reset(self) -> None:
        """Put back what was there before."""
        shutil.rmtree(self.place, ignore_errors=True)
        if (self.root / "old").is_dir():
            shutil.copytree(self.root / "old", self.place, symlinks=True)
        else:
            self.place.mkdir()
        if self.plan.fresh_cache:
            shutil.rmtree(self.cache, ignore_errors=True)
            if (self.root / "old_cache").is_dir():
                shutil.copytree(self.root / "old_cache", self.cache, symlinks=True)

    def around(self) -> set[str]:
        """Return what lies in the folder of temporary files and the cache."""
        return {f"tmp/{n}" for n in contents(self.tmp, [])} | {f"cache/{n}" for n in contents(self.cache, [])}

    def run(self) -> dict[str, object]:
        plan = self.plan
        self.reset()
        self.whole_life(plan.words)
        self.reset()
        usual = self.whole_life(plan.words)
        new, around = contents(self.place, plan.timed), self.around()
        self.reset()
        old = contents(self.place, plan.timed)
        for number in range(plan.kills * len(SIGNALS)):
            self.reset()
            self.one(SIGNALS[number % len(SIGNALS)], usual, old, new, around)
        return {"counts": dict(self.counts), "usual": round(usual, 2), "findings": self.findings}

    def one(self, how: int, usual: float, old: dict[str, str], new: dict[str, str], around: set[str]) -> None:
        """Kill one life and look; then let the command run to its end and look again."""
        plan, name = self.plan, signal.Signals(how).name
        before = len(self.findings)
        child = self.start(plan.words)
        moment = self.rng.uniform(0, plan.share) * usual
        time.sleep(moment)
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if how == signal.SIGINT else os.kill)(child, how)  # a terminal sends Ctrl-C to all
        code = self.ended(child)
        self.counts[f"{name} -> {code}"] += 1
        said = self.log()
        if code not in (0, 1, -how) or "Traceback" in said or "defect of buqi" in said or "Exception ignored" in said:
            self.findings.append(f"ended with {code}: {said}")
        until = time.monotonic() + DYING
        while (left := children_of(child)) and time.monotonic() < until:
            time.sleep(0.1)
        if left:
            named = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")[:200] for pid in left]
            self.findings.append(f"processes left: {named}")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        now = {n: d for n, d in contents(self.place, plan.timed).items() if not is_draft(n)}
        kept = all(now.get(n) in (digest, new.get(n)) for n, digest in old.items())
        if not (now == new or (kept if plan.mixed else all(now.get(n) == d for n, d in old.items()))):
            wrong = {n: (now.get(n, "gone")[:6], old.get(n, "")[:6], new.get(n, "")[:6]) for n in {*old, *now, *new}}
            self.findings.append(f"mixed: { ({n: w for n, w in wrong.items() if len({*w}) > 1}) }")
        self.whole_life(plan.again or plan.words)
        again = contents(self.place, plan.timed)
        if again != new:
            unlike = sorted(n for n in {*again, *new} if again.get(n) != new.get(n))
            self.findings.append(f"not the same bytes after it: {unlike[:6]}")
        if more := sorted(n for n in self.around() - around if not n.startswith("cache/answers/")):
            self.findings.append(f"left in tmp or cache: {more[:6]}")
            shutil.rmtree(self.tmp)
            self.tmp.mkdir()
        for at in range(before, len(self.findings)):
            self.findings[at] = f"{name} at {moment:.3f} of {usual:.3f} s: {self.findings[at]}"


def is_draft(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


if __name__ == "__main__":
    print(json.dumps(Lives(Plan(**json.loads(Path(sys.argv[1]).read_text()))).run(), ensure_ascii=False, indent=1))
