"""Answers for many texts in several processes; what was weighed once is kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buqi.bulk.fields import Fields, fields_of
from buqi.files import cache_dir

MODES = ("auto", "match")
TABLE = "table"


@dataclass(frozen=True)
class Settings:
    """How addresses are answered.

    Attributes:
        mode: ``auto`` (table, memory, evidence) or ``match`` (table alone).
        memory: folder of ``buqi places``; the default one if not given.
        threshold: confidence below which no answer is given; the shipped one if not given.
    """

    mode: str = "auto"
    memory: str | None = None
    threshold: float | None = None

    def version(self) -> str:
        """Return 16 digits that change when any answer may: settings, table, memory, fitted numbers, code."""
        from importlib import resources

        from buqi.places.memory import places_dir

        digest = hashlib.sha256(json.dumps(asdict(self)).encode())
        for package in ("buqi.divisions", "buqi.address"):
            root = resources.files(package)
            files = [*root.iterdir(), *root.joinpath("data").iterdir()]
            for file in sorted((f for f in files if f.is_file()), key=lambda f: f.name):
                digest.update(file.read_bytes())
        folder = Path(self.memory) if self.memory else places_dir()
        for path in sorted(folder.glob("*")) if folder.is_dir() else ():
            digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


class Answerer:
    """Answers texts as rows of `buqi.bulk.fields.ADDED`.

    Args:
        settings: how.
        keep: whether answers that had to be weighed are kept on disk for the next run.
    """

    def __init__(self, settings: Settings, keep: bool = True) -> None:
        from buqi.address.answer import Completer
        from buqi.divisions import load_matcher

        self.mode = settings.mode
        self.matcher = load_matcher()
        self.completer = None
        if settings.mode == "auto":
            self.completer = Completer(Path(settings.memory) if settings.memory else None, settings.threshold)
        self.kept = _Kept(settings.version()) if keep and self.completer is not None else None

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return what is known of each text, in order; equal texts are completed once."""
        from buqi.address import Completion

        distinct = list(dict.fromkeys(texts))
        if self.completer is None:
            matches = self.matcher.match_all(distinct)
            known = {t: fields_of(Completion.from_match(m)) for t, m in zip(distinct, matches, strict=True)}
            return [known[text] for text in texts]
        known = self.kept.get(distinct) if self.kept else {}
        missing = [text for text in distinct if text not in known]
        fresh = {}
        for text, completion in zip(missing, self.completer.complete_all(missing), strict=True):
            known[text] = fields_of(completion)
            if completion.decided != TABLE:
                fresh[text] = known[text]
        if self.kept and fresh:
            self.kept.put(fresh)
        return [known[text] for text in texts]


class _Kept:
    """Answers on disk. Several processes may use it at once."""

    def __init__(self, version: str) -> None:
        folder = cache_dir() / "answers"
        folder.mkdir(exist_ok=True)
        self.db = sqlite3.connect(folder / f"{version}.sqlite", timeout=60, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")  # losing it costs time only
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (text TEXT PRIMARY KEY, fields TEXT) WITHOUT ROWID")

    def get(self, texts: Sequence[str]) -> dict[str, Fields]:
        found: dict[str, Fields] = {}
        for at in range(0, len(texts), 500):
            piece = texts[at : at + 500]
            query = f"SELECT text, fields FROM answers WHERE text IN ({','.join('?' * len(piece))})"
            found |= {text: json.loads(fields) for text, fields in self.db.execute(query, piece)}
        return found

    def put(self, fresh: dict[str, Fields]) -> None:
        rows = [(text, json.dumps(fields, ensure_ascii=False)) for text, fields in fresh.items()]
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
        self.db.execute("COMMIT")


_answerer: Any = None


def start_worker(settings: Settings, parent: int) -> None:
    """Load what a worker process needs, and end it when its parent is gone (also by kill -9)."""
    global _answerer

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    _answerer = Answerer(settings)


def work(texts: list[str]) -> list[Fields]:
    """Answer texts in a worker process."""
    found: list[Fields] = _answerer.answer(texts)
    return found
