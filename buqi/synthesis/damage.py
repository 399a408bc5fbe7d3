"""How people write addresses: what is left out, shortened or mistyped. The inverse of completing them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from buqi.divisions import DivisionPath
from buqi.divisions.names import short_name
from buqi.synthesis.confusions import former_names, homophones, lookalikes, near_sounds, traditional, unique_names

# Shares in real rows: 75.1 % begin with the full county, 7.8 % with the city before a road, 3.0 % with an abolished
# county, 2.5 % with a short county, 1.8 % with the town (151,846 registered addresses). Typing errors and ways of
# writing were not counted there. Rare kinds are raised to 1 to 6 %, so that a few hundred rows hold some of each to
# learn from; the rest keep their proportion.
SHARES = {
    "prefix_missing": 0.62,
    "city_first": 0.07,
    "county_short": 0.06,
    "town_first": 0.06,
    "typo": 0.05,
    "former": 0.03,
    "city_skipped": 0.01,
    "city_short": 0.02,
    "repeated": 0.01,
    "separated": 0.02,
    "full_width": 0.01,
    "traditional": 0.01,
    "near_sound": 0.01,
    "lookalike": 0.01,
    "missing": 0.005,
    "doubled": 0.0025,
    "swapped": 0.0025,
}


@dataclass(frozen=True)
class FullAddress:
    """A whole address: divisions from the province down, and what stands behind them."""

    path: DivisionPath
    detail: str

    @property
    def text(self) -> str:
        """The address written out."""
        return self.path.full + self.detail

    @property
    def tail(self) -> str:
        """What follows the county."""
        return self.path.name("town") + self.detail


def prefix_missing(address: FullAddress, rng: random.Random) -> str | None:
    """County first: 碑林区…. Only for a county whose name is unique; otherwise nobody could complete it."""
    county = address.path.name("county")
    return county + address.tail if county in unique_names()["county"] else None


def county_short(address: FullAddress, rng: random.Random) -> str | None:
    """County first, without its suffix: 扶风法门镇…."""
    county = address.path.name("county")
    short = short_name(county)
    return short + address.tail if short != county and short in unique_names()["county_short"] else None


def town_first(address: FullAddress, rng: random.Random) -> str | None:
    """Town first: 法门镇…. Only for a town whose name is unique in the country."""
    town = address.path.name("town")
    return address.tail if town and town in unique_names()["town"] else None


def city_first(address: FullAddress, rng: random.Random) -> str | None:
    """Province missing: 西安市碑林区…."""
    city = address.path.name("city")
    return city + address.path.name("county") + address.tail if city else None


def typo(address: FullAddress, rng: random.Random) -> str | None:
    """One character of the county replaced by one that sounds the same: 碑林区 → 杯林区."""
    return _replaced(address, homophones(), rng)


def near_sound(address: FullAddress, rng: random.Random) -> str | None:
    """One character of the county replaced by one of a near sound (zh/z, n/l, in/ing, f/h): 碑林区 → 碑宁区."""
    return _replaced(address, near_sounds(), rng)


def lookalike(address: FullAddress, rng: random.Random) -> str | None:
    """One character of the county replaced by one that looks alike: 七星区 → 七春区."""
    return _replaced(address, lookalikes(), rng)


def _replaced(address: FullAddress, others: Mapping[str, Sequence[str]], rng: random.Random) -> str | None:
    county = address.path.name("county")
    places = [i for i in range(len(short_name(county))) if others.get(county[i])]
    if not places:
        return None
    at = rng.choice(places)
    return _mistyped(address, county[:at] + rng.choice(others[county[at]]) + county[at + 1 :])


def missing(address: FullAddress, rng: random.Random) -> str | None:
    """One character of a county of four or more left out: 乌鲁木齐县 → 乌木齐县."""
    county = address.path.name("county")
    if len(county) < 4:
        return None
    at = rng.randrange(len(short_name(county)))
    return _mistyped(address, county[:at] + county[at + 1 :])


def doubled(address: FullAddress, rng: random.Random) -> str | None:
    """One character of the county typed twice: 碑碑林区."""
    county = address.path.name("county")
    if not county:
        return None
    at = rng.randrange(len(county))
    return _mistyped(address, county[: at + 1] + county[at:])


def swapped(address: FullAddress, rng: random.Random) -> str | None:
    """Two neighbouring characters of the county exchanged: 林碑区."""
    county = address.path.name("county")
    if len(county) < 3:
        return None
    at = rng.randrange(len(short_name(county)) - 1)
    return _mistyped(address, county[:at] + county[at + 1] + county[at] + county[at + 2 :])


def _mistyped(address: FullAddress, wrong: str) -> str | None:
    """Return the address with a mistyped county, unless nobody could tell what is meant."""
    unique = unique_names()["county"]
    return wrong + address.tail if address.path.name("county") in unique and wrong not in unique else None


def former(address: FullAddress, rng: random.Random) -> str | None:
    """A name that the county no longer has: 临安市锦北街道…."""
    deepest = address.path.divisions[-1] if not address.path.name("town") else address.path.divisions[-2]
    names = former_names().get(deepest.code, ())
    return rng.choice(names) + address.tail if names and deepest.level == "county" else None


def city_short(address: FullAddress, rng: random.Random) -> str | None:
    """Province missing, the city without its suffix: 西安碑林区…."""
    city = address.path.name("city")
    return short_name(city) + address.path.name("county") + address.tail if city else None


def city_skipped(address: FullAddress, rng: random.Random) -> str | None:
    """Province and county, no city between: 陕西省碑林区…."""
    county = address.path.name("county")
    return address.path.name("province") + county + address.tail if county and address.path.name("city") else None


def repeated(address: FullAddress, rng: random.Random) -> str | None:
    """The beginning written twice, as forms do that ask for it in two fields."""
    city, county = address.path.name("city"), address.path.name("county")
    return city + county + address.path.full + address.detail if city and county else None


def separated(address: FullAddress, rng: random.Random) -> str | None:
    """Levels divided by spaces, commas or strokes, from the city or county on."""
    names = [d.name for d in address.path.divisions if d.level != "province"]
    return rng.choice((" ", "，", "/", "-", "  ")).join([*names, address.detail]) if len(names) > 1 else None


def full_width(address: FullAddress, rng: random.Random) -> str | None:
    """Digits and letters as wide as characters: ４６７号."""
    base = prefix_missing(address, rng) or city_first(address, rng)
    wide = base.translate(WIDE) if base else None
    return wide if wide != base else None


def in_traditional(address: FullAddress, rng: random.Random) -> str | None:
    """Traditional characters in the names of divisions: 西安市碑林區. What follows them stays as it is."""
    base = city_first(address, rng)
    return traditional(base.removesuffix(address.detail)) + address.detail if base else None


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


DAMAGES: dict[str, Callable[[FullAddress, random.Random], str | None]] = {
    "prefix_missing": prefix_missing,
    "city_first": city_first,
    "county_short": county_short,
    "town_first": town_first,
    "typo": typo,
    "former": former,
    "city_skipped": city_skipped,
    "city_short": city_short,
    "repeated": repeated,
    "separated": separated,
    "full_width": full_width,
    "traditional": in_traditional,
    "near_sound": near_sound,
    "lookalike": lookalike,
    "missing": missing,
    "doubled": doubled,
    "swapped": swapped,
}


def draw_kind(rng: random.Random, shares: dict[str, float] = SHARES) -> str:
    """Return a kind of damage, drawn by ``shares``."""
    return rng.choices(list(shares), weights=list(shares.values()))[0]


@dataclass(frozen=True)
class Damaged:
    """What was done to an address, the text that is left, and the answer that restores it."""

    kind: str
    text: str
    answer: str


def damage(address: FullAddress, kind: str, rng: random.Random) -> Damaged:
    """Return a damaged address. Where ``kind`` could not be undone for this address, a lighter one is done."""
    for lighter in (kind, "prefix_missing", "city_first"):
        text = DAMAGES[lighter](address, rng)
        if text is not None:
            # The end of the answer is the input's own: wide digits stay wide.
            detail = address.detail.translate(WIDE) if lighter == "full_width" else address.detail
            return Damaged(lighter, text, address.path.full + detail)
    return Damaged("none", address.text, address.text)
