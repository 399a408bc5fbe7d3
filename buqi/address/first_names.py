"""Names of places that tell by themselves where an address lies: 遂宁大桥桥头, 襄阳北站东广场, 塔里木大学南门.

The model has seen few addresses with such a name. Therefore it trusts these names too little. The share of names that
tell the truth was counted in full addresses, for each kind: ``data/first_names.tsv``, written by
``python -m buqi.fitting.first_names``. An answer that lies where such a name says is at least as sure as that share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from buqi.address.city_names import kind_behind, load_city_shares
from buqi.address.data_tables import table_rows
from buqi.address.evidence.base import Resources
from buqi.address.evidence.named_after import NAMED_AFTER, NAMES_OF, SHORTEST, ShortNames, first_of
from buqi.divisions.words import HAN, ZONE_KIND
from buqi.expressions import expression
from buqi.gazetteer.zones import LONGEST_ZONE

FIRST_NAMES_FILE = "first_names.tsv"
LEAST_SHARE = 0.6  # names of a kind that tells the truth more rarely are left to the model
SHORTEST_ZONE = 3  # characters of a zone's own name: 星火, 东湖 and 天宝 lie in several places
ELSEWHERE = 0.2  # the model's own choice is left only for a name that is surer by this
# Kinds of proposals that such a name decides; where names tie only a city does: 西安 before 西安区 of other cities.
OPEN_KINDS, TIED_KIND = ("bare", "zone_first", "city_only", "uncertain", "tied_towns"), "tied"

LEFT_OUT = ("home", "market", "road")  # named after places far away
NO_INSTITUTION = ("home", "road", "zone")
KINDS = {kind: pattern for kind, pattern in NAMES_OF.items() if kind not in LEFT_OUT} | {
    "temple": expression(rf"{HAN}{{0,4}}(?:寺|庙|石窟|瀑布|大峡谷|湿地|森林公园|水库|溶洞|陵园)"),
    "farm": expression(rf"{HAN}{{0,3}}(?:农场|林场|牧场|渔场|监狱)"),
}
ANY_KIND = first_of(KINDS)
# Behind the name, and in it: words of a village, road or town that only has a similar name.
OTHER_NAME = expression(r"[东南西北前后]?(?:村|路|街|镇|乡|巷|弄|大道|社区|居委|小区)")
OTHER_WITHIN = expression(r"[镇乡路街村]")
LISTED = ("university", "station", "airport", "scenic")


@dataclass(frozen=True)
class FirstName:
    """A name that tells where an address lies.

    Attributes:
        kind: as in the files: one of `KINDS`, ``listed`` with a kind of `LISTED`, or one of `city_names`.
        level: of the division that it lies in.
        code: of that division.
        common: how common the short name in it is, as `ShortNames.commonness` counts it.
    """

    kind: str
    level: str
    code: str
    common: int = 0

    def within(self, code: str) -> bool:
        """Whether a division lies where the name tells, or around it."""
        return code.startswith(self.code) or self.code.startswith(code)

    @property
    def share(self) -> float:
        """The share of such names that tell the truth."""
        known = load_shares().get((self.kind, self.level, self.common))
        return load_city_shares().get((self.kind, self.code), 0.0) if known is None else known


class FirstNames:
    """Finds the names at the front of an address that tell where it lies, and those of lists anywhere in it.

    Args:
        resources: has the short names, the lists and the table.
    """

    def __init__(self, resources: Resources) -> None:
        self.resources, self.table = resources, resources.matcher.table
        self.short = ShortNames(resources)

    def surest(self, text: str, kind: str) -> FirstName | None:
        """Return the name that tells most often, the deepest of two; ``None`` if none tells often enough.

        Args:
            text: the address.
            kind: of the proposals. Names decide nothing where it is neither one of `OPEN_KINDS` nor `TIED_KIND`.
        """
        if kind not in {TIED_KIND, *OPEN_KINDS}:
            return None
        names = self.cities(text) if kind == TIED_KIND else self.names(text)
        found = [name for name in names if name.share >= LEAST_SHARE]
        return max(found, key=lambda name: (len(name.code), name.share), default=None)

    def names(self, text: str) -> Iterator[FirstName]:
        """Yield the names in ``text`` that lie in one place."""
        for place in self.resources.listed_places.find(text):
            if len(place.codes) == 1 and place.kind in LISTED:
                kind = f"listed {place.kind}{' alone' * place.alone}{' behind' * (place.at > 0)}"
                yield self._listed(kind, place.codes[0])
        yield from self._zones(text)
        if name := self.short.at(text, 0):
            yield from self._named_after(text, name)
            yield from self._city(text, name)

    def begins_with_institution(self, text: str) -> bool:
        """Whether a text begins with a listed university or station, or with works or an office of a place's name."""
        if self.resources.listed_places.first(text) == 0:
            return True
        name = self.short.at(text, 0)
        found = NAMED_AFTER.match(text, len(name)) if name else None
        return found is not None and found.lastgroup not in NO_INSTITUTION

    def _zones(self, text: str) -> Iterator[FirstName]:
        zones = self.resources.zones
        for length in range(min(zones.reach.get(text[:SHORTEST], 0), LONGEST_ZONE), SHORTEST_ZONE - 1, -1):
            codes = zones.by_name.get(text[:length], ())
            if codes and ZONE_KIND.match(text, length):
                if len(codes) == 1:
                    yield self._listed("listed zone", codes[0])
                return

    def cities(self, text: str) -> Iterator[FirstName]:
        """Yield the city whose short name ``text`` begins with, where a road or zone of its own name follows."""
        if name := self.short.at(text, 0):
            yield from self._city(text, name)

    def _city(self, text: str, name: str) -> Iterator[FirstName]:
        levels = self.short.by_name[name]
        cities = levels.get("city", ())
        if "province" in levels or len(cities) != 1 or text.startswith("苏州河"):  # 吉林 is first of all the province
            return
        kind = kind_behind(text, len(name))
        if kind and self.table.by_code[cities[0]].name.endswith("市"):  # 红河 may be 红河县
            yield FirstName(kind, "city", cities[0])

    def _listed(self, kind: str, code: str) -> FirstName:
        return FirstName(kind, self.table.by_code[code].level, code)

    def _named_after(self, text: str, name: str) -> Iterator[FirstName]:
        kind, end = name_kind(text, len(name))
        if not kind or OTHER_NAME.match(text, end) or OTHER_WITHIN.search(text, len(name), end):
            return
        levels = self.short.by_name[name]
        city = next(iter(levels.get("city", ())), "")
        of_city = bool(city) and self.table.by_code[city].name.endswith("市")  # 湘潭大学 is not 湘潭县's
        around = next(iter(levels.get("province", ())), "")  # 海南大学 is not in 海南区 of another province
        for level, codes in levels.items():
            if level == "county" and of_city and codes[0].startswith(city):
                continue
            if level != "province" and not codes[0].startswith(around):
                continue
            if len(codes) == 1 and level != "province":  # 上海庙, 河南寨 and 广东工业园 are elsewhere
                yield FirstName(kind, level, codes[0], self.short.commonness(name))


