"""Short names of divisions, and characters that sound alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import lru_cache

from buqi.divisions import load_table
from buqi.divisions.names import short_name

@lru_cache(maxsize=1)
def unique_names() -> dict[str, frozenset[str]]:
    """Return the names that mean one division in the whole country, by level (``county_short`` for short names)."""
    table = load_table()
    counts: dict[str, Counter[str]] = {
        "county": Counter(d.name for d in table.at("county")),
        "town": Counter(d.name for d in table.at("town")),
        "county_short": Counter(short_name(d.name) for level in ("city", "county") for d in table.at(level)),
    }
    return {level: frozenset(name for name, n in counter.items() if n == 1) for level, counter in counts.items()}


@lru_cache(maxsize=1)
def homophones() -> dict[str, tuple[str, ...]]:
    """Return, for each common character, the common characters of the same sound (tone apart).

    Common means GB 2312's first level (3,755 characters); sounds are pypinyin's first reading (MIT).
    """
    from pypinyin import Style, pinyin

    common = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    groups: dict[str, list[str]] = defaultdict(list)
    for character in filter(None, common):
        groups[pinyin(character, style=Style.NORMAL)[0][0]].append(character)
    return {c: tuple(o for o in group if o != c) for group in groups.values() for c in group}
