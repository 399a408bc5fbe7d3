"""addressparser 0.2.4."""

from __future__ import annotations

from typing import Any


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    import addressparser

    def read(text: str) -> tuple[Any, ...]:
        row = addressparser.transform([text]).iloc[0]
        return row["省"], row["市"], row["区"], row["地名"]

    return read
