"""jionlp 1.5.31: parse_location."""

from __future__ import annotations

from typing import Any


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    import jionlp

    def read(text: str) -> tuple[Any, ...]:
        found = jionlp.parse_location(text)
        return found["province"], found["city"], found["county"], found["detail"]

    return read
