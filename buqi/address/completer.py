"""Propose, choose, verify: from an address to a `Completion`, or to "cannot tell"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from buqi.address.branches import Branches, institution, is_airport
from buqi.address.completion import REFUSALS, Completion, notes, unread
from buqi.address.evidence.place_words import has_place_word
from buqi.address.first_names import LEAST_SHARE, FirstName, told
from buqi.address.known_chains import chains_for
from buqi.address.level_groups import LevelGroups
from buqi.address.lines import complete_lines
from buqi.address.model import ANSWER_LEVELS, Chooser, CountyModel, load_chooser
from buqi.address.no_place import is_remembered, lacks_place_word, names_no_place
from buqi.address.proposals import Proposals, Proposer
from buqi.address.settled import (
    LESS_SURE,
    alike,
    known_overseas,
    lone_city,
    lone_short_county,
    names_any_seat,
    of_the_prefecture,
    overseas_county,
    plain_kind,
    said,
    sure,
    surest,
    whole_town,
)
from buqi.address.town_behind import deepest
from buqi.address.turned import EndReader
from buqi.divisions import Match, Matcher, load_matcher
from buqi.divisions.meaning import FULL
from buqi.divisions.text import read
from buqi.errors import UsageError
from buqi.places import Memory, load_memory

SHOWN = 5
READ_AT_ONCE = 256  # addresses whose names are read before those that are open are weighed: one in seven
AT_ONCE = 32  # addresses that are weighed together
LEAST_SHOWN = 0.01  # an alternative less likely than this is not shown
# A province alone is of use only where it is nearly certain: two of five 鼓楼区 lie in 江苏.
ALONE = 0.9
WHOLE = 0.2  # an answer to the one town whose whole name stands at the front
BY_TABLE, BY_EVIDENCE, BY_MEMORY = "table", "evidence", "memory"  # who decided
Posterior = NDArray[np.float64]  # probability of each county


class Completer:
    """Completes addresses with the table, and a memory where there is one.

    Args:
        memory: the user's place names; the default memory's if not given.
        threshold: an answer of less confidence is not given; the shipped ones, by what can be relied on, if not given.
        matcher: reads the names; the shipped table's if not given.
        chooser: the fitted numbers; the shipped ones if not given.

    Raises:
        UsageError: the threshold is not between 0 and 1.
    """

    def __init__(
        self,
        memory: Memory | Path | None = None,
        threshold: float | None = None,
        matcher: Matcher | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        self.matcher = matcher or load_matcher()
        self.memory = memory if isinstance(memory, Memory) else load_memory(memory)
        self.chooser = chooser or load_chooser()
        self.threshold = threshold
        if threshold is not None and not 0 <= threshold <= 1:
            raise UsageError(f"threshold {threshold}: expected a number from 0 to 1")

    @cached_property
    def proposer(self) -> Proposer:
        """Built when the first address needs more than the matcher (2 s)."""
        return Proposer(self.matcher, self.memory)

    @cached_property
    def ends(self) -> EndReader:
        """Finds the city at the end of an address."""
        return EndReader(self.matcher)

    @cached_property
    def branches(self) -> Branches:
        """Finds where the branch of an institution is, or the part of a city."""
        return Branches(self.proposer.first_names)

    @property
    def model(self) -> CountyModel:
        """The fitted numbers for the evidence at hand."""
        if self.memory.classifiers:
            return self.chooser.large
        return self.chooser.memory if self.memory else self.chooser.table

    def complete(self, text: str, contact: bool = False) -> Completion:
        """Return what can be said of an address. Never raises for any text."""
        return self.complete_all([text], contact=contact)[0]

    def complete_all(
        self, texts: Iterable[str], progress: Callable[[int], None] = lambda _: None, contact: bool = False
    ) -> list[Completion]:
        """Return a completion for each text, in order; equal texts are completed once.

        Args:
            texts: addresses; of several on a line the first is completed.
            progress: called with how many more are done.
            contact: whether name, telephone and postcode are read apart from the address.
        """
        known = self._known(len(asked := list(texts)), progress)
        return complete_lines(asked, lambda some: self._complete(some, progress), self.matcher, contact, known)

    def _known(self, texts: int, progress: Callable[[int], None]) -> Callable[[str], Completion | None]:
        """Return what completes an address that begins with a known chain of names."""
        chains, confidence = chains_for(self.matcher, texts), self.chooser.certain["full"]

        def complete(text: str) -> Completion | None:
            read = chains.read(text) if chains else None
            if read is None:
                return None
            progress(1)
            path, village, detail = deepest(read.path, read.detail, self.matcher, self.memory)
            return self._given(text, Completion.known(text, path, detail, confidence, BY_TABLE, village))

        return complete

    def _complete(self, addresses: list[str], progress: Callable[[int], None]) -> list[Completion]:
        found: list[Completion] = []
        for start in range(0, len(addresses), READ_AT_ONCE):
            chunk = addresses[start : start + READ_AT_ONCE]
            read = [self._settled(address) for address in chunk]
            open_matches = [match for match in read if isinstance(match, Match)]
            groups = (open_matches[at : at + AT_ONCE] for at in range(0, len(open_matches), AT_ONCE))
            weighed = chain.from_iterable(map(self._weighed, groups))
            answers = (next(weighed) if isinstance(answer, Match) else answer for answer in read)
            found += map(self._given, chunk, map(self.ends.noted, answers))
            progress(len(chunk))
        return found

    def _given(self, address: str, answer: Completion) -> Completion:
        """Return the answer, or a refusal if it is less sure than the threshold that was asked for.

        A refusal repeats the address, also where it was read in another order.
        """
        given = answer if self._is_sure(answer) or answer.status in REFUSALS else answer.refused()
        turned = given.status in REFUSALS and given.input != address
        return replace(given, input=address, full=address, detail=address) if turned else given

    def _is_sure(self, answer: Completion) -> bool:
        return (answer.confidence or 0.0) >= (self.threshold or 0.0)

    def _weighed(self, matches: list[Match]) -> list[Completion]:
        proposals = self.proposer.propose_all(matches)
        shares = self.model.weighed(proposals)
        return [self._verdict(one, p, self._who) for one, p in zip(proposals, shares, strict=True)]

    def read(self, text: str) -> Completion | Proposals:
        """Return the answer if the names leave nothing open, or what speaks for each county."""
        settled = self._settled(text)
        return self.proposer.propose(settled) if isinstance(settled, Match) else settled

    def _settled(self, text: str) -> Completion | Match:
        """Return the answer if the names leave nothing open, or what was read."""
        match = self.matcher.match(text)
        if other := self.ends.turned(match):
            match = self.matcher.match(other)
        match = of_the_prefecture(match, self.matcher)
        place, told = self.branches.find(match)
        if place:
            path, name = self.matcher.table.path(place), institution(match)[told:]
            branch = Completion.known(match.text, path, name, LESS_SURE, BY_TABLE)  # how many are right: not counted
            return replace(branch, lead=match.text[: -len(name) - told])
        no_place = names_no_place(match, self.matcher) or (bool(self.memory) and lacks_place_word(match))
        if not match.text.strip() or (no_place and not is_remembered(match, self.memory)):
            return Completion.nothing(match.text)
        if (lone := lone_city(match) or overseas_county(match) or lone_short_county(match)) is not None:
            whole = all(used.kind == FULL for used in lone.candidates[0].used)  # 江苏省南京市
            return self._plain(lone, "full" if whole else "short")
        kind = plain_kind(match, self.matcher)
        if kind is not None:
            return self._plain(match, kind)
        if match.equal == 1 and self.matcher.table.county_of(match.candidates[0].code) not in self.proposer.below:
            # Hong Kong, Macau, Taiwan: no smaller names to weigh
            if known_overseas(match):
                return self._plain(match, "short")
            return match if has_place_word(read(match.detail).plain) else Completion.nothing(match.text)
        return match

    # --- verdicts

    def _plain(self, match: Match, kind: str) -> Completion:
        best = match.candidates[0]
        path, found = best.path, notes(match, best)
        path, village, detail = deepest(path, unread(match, best, path), self.matcher, self.memory)
        return Completion(
            input=match.text,
            full=path.full + detail,
            path=path,
            detail=detail,
            confidence=min(self.chooser.certain["full" if kind == "against" else kind], surest(match, best)),
            status="complete" if path.name("town") else "partial",
            notes=found,
            decided=BY_TABLE,
            village=village,
            lead=match.lead,
        )

    def _verdict(self, proposals: Proposals, p: Posterior, who: str) -> Completion:
        kind = proposals.kind
        p, first = self._told(proposals, p)
        likely = np.flatnonzero(p > 0.0)  # of numbers themselves it takes ten times as long
        order = likely[np.argsort(-p[likely], kind="stable")[:SHOWN]]
        alternatives = tuple(self._alternative(proposals, int(i), float(p[i])) for i in order if p[i] >= LEAST_SHOWN)
        listed = first is not None and first.level == "county"
        airport = not listed and is_airport(proposals.match, self.branches.short)
        equal, town, least_sure = alike(proposals.match), whole_town(proposals.match), 1.0
        for level, code, confidence in self.depths(proposals, p, likely):
            if not (self._may_be(proposals, code, town) or (first is not None and first.within(code))):
                continue
            if level == "county" and names_any_seat(proposals.match) and not self.memory:
                continue
            if level == "county" and airport:
                continue
            least = ALONE if equal else self.least(kind, level)
            if first is not None and code == first.code:
                least, confidence = self._told_least(least), max(confidence, first.share)
            if confidence >= (min(least, WHOLE) if level == "county" and town.startswith(code) else least):
                others = alternatives[1:] if level == "county" else alternatives
                under = self.proposer.below[code]
                answer = self._answer(proposals, code, int(under[p[under].argmax()]), confidence, others, who)
                if self._is_sure(answer):
                    return answer
                least_sure = min(least_sure, answer.confidence or 0.0)
        match, likeliest = proposals.match, self.model.confidence("county", float(p.max()), kind)
        common = match.path if match.equal > 1 else None
        return Completion.unlikely(match.text, round(min(likeliest, least_sure), 4), alternatives, who, common)

    @staticmethod
    def _told(proposals: Proposals, p: Posterior) -> tuple[Posterior, FirstName | None]:
        """Return the probabilities and what tells where the address lies, if a name does."""
        first, inside = proposals.first, proposals.inside
        weighed = told(p, inside, first.share) if first is not None and inside is not None else None
        return (p, None) if weighed is None else (weighed, first)

    def _told_least(self, least: float) -> float:
        return min(least, LEAST_SHARE) if self.threshold is None else least

    def _may_be(self, proposals: Proposals, code: str, town: str) -> bool:
        """Whether an answer agrees with the one town whose whole name the address begins with, if it does.

        Another place, where a town of that name was before, may be meant if something rare in the text lies there.
        """
        if not town or town.startswith(code):
            return True
        return len(code) > 2 and self.proposer.former.may_be_meant(proposals.match, code)

    def depths(
        self, proposals: Proposals, p: Posterior, likely: NDArray[np.int64] | None = None
    ) -> Iterator[tuple[str, str, float]]:
        """Yield (level, code, confidence) of the answers that could be given, the deepest first.

        ``p`` is how likely each county is, ``likely`` the numbers of those that are at all, found in it if not given.
        """
        named, model, groups = said(proposals.match, self.matcher), self.model, self._groups
        likely = np.flatnonzero(p > 0.0) if likely is None else likely
        some = p[likely]
        sums = {level: np.bincount(groups.number[level][likely], some, 1) for level in ANSWER_LEVELS}
        for at, level in enumerate(ANSWER_LEVELS):
            best = int(sums[level].argmax())
            code, county = groups.codes[level][best], groups.first[level][best]
            confidence = model.confidence(level, float(sums[level][best]), proposals.kind)
            for above in ANSWER_LEVELS[at + 1 :]:  # no surer than that the city is right, and that the province is
                share = float(sums[above][groups.number[above][county]])
                confidence = min(confidence, model.confidence(above, share, proposals.kind))
            if named and level == self.matcher.table.by_code[named].level:
                code, confidence = named, max(confidence * (code == named), self.chooser.certain["full"])
            elif not code.startswith(named) and not named.startswith(code):
                confidence = 0.0  # not where the address itself says it is not
            yield level, code, confidence

    def least(self, kind: str, level: str) -> float:
        """Return the confidence that an answer needs to be given."""
        return self.needs(self.model.thresholds[kind] if self.threshold is None else self.threshold, level)

    @staticmethod
    def needs(least: float, level: str) -> float:
        """Return the confidence that a level needs where the others need ``least``: a province alone says little."""
        return max(least, ALONE) if level == "province" else least

    @property
    def _who(self) -> str:
        return BY_MEMORY if self.memory else BY_EVIDENCE

    @cached_property
    def _groups(self) -> LevelGroups:
        return LevelGroups(self.proposer.numbered)

    def _answer(
        self,
        proposals: Proposals,
        code: str,
        county: int,
        confidence: float,
        others: tuple[dict[str, object], ...],
        who: str,
    ) -> Completion:
        candidate, kind = proposals.candidates.get(county), proposals.kind
        path = self.matcher.table.path(code)
        if candidate is not None and self.matcher.table.county_of(candidate.code) == code:
            path = candidate.path  # with the town, if one was read; never deeper than what is likely enough
        detail = unread(proposals.match, candidate, path)
        path, village, detail = deepest(path, detail, self.matcher, self.memory)
        return Completion(
            input=proposals.match.text,
            full=path.full + detail,
            path=path,
            detail=detail,
            confidence=round(min(sure(confidence, kind, candidate, detail), surest(proposals.match, candidate)), 4),
            status="complete" if path.name("town") else "partial",
            alternatives=others,
            notes=notes(proposals.match, candidate),
            decided=who,
            village=village,
            lead=proposals.match.lead,
        )

    def _alternative(self, proposals: Proposals, number: int, p: float) -> dict[str, object]:
        candidate = proposals.candidates.get(number)
        code = self.proposer.counties[number]
        path = candidate.path if candidate and candidate.code.startswith(code) else self.matcher.table.path(code)
        return {
            "full": path.full + unread(proposals.match, candidate, path),
            "confidence": round(p, 4),
        }
