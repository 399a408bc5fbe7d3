"""How people write addresses: what is left out, shortened or mistyped. The inverse of completing them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from buqi.divisions import DivisionPath
from buqi.divisions.level_names import LevelNames
from buqi.divisions.names import short_name
from buqi.synthesis.characters import homophones, lookalikes, near_sounds, traditional
from buqi.synthesis.shares import OF_REGION
from buqi.synthesis.unambiguous import former_names, may_mean_others, unique_names

WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@dataclass(frozen=True)
class FullAddress(LevelNames):
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
        return self.town + self.detail


Damage = Callable[[FullAddress, random.Random], str | None]  # None: it cannot be done, or not be undone


def prefix_missing(address: FullAddress, rng: random.Random) -> str | None:
    """County first: 碑林区…. Only for a county whose name is unique; otherwise nobody could complete it."""
    return address.county + address.tail if address.county in unique_names()["county"] else None


def county_short(address: FullAddress, rng: random.Random) -> str | None:
    """County first, without its suffix: 扶风法门镇…."""
    short = short_name(address.county)
    return short + address.tail if short != address.county and short in unique_names()["county_short"] else None


def town_first(address: FullAddress, rng: random.Random) -> str | None:
    """Town first: 法门镇…. Only for a town whose name is unique in the country."""
    return address.tail if address.town in unique_names()["town"] else None


def city_first(address: FullAddress, rng: random.Random) -> str | None:
    """Province missing: 西安市碑林区…."""
    return address.city + address.county + address.tail if address.city else None


def city_short(address: FullAddress, rng: random.Random) -> str | None:
    """Province missing, the city without its suffix: 西安碑林区…."""
    return short_name(address.city) + address.county + address.tail if address.city else None


def city_skipped(address: FullAddress, rng: random.Random) -> str | None:
    """Province and county, no city between: 陕西省碑林区…."""
    both = address.city and address.county
    return address.province + address.county + address.tail if both else None


def former(address: FullAddress, rng: random.Random) -> str | None:
    """A name that the county no longer has: 临安市锦北街道…."""
    names = former_names().get(address.path.codes.get("county", ""))
    return rng.choice(names) + address.tail if names else None


def repeated(address: FullAddress, rng: random.Random) -> str | None:
    """The beginning written twice, as forms do that ask for it in two fields."""
    return address.city + address.county + address.text if address.city and address.county else None


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


def missing(county: str, rng: random.Random) -> str:
    """One character of a county of four or more left out: 乌鲁木齐县 → 乌木齐县."""
    at = rng.randrange(len(short_name(county))) if len(county) > 3 else len(county)
    return county[:at] + county[at + 1 :]


def doubled(county: str, rng: random.Random) -> str:
    """One character of the county typed twice: 碑碑林区."""
    at = rng.randrange(len(county))
    return county[: at + 1] + county[at:]


def swapped(county: str, rng: random.Random) -> str:
    """Two neighbouring characters of the county exchanged: 林碑区."""
    at = rng.randrange(len(short_name(county)) - 1) if len(county) > 2 else len(county)
    return county[:at] + county[at + 1 : at + 2] + county[at : at + 1] + county[at + 2 :]


def _replacing(alike: Callable[[], Mapping[str, Sequence[str]]]) -> Callable[[str, random.Random], str]:
    """Return what replaces one character of a county by one that is ``alike``."""

    def replaced(county: str, rng: random.Random) -> str:
        others = alike()
        places = [i for i in range(len(short_name(county))) if others.get(county[i])]
        at = rng.choice(places) if places else len(county)
        return county[:at] + rng.choice(others[county[at]]) + county[at + 1 :] if places else county

    return replaced


def _mistyping(written: Callable[[str, random.Random], str]) -> Damage:
    """Return what writes the county so, unless nobody could tell what is meant."""

    def mistyped(address: FullAddress, rng: random.Random) -> str | None:
        wrong = written(address.county, rng) if address.county else ""
        if wrong == address.county or address.county not in unique_names()["county"]:
            return None
        return None if may_mean_others(wrong, address.county) else wrong + address.tail

    return mistyped


DAMAGES: dict[str, Damage] = {
    "prefix_missing": prefix_missing,
    "city_first": city_first,
    "county_short": county_short,
    "town_first": town_first,
    "typo": _mistyping(_replacing(homophones)),  # 陇西县 → 陇熙县
    "former": former,
    "city_skipped": city_skipped,
    "city_short": city_short,
    "repeated": repeated,
    "separated": separated,
    "full_width": full_width,
    "traditional": in_traditional,
    "near_sound": _mistyping(_replacing(near_sounds)),  # zh/z, n/l, in/ing, f/h: 碑林区 → 碑宁区
    "lookalike": _mistyping(_replacing(lookalikes)),  # 七星区 → 七春区
    "missing": _mistyping(missing),
    "doubled": _mistyping(doubled),
    "swapped": _mistyping(swapped),
}


def draw_kind(rng: random.Random, shares: Mapping[str, float] = OF_REGION) -> str:
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
