"""Characters that sound or look alike, and traditional characters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache

from opencc import OpenCC

from buqi.divisions.sounds import readings, shapes, sound


@cache
def common_characters() -> tuple[str, ...]:
    """Return GB 2312's first level: the 3,755 commonest characters."""
    cells = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    return tuple(filter(None, cells))


@cache
def homophones() -> dict[str, tuple[str, ...]]:
    """Return, for each common character, the common characters of the same sound (tone apart; pypinyin, MIT)."""
    return _alike(lambda c: readings(c)[0])


@cache
def near_sounds() -> dict[str, tuple[str, ...]]:
    """Return, for each common character, the common ones of a similar sound (zh and z, n and l), not of the same."""
    same = homophones()
    return {c: tuple(o for o in others if o not in same.get(c, ())) for c, others in _alike(sound).items()}


@cache
def lookalikes() -> dict[str, tuple[str, ...]]:
    """Return, for each character of place names, the common characters that look like it."""
    common = frozenset(common_characters())
    return {c: found for c, others in shapes().items() if (found := tuple(o for o in others if o in common))}


def _alike(key: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    """Return, for each common character, the others with the same key."""
    groups: dict[str, list[str]] = defaultdict(list)
    for character in common_characters():
        groups[key(character)].append(character)
    return {c: tuple(o for o in group if o != c) for group in groups.values() for c in group}


_converter = cache(OpenCC)


def traditional(text: str, standard: str = "s2t") -> str:
    """Return ``text`` in traditional characters (OpenCC, Apache-2.0): ``s2tw`` of Taiwan, ``s2hk`` of Hong Kong."""
    return str(_converter(standard).convert(text))