def name_kind(text: str, start: int) -> tuple[str, int]:
    """Return the kind of place whose name goes on at ``start``, and where it ends; ``("", start)`` if none does."""
    found = ANY_KIND.match(text, start)
    return (found.lastgroup or "", found.end()) if found else ("", start)


def with_share_inside(p: NDArray[np.float64], inside: NDArray[np.int64], share: float) -> NDArray[np.float64] | None:
    """Return the probabilities of the counties, raised so that those ``inside`` have at least ``share`` together.

    Args:
        p: (counties,) without the name; what is missing to 1 is no place at all.
        inside: numbers of the counties under the division where the name says that the address lies.
        share: how many of such names tell the truth.

    Returns:
        (counties,); ``None`` where another place is about as likely as the name is to tell the truth.
    """
    within = p[inside].sum()
    outside = p.copy()
    outside[inside] = 0.0
    if outside.max() > max(within, share - ELSEWHERE):
        return None
    if within >= share:
        return p
    found: NDArray[np.float64] = outside * ((1.0 - share) / (1.0 - within))
    found[inside] = p[inside] * (share / within) if within > 0 else share / len(inside)
    return found


@lru_cache(maxsize=1)
def load_shares() -> dict[tuple[str, str, int], float]:
    """Return the share of such names that tell the truth, by kind, level and how common the name is."""
    _, rows = table_rows(FIRST_NAMES_FILE)
    return {(kind, level, int(common)): float(share) for kind, level, common, share, _ in rows}
