"""Highest confidences of an answer, where such answers are wrong more often than the model's confidence says."""

from __future__ import annotations

from collections.abc import Collection

from buqi.address.branches import has_unnamed_branch
from buqi.address.completion import passed_over
from buqi.address.overseas import may_be_across, overseas_county
from buqi.address.settled import is_called_as_its_city, is_lone_short_county, is_seat
from buqi.divisions import Candidate, Match
from buqi.divisions.meaning import FORMER, FULL, MOVED
from buqi.divisions.mistyping import TAKEN
from buqi.divisions.name_patterns import OF_MANY_CITIES
from buqi.divisions.table import OVERSEAS
from buqi.divisions.words import ZONE_WORDS

MOST_AGAINST = 0.9  # of an answer that goes against a name written in full
MOST_SHARED = 0.6  # of a county overseas whose name towns of the mainland have too
# Of weighed answers at 0.9 and more one in fifty may be wrong. Answers of these kinds are that good only from here on.
SURE_FROM = {"bare": 0.97, "zone_first": 0.97, "city_only": 0.95, "uncertain": 0.95, "tied": 0.95}
LONE_SURE_FROM = 0.97  # the same of a town's or a former name alone
LESS_SURE = 0.89  # what answers get that are less good than this
ZONE_NEAR = 12  # characters behind a town in which a zone is named: 沙窝乡经济开发区
LENGTH_WRONG = ("missing", "added")  # how a name is mistyped that has another length than what is written
RECENT = 0.7  # in the matcher's units; names no further apart: a county was called so elsewhere until ten years ago


def weighed_confidence(confidence: float, kind: str, candidate: Candidate | None = None, detail: str = "") -> float:
    """Return the confidence of a weighed answer, lowered to `LESS_SURE` where too many such answers are wrong.

    Args:
        confidence: as it was calibrated.
        kind: of the proposals.
        candidate: the reading that the answer follows. A town's or a former name alone is doubted, as places that the
            table lacks have such names too.
        detail: of the answer. Where a zone or a branch of an institution is named in it, the answer is always lowered.
    """
    used = candidate.used if candidate is not None else ()
    lone = len(used) == 1 and (len(used[0].code) == 9 or used[0].kind == FORMER)
    if not any(len(name.code) > 4 for name in used) and has_unnamed_branch(detail):
        return min(confidence, LESS_SURE)
    if lone and ZONE_WORDS.search(detail[:ZONE_NEAR]):
        return min(confidence, LESS_SURE)
    least = max(SURE_FROM.get(kind, 0.0), LONE_SURE_FROM * lone)
    return min(confidence, LESS_SURE) if confidence < least else confidence


def highest_confidence(match: Match, candidate: Candidate | None, whole: Collection[str] = ()) -> float:
    """Return the highest confidence that an answer may have, for what its names leave in doubt.

    Args:
        match: what was read.
        candidate: the reading that the answer follows; ``None`` if it follows none.
        whole: names of today in full. What is one of them may be meant as it is written: 武清区大厂镇.
    """
    if candidate is None:
        return MOST_AGAINST if passed_over(match) else 1.0
    if candidate.code.startswith(OVERSEAS) and overseas_county(match) is not None:
        return MOST_SHARED
    if may_be_across(match, candidate):
        return LESS_SURE
    doubtful = (
        candidate.against
        or any(used.kind == MOVED and (len(used.code) > 4 or _is_raised(candidate)) for used in candidate.used)
        or has_namesake(match, candidate)
        or is_seat(candidate)
        or is_called_as_its_city(match, candidate)
        or is_lone_short_county(match)
        or (match.front and len(candidate.used) < 2)  # one name, and that stands further back
        or (len(candidate.used) == 1 and candidate.used[0].kind == TAKEN)
        or any(used.kind in LENGTH_WRONG and match.text[used.start : used.end] in whole for used in candidate.used)
    )
    return MOST_AGAINST if doubtful else 1.0


def _is_raised(candidate: Candidate) -> bool:
    """Whether the last name is that of a town which is a county today: 霍邱县叶集."""
    last = candidate.used[-1]
    return last.kind == FORMER and len(last.code) == 6 and last.name.endswith(("镇", "乡"))


def has_namesake(match: Match, candidate: Candidate) -> bool:
    """Whether another place of the same whole name is nearly as likely where nothing else tells.

    金山区 alone is also in 新北, and an 江北区 was in 重庆 until 2025.
    """
    if len(candidate.used) != 1 or candidate.used[0].kind != FULL or len(candidate.code) != 6:
        return False
    others = [c for c in match.candidates if c.code != candidate.code and len(c.used) == 1 and len(c.code) == 6]
    alone = not match.detail.strip()
    return any(
        (alone and c.used[0].kind == FULL) or (c.covered and candidate.named - c.named - c.covered < RECENT)
        for c in others
    )


def had_namesake(match: Match, candidate: Candidate) -> bool:
    """Whether all that was read is a county's whole name that a county elsewhere had before: 新市区 of 保定."""
    used = candidate.used
    if len(used) != 1 or used[0].kind != FULL or len(candidate.code) != 6:
        return False
    if used[0].name in OF_MANY_CITIES:
        return True
    others = (c for c in match.candidates if len(c.used) == 1 and c.used[0].kind == FORMER and len(c.code) == 6)
    return any(c.code[:4] != candidate.code[:4] for c in others)
