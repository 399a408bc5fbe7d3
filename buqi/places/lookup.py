"""Where a place name has been seen, and where lists know it to lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buqi.divisions import load_table
from buqi.gazetteer.lists import cities_of
from buqi.places.memory import load_memory


def look_up(name: str, memory: Path | None = None) -> list[dict[str, Any]]:
    """Return the places of a name: those of the memory with how often it was seen there, then cities by the lists.

    Args:
        name: of a road, an estate, a village.
        memory: folder of ``buqi places``; the default one if not given.

    Raises:
        BuqiError: the memory is broken.
    """
    table = load_table()
    seen = [(table.path(town or county).full, count) for county, town, count in load_memory(memory).seen(name)]
    listed = [table.path(code).full for code in cities_of(name)]
    return [{"place": p, "count": c} for p, c in seen] + [{"place": p, "count": 0, "list": True} for p in listed]
