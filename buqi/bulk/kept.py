"""Answers that took long, on disk, so that nobody can read an address there who does not have it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from buqi.bulk.fields import Fields
from buqi.files import cache_dir, private, whole_file

KEY = "key"
KEY_BYTES = 32


class KeptFields:
    """Added columns by text. Several processes may use them at once. Other users cannot read them.

    A row has a keyed hash of its text, and the columns under a stream of bytes made of the key and the text (SHAKE256),
    so they can be read by whoever has the text and the folder.

    Args:
        version: of the answers; those of another version are not seen.
        folder: where they lie; the cache if not given.
    """

    def __init__(self, version: str, folder: Path | None = None) -> None:
        try:
            folder = folder or cache_dir() / "answers"
            self.key = _key(folder / KEY) + version.encode()
            private(folder / f"{version}.sqlite")
            self._open(str(folder / f"{version}.sqlite"))
        except (OSError, RuntimeError, sqlite3.Error):  # a full disk, no home, a damaged file cost time only
            self._forget()

    def _forget(self) -> None:
        """Keep answers in memory from here on."""
        self.key = os.urandom(KEY_BYTES)
        self._open(":memory:")

    def _open(self, path: str) -> None:
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")  # losing it costs time only
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (hash BLOB PRIMARY KEY, fields BLOB) WITHOUT ROWID")

    def get(self, texts: Sequence[str]) -> dict[str, Fields]:
        """Return what is kept of ``texts``."""
        found: dict[str, Fields] = {}
        for at in range(0, len(texts), 500):
            piece = {self._hash(text): text for text in texts[at : at + 500]}
            query = f"SELECT hash, fields FROM answers WHERE hash IN ({','.join('?' * len(piece))})"
            try:
                for digest, fields in self.db.execute(query, list(piece)).fetchall():
                    found[piece[digest]] = json.loads(self._covered(piece[digest], fields))
            except (sqlite3.Error, ValueError, TypeError):  # damaged on disk: computed again
                self._forget()
                return {}
        return found

    def put(self, fresh: dict[str, Fields]) -> None:
        """Keep ``fresh``; on a full disk it is not kept."""
        if not fresh:
            return
        rows = [(self._hash(t), self._covered(t, json.dumps(fields).encode())) for t, fields in fresh.items()]
        try:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
            self.db.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")

    def _hash(self, text: str) -> bytes:
        return hashlib.shake_256(b"hash" + self.key + text.encode("utf-8", "surrogatepass")).digest(16)

    def _covered(self, text: str, data: bytes) -> bytes:
        """Return data under its text's stream of bytes; done twice, it is the data again."""
        stream = hashlib.shake_256(b"data" + self.key + text.encode("utf-8", "surrogatepass")).digest(len(data))
        return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


def _key(path: Path) -> bytes:
    """Return the folder's key, which is made once. Where two processes make one, the last counts."""
    if not path.is_file() or path.stat().st_size != KEY_BYTES:
        private(path)
        with whole_file(path) as draft:
            private(draft)
            draft.write_bytes(os.urandom(KEY_BYTES))
    return path.read_bytes()
