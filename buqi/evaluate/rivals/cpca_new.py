"""cpca-new 0.1.2."""

from __future__ import annotations

from typing import Any


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    import cpca_new

    def read(text: str) -> tuple[Any, ...]:
        row = cpca_new.transform([text]).iloc[0]
        return row["省"], row["市"], row["区"], row["地址"]

    return read
