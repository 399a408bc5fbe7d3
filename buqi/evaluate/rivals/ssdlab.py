"""ssdlab-region-parser 0.2.1. It returns no rest of the address."""

from __future__ import annotations

from typing import Any


def load() -> Any:
    """Return a function from an address to (province, city, county, rest)."""
    from ssdlab_region_parser import CN_RegionParser

    parser = CN_RegionParser()

    def read(text: str) -> tuple[Any, ...]:
        found = parser.parse(text)
        return found.province_name, found.city_name, found.county_name, None

    return read
