"""Main roads that are known to lie in a city: 文一西路 in 杭州市.

Most roads of the country are not listed, and a listed road may have a namesake in a city that is not listed. So the
list says where an address may lie, never where it cannot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from buqi.divisions.stems import road_stem
from buqi.gazetteer.lists import ROADS, in_order, load_names
from buqi.indexes import Lists, kept_lists


class Roads:
    """Cities by the roads that they are known to have.

    Args:
        listed: codes of cities (or of counties without a city) and their roads; the shipped ones if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str]] | None = None) -> None:
        found: Mapping[str, Lists] = (
            kept_lists("roads", lambda: by_name(load_names(ROADS))) if listed is None else by_name(listed)
        )
        self.whole, self.akin = found["whole"], found["akin"]

    def cities(self, name: str) -> tuple[Sequence[str], bool]:
        """Return the codes of the cities that have a road, and whether it is that road or one named alike."""
        if codes := self.whole.get(name):
            return codes, True
        return self.akin.get(road_stem(name), ()), False


def by_name(listed: Iterable[tuple[str, str]]) -> dict[str, Lists]:
    """Return the codes of cities by their roads' names (``whole``), and by what roads named alike share (``akin``)."""
    whole: dict[str, set[str]] = defaultdict(set)
    akin: dict[str, set[str]] = defaultdict(set)
    for code, name in listed:
        whole[name].add(code)
        if stem := road_stem(name):
            akin[stem].add(code)
    return {"whole": in_order(whole), "akin": in_order(akin)}
