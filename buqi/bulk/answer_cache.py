"""A cache of answers on disk, from which an address can be read only by someone who already has it."""

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
QUERY_TEXTS = 500  # texts that one query asks for


class AnswerCache:
    """Added columns by text. Several processes may use it at once. Other users cannot read its files.

    A row holds a keyed hash of the text, and the columns encrypted with a stream of bytes (SHAKE256 of key and text).
    Whoever has the text and the folder can read them.

    Where the disk cannot be used, the answers are kept in memory: a full disk or a damaged file costs only time.

    Args:
        version: of the answers; those of another version are not seen.
        folder: where the files lie; ``answers`` in buqi's cache if not given.
    """

    def __init__(self, version: str, folder: Path | None = None) -> None:
        try:
            folder = folder or cache_dir() / "answers"
            self.key = _key(folder / KEY) + version.encode()
            private(folder / f"{version}.sqlite")
            self._open(str(folder / f"{version}.sqlite"))
        except (OSError, RuntimeError, sqlite3.Error):  # a full disk, no home folder, a damaged file
            self._use_memory()

    def _use_memory(self) -> None:
        self.key = os.urandom(KEY_BYTES)
        self._open(":memory:")

    def _open(self, path: str) -> None:
        self.db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")  # a lost answer costs only time
        self.db.execute("CREATE TABLE IF NOT EXISTS answers (hash BLOB PRIMARY KEY, fields BLOB) WITHOUT ROWID")

    def get(self, texts: Sequence[str]) -> dict[str, Fields]:
        """Return the columns of those ``texts`` that are in the cache."""
        found: dict[str, Fields] = {}
        for at in range(0, len(texts), QUERY_TEXTS):
            by_hash = {self._hash(text): text for text in texts[at : at + QUERY_TEXTS]}
            query = f"SELECT hash, fields FROM answers WHERE hash IN ({','.join('?' * len(by_hash))})"
            try:
                for digest, fields in self.db.execute(query, list(by_hash)).fetchall():
                    found[by_hash[digest]] = json.loads(self._encrypted(by_hash[digest], fields))
            except (sqlite3.Error, ValueError, TypeError):  # damaged on disk: computed again
                self._use_memory()
                return {}
        return found

    def put(self, fresh: dict[str, Fields]) -> None:
        """Add the columns of texts. What is there already stays; on a full disk nothing is added."""
        if not fresh:
            return
        rows = [(self._hash(t), self._encrypted(t, json.dumps(fields).encode())) for t, fields in fresh.items()]
        try:
            self.db.execute("BEGIN IMMEDIATE")
            self.db.executemany("INSERT OR IGNORE INTO answers VALUES (?, ?)", rows)
            self.db.execute("COMMIT")
        except sqlite3.Error:
            with suppress(sqlite3.Error):
                self.db.execute("ROLLBACK")

    def _hash(self, text: str) -> bytes:
        return self._shake(b"hash", text, 16)

    def _encrypted(self, text: str, data: bytes) -> bytes:
        """Return data XOR the text's stream of bytes; done twice, it is the data again."""
        stream = self._shake(b"data", text, len(data))
        return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")

    def _shake(self, purpose: bytes, text: str, length: int) -> bytes:
        return hashlib.shake_256(purpose + self.key + text.encode("utf-8", "surrogatepass")).digest(length)


def _key(path: Path) -> bytes:
    """Return the folder's key, which is made once. Where two processes make one, the last counts."""
    if not path.is_file() or path.stat().st_size != KEY_BYTES:
        private(path)
        with whole_file(path) as draft:
            private(draft)
            draft.write_bytes(os.urandom(KEY_BYTES))
    return path.read_bytes()
