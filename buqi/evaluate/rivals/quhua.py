"""quhua-mcp 0.4.0: its engine, without the server around it. It returns no rest of the address."""

from __future__ import annotations

from typing import Any

LEVELS = ("province", "city", "county")


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    import engine

    def read(text: str) -> tuple[Any, ...]:
        found = engine.resolve(text)
        if found.get("status") != "resolve":
            return None, None, None, None
        names = dict(
            zip((level for level, code in found["codes"].items() if code), found["result"].split("-"), strict=False)
        )
        return *(names.get(level) for level in LEVELS), None

    return read
