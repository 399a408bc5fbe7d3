"""Short names of divisions, and characters that sound alike."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache

from opencc import OpenCC

from buqi.divisions import LEVELS, load_former, load_matcher, load_table
from buqi.divisions.meaning import COST
from buqi.divisions.mistyping import MistypedNames
from buqi.divisions.names import short_name, short_names
from buqi.divisions.sounds import readings, shapes, sound

RECENT = 1995  # names given up before that are hardly written any more


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
    """Return a short name, or nothing where nobody says it: 科尔沁左翼后."""
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
    """Whether a mistyped county is a name of its own, or is as near to another's or nearer."""
    if wrong in regions():
        return True
    kinds = _mistyped().meant(wrong)
    own = kinds.pop(county, None)
    return own is None or any(COST[kind] <= COST[own] for kind in kinds.values())


@cache
def read_elsewhere(text: str, code: str) -> bool:
    """Whether the matcher reads a text as another place than ``code`` and what lies around or in it, or as several."""
    match = load_matcher().match(text)
    path = match.path.divisions
    around = {d.code for d in load_table().path(code).divisions}
    return match.equal > 1 or bool(path and path[-1].code not in around and code not in {d.code for d in path})


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
    """Return, for each common character, those whose sound many speakers do not tell from its own, but not the same."""
    same = homophones()
    return {c: tuple(o for o in others if o not in same.get(c, ())) for c, others in _alike(sound).items()}


@cache
def lookalikes() -> dict[str, tuple[str, ...]]:
    """Return, for characters of place names, the common characters that look like them."""
    common = frozenset(common_characters())
    return {c: found for c, others in shapes().items() if (found := tuple(o for o in others if o in common))}


def _alike(key: Callable[[str], str]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for character in common_characters():
        groups[key(character)].append(character)
    return {c: tuple(o for o in group if o != c) for group in groups.values() for c in group}


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


_converter = cache(OpenCC)


def traditional(text: str, standard: str = "s2t") -> str:
    """Return ``text`` in traditional characters (OpenCC, Apache-2.0): ``s2tw`` of Taiwan, ``s2hk`` of Hong Kong."""
    return str(_converter(standard).convert(text))
