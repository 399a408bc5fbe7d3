"""API keys: a file of their hashes, which may change while the service runs."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from pathlib import Path

from buqi.encoding import read_text
from buqi.errors import UsageError

LOOK_AGAIN_SECONDS = 1.0  # between two looks whether the file of keys changed
SHA256 = re.compile("[0-9a-f]{64}")
log = logging.getLogger("buqi.serve")


class Keys:
    """API keys, of which only SHA-256 hashes are kept: lines of ``name hash``. A changed file is read again.

    Raises:
        UsageError: the file is missing, a line is not of that form, or two have one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state, self.looked = _state(path), time.monotonic()
        self.hashes = _hashes(path)

    def owner(self, key: str) -> str | None:
        """Return whose key this is. Every hash is compared, in constant time, whichever fits."""
        if time.monotonic() - self.looked >= LOOK_AGAIN_SECONDS:
            self._look()
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        fitting = [name for name, known in self.hashes.items() if hmac.compare_digest(digest, known)]
        return fitting[-1] if fitting else None

    def _look(self) -> None:
        """Read the file if it changed; one that is missing or broken changes nothing, and the log says so."""
        state, self.looked = _state(self.path), time.monotonic()
        if state == self.state:
            return
        self.state = state
        try:
            self.hashes = _hashes(self.path)
        except UsageError as error:
            log.warning(json.dumps({"keys": f"{error}; the keys read before stay"}, ensure_ascii=False))

    @staticmethod
    def new(path: Path, name: str) -> str:
        """Append a fresh key's hash to the file and return the key; it is shown once and never again.

        Raises:
            UsageError: the name has spaces or begins with # as comments do, or the file has it already.
        """
        if not name or name.startswith("#") or any(character.isspace() for character in name):
            raise UsageError(f"--new_key {name!r}: expected a name without spaces that does not begin with #")
        if path.exists() and name in _hashes(path):
            there = f"--new_key {name}: {path} has a key of this name"
            raise UsageError(f"{there}; to replace it, delete its line there first")
        key = "buqi-" + secrets.token_urlsafe(32)
        path.parent.mkdir(parents=True, exist_ok=True)
        last = path.read_bytes()[-1:] if path.exists() else b""
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * (last not in (b"", b"\n")) + f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n")
        path.chmod(0o600)
        return key


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what changes when a file is written; ``None`` if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hashes(path: Path) -> dict[str, str]:
    """Return the hashes of a file of keys by name."""
    if not path.exists():
        raise UsageError(f"{path}: no such file; --new_key NAME makes it with a key")
    hashes: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, digest = line.strip().partition(" ")
        if not SHA256.fullmatch(digest := digest.lower()):
            raise UsageError(f"{path}:{number}: expected a name and a SHA-256 hash (buqi serve --new_key NAME)")
        if name in hashes:
            raise UsageError(f"{path}:{number}: a second key of the name {name}; delete the line that is not in use")
        hashes[name] = digest
    return hashes
