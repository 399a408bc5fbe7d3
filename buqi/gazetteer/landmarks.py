"""Universities, works, markets and parts of cities that are known to lie in a city: 五角场 in 上海市.

A landmark may have a namesake in a city that is not listed. So it says where an address may lie, never where it cannot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from buqi.divisions.words import PLACE_NAMED_AFTER
from buqi.gazetteer.lists import LANDMARKS, load_names, reach_of

LANDMARK_WITHIN = 16  # a landmark that begins further back says nothing
SHORT_LANDMARK, LONGEST_LANDMARK = 2, 14


class Landmarks:
    """Cities by the landmarks that they are known to have.

    Args:
        listed: codes of cities and their landmarks; the shipped ones if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str]] | None = None) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for code, name in load_names(LANDMARKS) if listed is None else listed:
            found[name].add(code)
        self.names = {name: tuple(sorted(codes)) for name, codes in found.items()}
        self.reach = reach_of(self.names)

    def cities(self, text: str) -> tuple[str, ...]:
        """Return the codes of the cities that have the first landmark in ``text``; none if there is no landmark.

        Where several begin at one place, the longest counts. A name of two characters is only read at the front, and
        not where a road or village is named after it.
        """
        for at in range(min(len(text), LANDMARK_WITHIN)):
            if text[at : at + 2] not in self.reach:
                continue
            longest = min(self.reach[text[at : at + 2]], LONGEST_LANDMARK, len(text) - at)
            for length in range(longest, SHORT_LANDMARK if at else SHORT_LANDMARK - 1, -1):
                end = at + length
                codes = self.names.get(text[at:end])
                if codes and (length > SHORT_LANDMARK or not PLACE_NAMED_AFTER.match(text, end)):
                    return codes
        return ()


@lru_cache(maxsize=1)
def load_landmarks() -> Landmarks:
    """Return the landmarks of the shipped list."""
    return Landmarks()
