"""What the names in an address settle by themselves."""

from __future__ import annotations

import re

from buqi.address.mistyping import MISTYPED
from buqi.divisions import Match, Matcher
from buqi.divisions.lexicon import FORMER

TOWN = re.compile(r"(?:镇|乡|街道|苏木|办事处)$")
CLEAR = 2.0  # a plain reading is ahead of the next by this in the matcher's units


def plain_kind(match: Match, matcher: Matcher) -> str | None:
    """Return the kind of a reading that leaves nothing to weigh: ``full``, ``short`` or ``former``; else ``None``.

    It names a county (or a city without counties), nothing contradicts it or is mistyped, and no other place is near.
    """
    if match.equal != 1:
        return None
    best = match.candidates[0]
    kinds = {used.kind for used in best.used}
    if best.against or kinds & MISTYPED or any(used.name in matcher.lexicon.zones for used in best.used):
        return None
    county = matcher.table.county_of(best.code)
    if len(county) < 6 and any(len(d.code) == 6 for d in matcher.table.children.get(county, ())):
        return None
    others = match.candidates[1:]
    if others and best.named - max(c.named for c in others) < CLEAR:
        return None
    if all(len(used.code) > 6 or (used.kind == FORMER and TOWN.search(used.name)) for used in best.used):
        return None  # a town alone: there may be one of its name that no table has
    named = {used.kind for used in best.used if len(used.code) >= len(county)}
    if "full" in named:
        return "full"
    return None if not named or (len(best.used) < 2 and "short" in named) else min(named)


def said(match: Match, matcher: Matcher) -> str:
    """Return the code of the city or province that the address names in full and without contradiction, or ``""``."""
    if match.equal != 1 or match.candidates[0].against:
        return ""
    best = match.candidates[0]
    whole = all(used.kind == "full" and used.name not in matcher.lexicon.zones for used in best.used)
    return best.code if whole and len(best.code) <= 4 else ""
