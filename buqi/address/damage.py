"""How people write addresses: what is left out, shortened or mistyped. The inverse of completing them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from buqi.address.names import homophones, short_name, unique_names
from buqi.divisions import DivisionPath

# Shares in real rows: 75.1 % begin with the full county, 7.8 % with the city before a road, 2.5 % with a short county,
# 1.8 % with the town (151,846 registered addresses). Typing errors were not counted there. Each rare kind is raised to
# 6 %, so that a few hundred rows hold enough of it to learn from; the rest keep their proportion.
SHARES = {"prefix_missing": 0.74, "city_first": 0.08, "county_short": 0.06, "town_first": 0.06, "typo": 0.06}


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
    county = address.path.name("county")
    places = [i for i in range(len(short_name(county))) if homophones().get(county[i])]
    if county not in unique_names()["county"] or not places:
        return None
    at = rng.choice(places)
    wrong = county[:at] + rng.choice(homophones()[county[at]]) + county[at + 1 :]
    return wrong + address.tail if wrong not in unique_names()["county"] else None


KINDS: dict[str, Callable[[FullAddress, random.Random], str | None]] = {
    "prefix_missing": prefix_missing,
    "city_first": city_first,
    "county_short": county_short,
    "town_first": town_first,
    "typo": typo,
}


def draw_kind(rng: random.Random, shares: dict[str, float] = SHARES) -> str:
    """Return a kind of damage, drawn by ``shares``."""
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def damage(address: FullAddress, kind: str, rng: random.Random) -> tuple[str, str]:
    """Return (kind, damaged text). Where ``kind`` could not be undone for this address, a lighter one is done."""
    for lighter in (kind, "prefix_missing", "city_first"):
        text = KINDS[lighter](address, rng)
        if text is not None:
            return lighter, text
    return "none", address.text
