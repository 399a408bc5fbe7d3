"""Answers that took long, on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from buqi.bulk.fields import Fields
from buqi.files import cache_dir


class KeptFields:
    """Added columns by text. Several processes may use them at once.

    Args:
        version: of the answers; those of another version are not seen.
    """

    def __init__(self, version: str) -> None:
        folder = cache_dir() / "answers"
        folder.mkdir(exist_ok=True)
        self.db = sqlite3.connect(folder / f"{version}.sqlite", timeout=60, isolation_level=None)
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
        """Keep ``fresh``."""
        if not fresh:
            return
        rows = [(text, json.dumps(fields, ensure_ascii=False)) for text, fields in fresh.items()]
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
        self.db.execute("COMMIT")
