"""What is asked of a builder of rows, and which inputs it has made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from buqi.divisions import Division
from buqi.errors import UsageError


class Inputs:
    """Inputs that were made, 64 bits of each: of 2.4 million one in six million collections loses one by chance."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def add(self, text: str) -> bool:
        """Take an input; return whether it is new."""
        before = len(self._seen)
        self._seen.add(hashlib.blake2b(text.encode(), digest_size=8).digest())
        return len(self._seen) > before


def check_kinds(counties: Sequence[Division], kinds: Sequence[str], shares: Mapping[str, float]) -> None:
    """Raise a `UsageError` where there are no counties, or a kind that is none of ``shares``."""
    if not counties:
        raise UsageError("no counties to build rows for")
    if unknown := [kind for kind in kinds if kind not in shares]:
        raise UsageError(f"damage {', '.join(unknown)}: expected some of {', '.join(shares)}")
