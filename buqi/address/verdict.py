"""From the probabilities of the counties to an answer, as deep as it is sure, or to a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from buqi.address.branches import is_airport
from buqi.address.completion import BY_EVIDENCE, BY_MEMORY, Completion, notes
from buqi.address.confidence_caps import (
    LESS_SURE,
    MOST_AGAINST,
    had_namesake,
    has_namesake,
    highest_confidence,
    weighed_confidence,
)
from buqi.address.first_names import LEAST_SHARE, FirstName, with_share_inside
from buqi.address.level_groups import LevelGroups
from buqi.address.model import ANSWER_LEVELS, Chooser
from buqi.address.proposals import Proposals, Proposer
from buqi.address.settled import (
    best_two_alike,
    county_of_road,
    names_any_seat,
    stated_region,
    whole_town,
)
from buqi.address.shared_names import ROAD_OR_TOWN, SharedNames, lone_counties
from buqi.address.town_behind import deepest_read
from buqi.address.unread import left_of
from buqi.divisions import Match

SHOWN = 5  # alternatives
LEAST_SHOWN = 0.01  # an alternative less likely than this is not shown
# A province alone is of use only where it is nearly certain: two of five 鼓楼区 lie in 江苏.
ALONE = 0.9
WHOLE = 0.2  # enough for the county of the one town whose whole name stands at the front
Posterior: TypeAlias = NDArray[np.float64]  # (counties,) probability of each
Share: TypeAlias = tuple[float, int]  # minus the probability of a county, and its number


class Verdicts:
    """Decides what is answered where the names leave something open.

    Args:
        proposer: makes the proposals; has the table and the user's memory.
        chooser: the fitted numbers.
        threshold: an answer of less confidence is refused. If not given, the fitted thresholds of each kind hold.
    """

    def __init__(self, proposer: Proposer, chooser: Chooser, threshold: float | None = None) -> None:
        self.proposer, self.chooser, self.threshold = proposer, chooser, threshold
        self.matcher, self.memory = proposer.matcher, proposer.memory
        self.table, self.model = self.matcher.table, chooser.model_for(self.memory)
        self.groups = LevelGroups(proposer.numbered)
        self.shared = SharedNames(proposer)
        self.decided = BY_MEMORY if self.memory else BY_EVIDENCE

    def verdict(self, proposals: Proposals, p: Posterior) -> Completion:
        """Return the deepest answer that is sure enough, or a refusal.

        Args:
            proposals: what speaks for each county.
            p: (counties,) how likely each is, by the model.
        """
        match, kind = proposals.match, proposals.kind
        p, first = _with_first_name(proposals, p)
        likely = _likeliest(p)
        town, alike, least_sure = whole_town(match), best_two_alike(match), 1.0
        road, today = county_of_road(match, self.matcher), lone_counties(match)
        for level, code, confidence in self.depths(proposals, p):
            if level == "county" and self._leaves_county_open(match, first):
                continue
            if not (self._agrees(match, code, town) or (first is not None and first.within(code))):
                continue
            if today and self.shared.is_of_before(proposals, code, today):
                continue
            least = ALONE if alike else self.least(kind, level)
            if first is not None and code == first.code:
                least = min(least, LEAST_SHARE) if self.threshold is None else least
                confidence = max(confidence, first.share)
            if level == "county" and town.startswith(code):
                least = min(least, WHOLE)
            if road and code == road:  # a district has such a road more often than a county further away
                confidence = min(confidence, MOST_AGAINST) if self.table.names[code].endswith("区") else 0.0
            if confidence < least:
                continue
            others = likely[1:] if level == "county" else likely
            answer = self._answer(proposals, p, code, confidence, self._alternatives(proposals, others))
            if is_sure(answer, self.threshold):
                return answer
            least_sure = min(least_sure, answer.confidence or 0.0)
        likeliest = self.model.confidence("county", float(p.max()), kind)
        common, alternatives = match.path if match.equal > 1 else None, self._alternatives(proposals, likely)
        return Completion.unlikely(match.text, round(min(likeliest, least_sure), 4), alternatives, self.decided, common)

    def depths(self, proposals: Proposals, p: Posterior) -> Iterator[tuple[str, str, float]]:
        """Yield (level, code, confidence) of the answers that could be given, the deepest first.

        Args:
            proposals: what speaks for each county.
            p: (counties,) how likely each is.
        """
        named, model, groups = stated_region(proposals.match, self.matcher), self.model, self.groups
        sums = groups.sums(p)
        for at, level in enumerate(ANSWER_LEVELS):
            best = int(sums[level].argmax())
            code, county = groups.codes[level][best], groups.first[level][best]
            confidence = model.confidence(level, float(sums[level][best]), proposals.kind)
            for above in ANSWER_LEVELS[at + 1 :]:  # no surer than that the city is right, and that the province is
                share = float(sums[above][groups.number[above][county]])
                confidence = min(confidence, model.confidence(above, share, proposals.kind))
            if proposals.institution:
                confidence = model.of_institution(confidence)
            if named and level == self.table.by_code[named].level:
                code, confidence = named, max(confidence * (code == named), self.chooser.certain["full"])
            elif not code.startswith(named) and not named.startswith(code):
                confidence = 0.0  # the address itself names another place
            yield level, code, confidence

    def least(self, kind: str, level: str) -> float:
        """Return the confidence that an answer needs to be given."""
        return needed(self.model.thresholds[kind] if self.threshold is None else self.threshold, level)

    def _leaves_county_open(self, match: Match, first: FirstName | None) -> bool:
        """Whether a 城关镇 or an airport is named, of which only the city is certain."""
        if names_any_seat(match) and not self.memory:
            return True
        listed = first is not None and first.level == "county"
        return not listed and is_airport(match, self.proposer.first_names.short)

    def _agrees(self, match: Match, code: str, town: str) -> bool:
        """Whether an answer agrees with the one town whose whole name the address begins with, if there is one.

        Another place, where a town of that name was before, may be meant if something rare in the text lies there.
        """
        if not town or town.startswith(code):
            return True
        return len(code) > 2 and self.proposer.former.may_be_meant(match, code)

    def _answer(
        self, proposals: Proposals, p: Posterior, code: str, confidence: float, others: tuple[dict[str, object], ...]
    ) -> Completion:
        """Return the answer that an address lies in a division.

        Args:
            proposals: what speaks for each county.
            p: (counties,) how likely each is.
            code: of the division.
            confidence: as it was calibrated.
            others: the alternatives.
        """
        match, under = proposals.match, self.proposer.below[code]
        candidate = proposals.candidates.get(int(under[p[under].argmax()]))
        path = self.table.path(code)
        if candidate is not None and self.table.county_of(candidate.code) == code:
            path = candidate.path  # with the town, if one was read
        path, village, detail = deepest_read(match, candidate, path, self.matcher, self.memory)
        confidence = weighed_confidence(confidence, proposals.kind, candidate, detail)
        shared = candidate is not None and (had_namesake(match, candidate) or has_namesake(match, candidate))
        shared = shared or (not self.memory and self.shared.is_open(proposals, candidate))
        doubtful = shared and (not match.detail.strip() or ROAD_OR_TOWN.search(match.detail))
        if doubtful and not self.shared.road_decides(proposals, code):
            confidence = min(confidence, LESS_SURE)
        return Completion.known(
            match.text,
            path,
            detail,
            round(min(confidence, highest_confidence(match, candidate, self.matcher.lexicon.whole)), 4),
            self.decided,
            village,
            alternatives=others,
            notes=notes(match, candidate, path.divisions[-1].code),
            lead=match.lead,
        )

    def _alternatives(self, proposals: Proposals, likely: list[Share]) -> tuple[dict[str, object], ...]:
        """Return some of the likeliest counties as `Completion.alternatives` has them."""
        return tuple([self._alternative(proposals, number, -share) for share, number in likely])

    def _alternative(self, proposals: Proposals, number: int, p: float) -> dict[str, object]:
        candidate, code = proposals.candidates.get(number), self.proposer.counties[number]
        path = candidate.path if candidate and candidate.code.startswith(code) else self.table.path(code)
        return {"full": path.full + left_of(proposals.match, candidate, path), "confidence": round(p, 4)}


def _likeliest(p: Posterior) -> list[Share]:
    """Return the counties that may be shown, the likeliest first."""
    likely = (p >= LEAST_SHOWN).nonzero()[0]
    return sorted(zip((-p.take(likely)).tolist(), likely.tolist(), strict=True))[:SHOWN]


def is_sure(answer: Completion, threshold: float | None) -> bool:
    """Whether an answer is as sure as the user asks for."""
    return (answer.confidence or 0.0) >= (threshold or 0.0)


def needed(least: float, level: str) -> float:
    """Return the confidence that a level needs where the others need ``least``: a province alone says little."""
    return max(least, ALONE) if level == "province" else least


def _with_first_name(proposals: Proposals, p: Posterior) -> tuple[Posterior, FirstName | None]:
    """Return the probabilities with what a name tells by itself, and that name if it changes them."""
    first, inside = proposals.first, proposals.inside
    weighed = with_share_inside(p, inside, first.share) if first is not None and inside is not None else None
    return (p, None) if weighed is None else (weighed, first)
