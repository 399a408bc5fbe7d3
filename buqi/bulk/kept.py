"""Answers that took long, on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from buqi.bulk.fields import Fields
from buqi.files import cache_dir, private


class KeptFields:
    """Added columns by text. Several processes may use them at once. Other users cannot read them.

    Args:
        version: of the answers; those of another version are not seen.
        folder: where they lie; the cache if not given.
    """

    def __init__(self, version: str, folder: Path | None = None) -> None:
        path = (folder or cache_dir() / "answers") / f"{version}.sqlite"
        try:
            private(path)
            self._open(str(path))
        except (OSError, sqlite3.OperationalError):  # a full disk costs time only
            self._open(":memory:")

    def _open(self, path: str) -> None:
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")  # losing it costs time only
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (text TEXT PRIMARY KEY, fields TEXT) WITHOUT ROWID")

    def get(self, texts: Sequence[str]) -> dict[str, Fields]:
        """Return what is kept of ``texts``."""
        found: dict[str, Fields] = {}
        for at in range(0, len(texts), 500):
            piece = texts[at : at + 500]
            query = f"SELECT text, fields FROM answers WHERE text IN ({','.join('?' * len(piece))})"
            found |= {text: json.loads(fields) for text, fields in self.db.execute(query, piece)}
        return found

    def put(self, fresh: dict[str, Fields]) -> None:
        """Keep ``fresh``; on a full disk it is not kept."""
        if not fresh:
            return
        rows = [(text, json.dumps(fields, ensure_ascii=False)) for text, fields in fresh.items()]
        try:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
            self.db.execute("COMMIT")
        except sqlite3.OperationalError:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
