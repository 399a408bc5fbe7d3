"""Counties of Taiwan, Hong Kong and Macau. Counties and towns of the mainland have many of their names too."""

from __future__ import annotations

from dataclasses import replace

from buqi.address.evidence.place_words import has_place_word
from buqi.divisions import Candidate, Match
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.table import OVERSEAS
from buqi.divisions.text import read
from buqi.expressions import expression

TRADITIONAL = frozenset("區縣鄉鎮")  # how the kind of a name is written there
SECTION = expression("[路街][一二三四五六七八九]段")  # most roads of Taiwan's cities have such parts
COUNTY = 6  # characters of a county's code


def meant_overseas(match: Match) -> Match:
    """Return a match of the counties overseas that bear a name written in traditional characters.

    大安區和平東路 is in 台北 or 台中, not in 自贡. Other matches are returned as they are, also one with a name
    around the county or a town behind it.
    """
    best = match.candidates[0] if match.equal else None
    if best is None or best.code.startswith(OVERSEAS) or not _is_lone(best):
        return match
    if match.text[best.used[0].end - 1] not in TRADITIONAL:
        return match
    own = [c for c in match.candidates if c.code.startswith(OVERSEAS) and _is_lone(c)]
    others = [c for c in match.candidates if c not in own]
    return replace(match, candidates=(*own, *others), equal=len(own)) if own else match


def may_be_across(match: Match, candidate: Candidate) -> bool:
    """Whether a county across the strait bears the whole name that is all that a candidate was read from.

    Of a county of the mainland it counts only where the text has a part of a road, as most roads of Taiwan have them:
    大安区和平东路二段.
    """
    if not _is_lone(candidate):
        return False
    overseas = candidate.code.startswith(OVERSEAS)
    if not overseas and SECTION.search(match.detail) is None:
        return False
    return any(_is_lone(c) for c in match.candidates if c.code.startswith(OVERSEAS) != overseas)


def are_all_overseas(match: Match) -> bool:
    """Whether several counties are as good, and all of them lie overseas: 信义区 is in 台北 and in 基隆."""
    return match.equal > 1 and all(c.code.startswith(OVERSEAS) for c in match.candidates[: match.equal])


def is_known_overseas(match: Match) -> bool:
    """Whether a text surely names a county overseas: in full, behind another name, or as the whole text.

    A short name before a road counts if the county and what is around it share it (彰化). 桥头, 新店 and 三峡 do not
    count: they are words of places everywhere.
    """
    best = match.candidates[0]
    if len(best.used) > 1 or best.used[0].kind != SHORT or not match.detail.strip():
        return True
    last, around = best.path.divisions[-1], best.path.divisions[-2:][0]
    own = len(best.code) <= 4 or last.name[:2] == around.name[:2]
    return own and has_place_word(read(match.detail).plain)


def overseas_county(match: Match) -> Match | None:
    """Return a match of the one county whose whole name is all of a text, where else only towns have it: 关西镇."""
    whole = [c for c in match.candidates if len(c.used) == 1 and c.used[0].kind == FULL]
    counties = [c for c in whole if len(c.code) == 6]
    if len(counties) != 1 or len(whole) < 2 or match.detail.strip() or match.front:
        return None
    return replace(match, candidates=(counties[0], *(c for c in whole if c is not counties[0])), equal=1)


def _is_lone(candidate: Candidate) -> bool:
    """Whether a county's whole name is all that a candidate was read from."""
    return len(candidate.used) == 1 and candidate.used[0].kind == FULL and len(candidate.code) == COUNTY
