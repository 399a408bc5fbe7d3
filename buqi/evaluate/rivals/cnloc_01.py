"""cnloc 0.1.7. It returns no rest of the address."""

from __future__ import annotations

from typing import Any


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    import cnloc

    def read(text: str) -> tuple[Any, ...]:
        row = cnloc.getlocation([text], county_short=True).iloc[0]
        return row["province_name"], row["city_name"], row["county_name"], None

    return read
