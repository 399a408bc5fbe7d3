"""Main roads that are known to lie in a city: 文一西路 in 杭州市.

Most roads of the country are not among them, and one of them may have a namesake in a city that is not listed. They say
where an address may lie, never where it cannot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from buqi.divisions.stems import road_stem
from buqi.gazetteer.lists import ROADS, load_names


class Roads:
    """Cities by the roads that they are known to have.

    Args:
        listed: codes of cities (or of counties without a city) and their roads; the shipped ones if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str]] | None = None) -> None:
        whole: dict[str, set[str]] = defaultdict(set)
        akin: dict[str, set[str]] = defaultdict(set)
        for code, name in load_names(ROADS) if listed is None else listed:
            whole[name].add(code)
            if stem := road_stem(name):
                akin[stem].add(code)
        self.whole = {name: tuple(sorted(codes)) for name, codes in whole.items()}
        self.akin = {name: tuple(sorted(codes)) for name, codes in akin.items()}

    def cities(self, name: str) -> tuple[tuple[str, ...], bool]:
        """Return the codes of the cities that have a road, and whether it is that road itself or one named alike."""
        if codes := self.whole.get(name):
            return codes, True
        return self.akin.get(road_stem(name), ()), False
