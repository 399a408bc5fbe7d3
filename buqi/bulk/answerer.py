"""Answers for many texts in several processes; what was weighed or written once is kept on disk."""

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
from typing import TYPE_CHECKING, Any, Protocol

from buqi.bulk.fields import ADDED, WRITTEN, Fields, fields_of, written_fields
from buqi.errors import UsageError
from buqi.files import cache_dir

if TYPE_CHECKING:
    from buqi.address.judge import Judge
    from buqi.loading import OpenedModel as Chosen

MODES = ("auto", "match", "generate")
EMBEDDED = "embedded"
TABLE = "table"


@dataclass(frozen=True)
class Settings:
    """How texts are answered.

    Attributes:
        mode: ``auto`` (table, memory, evidence and, if one is named, a model), ``match`` (table alone) or ``generate``
            (the model writes; the only way for other tasks than addresses).
        memory: folder of ``buqi places``; the default one if not given.
        threshold: confidence below which no answer is given; the shipped one if not given.
        model: base, merged folder or ``.gguf``; the embedded base if an adapter or ``generate`` needs one.
        adapter: adapter folder; with ``generate`` the shipped one of the embedded base if not given, "none" for none.
        engine: auto, torch or llamacpp.
        allowed: the only answers that may be written.
        max_new_tokens: most tokens of a written answer.
    """

    mode: str = "auto"
    memory: str | None = None
    threshold: float | None = None
    model: str | None = None
    adapter: str | None = None
    engine: str = "auto"
    allowed: tuple[str, ...] | None = None
    max_new_tokens: int = 128

    @property
    def asks_model(self) -> bool:
        """Whether a model has a part in the answers."""
        return self.mode == "generate" or self.model is not None or self.adapter is not None

    def version(self) -> str:
        """Return 16 digits that change when any answer may: settings, table, memory, fitted numbers, code."""
        from importlib import resources

        from buqi.places.memory import places_dir

        digest = hashlib.sha256(json.dumps(asdict(self)).encode())
        for package in ("buqi.divisions", "buqi.address"):
            root = resources.files(package)
            folders = [root, root.joinpath("data"), *([root.joinpath("adapter")] if self.mode == "generate" else [])]
            files = [file for folder in folders if folder.is_dir() for file in folder.iterdir()]
            for file in sorted((f for f in files if f.is_file()), key=lambda f: f.name):
                digest.update(file.read_bytes())
        memory = Path(self.memory) if self.memory else places_dir()
        named = [Path(name) for name in (self.model, self.adapter) if name]
        for root_path in (memory, *named):
            files_there = [root_path] if root_path.is_file() else sorted(root_path.glob("*"))
            for path in files_there:
                digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


class Answers(Protocol):
    """Someone who fills the added columns.

    Attributes:
        added: names of the columns.
    """

    added: tuple[str, ...]

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return the values of the columns for each text, in order."""
        ...


def answers_of(settings: Settings, keep: bool = True) -> Answers:
    """Return who answers.

    Args:
        settings: how.
        keep: whether answers that took long are kept on disk for the next run.

    Raises:
        UsageError: settings that do not fit together.
        BuqiError: a model cannot be loaded.
    """
    if settings.mode not in MODES:
        raise UsageError(f"--mode {settings.mode}: expected one of {', '.join(MODES)}")
    if settings.mode == "match" and settings.asks_model:
        raise UsageError("--mode match asks no model; leave out --adapter and --model")
    if settings.mode != "auto" and (settings.memory is not None or settings.threshold is not None):
        raise UsageError("--memory, --threshold: only where addresses are weighed (--mode auto)")
    if settings.allowed is not None and settings.mode != "generate":
        raise UsageError("--allowed: only with --mode generate")
    if not settings.asks_model:
        if settings.engine != "auto":
            raise UsageError(f"--engine {settings.engine}: no model is asked; name one with --adapter or --model")
        return Answerer(settings, keep)
    from buqi.loading import adapter_for, load

    model, adapter = settings.model or EMBEDDED, Path(settings.adapter) if settings.adapter else None
    if settings.mode == "generate":
        adapter = adapter_for(model, adapter)
    chosen = load(model, adapter, settings.engine, scores=settings.mode == "auto")
    if settings.mode == "auto" and chosen.task.name == "address":
        from buqi.address.judge import Judge
        from buqi.engine import BASE

        name = next(iter(chosen.engine.adapters), BASE)
        return Answerer(settings, keep, Judge.of(chosen.engine, chosen.engine.tokenizer, chosen.task, name))
    if settings.memory is not None or settings.threshold is not None:
        raise UsageError("--memory, --threshold: only for addresses; this model was trained for another task")
    return Writer(chosen, settings, keep)


class Answerer:
    """Answers addresses by table and memory, as rows of `buqi.bulk.fields.ADDED`.

    Args:
        settings: how.
        keep: whether answers that had to be weighed are kept on disk for the next run.
        judge: a model that weighs with them.
    """

    added: tuple[str, ...] = ADDED

    def __init__(self, settings: Settings, keep: bool = True, judge: Judge | None = None) -> None:
        from buqi.address.answer import Completer
        from buqi.divisions import load_matcher

        self.mode = settings.mode
        self.matcher = load_matcher()
        self.completer = None
        if settings.mode == "auto":
            memory = Path(settings.memory) if settings.memory else None
            self.completer = Completer(memory, settings.threshold, judge=judge)
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


class Writer:
    """A model that writes the answers; of addresses the levels are read from what it wrote.

    Args:
        chosen: the model and its task.
        settings: how.
        keep: whether answers are kept on disk for the next run.
    """

    def __init__(self, chosen: Chosen, settings: Settings, keep: bool = True) -> None:
        self.chosen, self.settings = chosen, settings
        self.added: tuple[str, ...] = ADDED if chosen.task.name == "address" else WRITTEN
        self.kept = _Kept(settings.version()) if keep else None

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return what is written to each text, in order; equal texts are written once."""
        from buqi.engine import BASE

        distinct = list(dict.fromkeys(texts))
        known = self.kept.get(distinct) if self.kept else {}
        missing = [text for text in distinct if text not in known]
        engine, task = self.chosen.engine, self.chosen.task
        prompts = [task.prompt_text(engine.tokenizer, [text]) for text in missing]
        name = next(iter(engine.adapters), BASE)
        found = engine.generate(prompts, self.settings.max_new_tokens, name, allowed=self.settings.allowed)
        most = self.settings.max_new_tokens
        fresh = {
            text: written_fields(task, text, answer.text, answer.stopped, most)
            for text, answer in zip(missing, found, strict=True)
        }
        if self.kept and fresh:
            self.kept.put(fresh)
        known |= fresh
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
    _answerer = answers_of(settings)


def work(texts: list[str]) -> list[Fields]:
    """Answer texts in a worker process."""
    found: list[Fields] = _answerer.answer(texts)
    return found
