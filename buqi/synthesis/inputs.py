"""What builders of rows share: the check of what is asked, and the inputs that were made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from buqi.divisions import Division
from buqi.errors import UsageError


class SeenInputs:
    """Which inputs were made, by a hash of 64 bits each.

    Two of 2.4 million different inputs have the same hash once in six million collections; one of them is lost then.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def add(self, text: str) -> bool:
        """Add an input; return whether it is new."""
        before = len(self._seen)
        self._seen.add(hashlib.blake2b(text.encode(), digest_size=8).digest())
        return len(self._seen) > before


def check_kinds(counties: Sequence[Division], kinds: Sequence[str], shares: Mapping[str, float]) -> None:
    """Raise a `UsageError` where there are no counties, or a kind that is none of ``shares``."""
    if not counties:
        raise UsageError("no counties to build rows for")
    if unknown := [kind for kind in kinds if kind not in shares]:
        raise UsageError(f"damage {', '.join(unknown)}: expected some of {', '.join(shares)}")
