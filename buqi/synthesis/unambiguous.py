"""Which names mean one division alone, today's and former ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache

from buqi.divisions import LEVELS, load_former, load_matcher, load_table
from buqi.divisions.meaning import COST
from buqi.divisions.mistyping import MistypedNames
from buqi.divisions.names import short_name, short_names

RECENT = 1995  # names given up before that year are hardly written any more


@cache
def unique_names() -> dict[str, frozenset[str]]:
    """Return the names that mean one division in the whole country, by level (``county_short`` for short names)."""
    table = load_table()
    counts: dict[str, Counter[str]] = {
        "county": Counter(d.name for d in table.at("county")),
        "town": Counter(d.name for d in table.at("town")),
        "county_short": Counter(short for level in LEVELS[:3] for d in table.at(level) if (short := _short(d.name))),
    }
    return {level: frozenset(name for name, n in counter.items() if n == 1) for level, counter in counts.items()}


def _short(name: str) -> str:
    """Return the short name of a division; empty where people do not use it: 科尔沁左翼后."""
    short = short_name(name)
    return short if short == name or short in short_names(name) else ""


@cache
def regions() -> frozenset[str]:
    """Return the names that provinces, cities and counties have and had."""
    now = (d.name for level in LEVELS[:3] for d in load_table().at(level))
    return frozenset([*now, *(f.name for f in load_former() if f.kind in ("city", "county"))])


@cache
def _mistyped() -> MistypedNames:
    return MistypedNames({d.name: [] for level in LEVELS[1:3] for d in load_table().at(level)})


def may_mean_others(wrong: str, county: str) -> bool:
    """Whether a mistyped county is another name, or at least as close to another county's name as to its own."""
    if wrong in regions():
        return True
    kinds = _mistyped().meant(wrong)
    own = kinds.pop(county, None)
    return own is None or any(COST[kind] <= COST[own] for kind in kinds.values())


@cache
def read_elsewhere(text: str, code: str) -> bool:
    """Whether the matcher reads a text as several places, or as one that neither holds ``code`` nor lies in it."""
    match = load_matcher().match(text)
    path = match.path.divisions
    around = {d.code for d in load_table().path(code).divisions}
    return match.equal > 1 or bool(path and path[-1].code not in around and code not in {d.code for d in path})


@cache
def former_names() -> dict[str, tuple[str, ...]]:
    """Return the names that today's counties had, by code; only names that mean nothing else today."""
    today = {d.name for level in ("city", "county") for d in load_table().at(level)}
    listed = [f for f in load_former() if f.kind == "county" and len(f.successor) == 6 and f.name not in today]
    counts = Counter(f.name for f in listed)
    names: dict[str, list[str]] = defaultdict(list)
    for former in listed:
        if counts[former.name] == 1 and former.until >= RECENT:
            names[former.successor].append(former.name)
    return {code: tuple(found) for code, found in names.items()}
