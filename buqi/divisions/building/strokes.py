"""Which characters look like those of names: by a list of look-alikes, and by the order of their strokes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

FEWEST = 4  # strokes of a character that is compared by them
# The 6,763 characters of GB 2312: what people type.
_ROWS, _CELLS = range(0xB0, 0xF8), range(0xA1, 0xFF)
COMMON = frozenset(bytes((row, cell)).decode("gb2312", "ignore") for row in _ROWS for cell in _CELLS)


def look_alikes(names: Iterable[str], groups: Iterable[str], strokes: Mapping[str, str]) -> dict[str, str]:
    """Return for each character of names the common ones that look like it.

    Args:
        names: of divisions.
        groups: characters that look alike, a text each.
        strokes: the order of a character's strokes: h, s, p, n and z, a letter each. One stroke more, less or of
            another kind makes a look-alike.
    """
    meant = sorted({character for name in names for character in name})
    alike: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for character in group:
            alike[character].update(COMMON.intersection(group) - {character})
    by_length: dict[int, list[str]] = defaultdict(list)
    for character in sorted(COMMON & strokes.keys()):
        by_length[len(strokes[character])].append(character)
    for character in meant:
        own = strokes.get(character, "")
        for length in range(len(own) - 1, len(own) + 2):
            alike[character].update(other for other in by_length[length] if _is_one_apart(own, strokes[other]))
    return {character: "".join(sorted(alike[character])) for character in meant if alike[character]}


def _is_one_apart(one: str, other: str) -> bool:
    """Whether two orders of strokes differ in one stroke."""
    if one == other or min(len(one), len(other)) < FEWEST:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[at + 1 :] == other[at + 1 :] or one[at + 1 :] == other[at:] or one[at:] == other[at + 1 :]
