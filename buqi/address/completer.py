"""From addresses to completions: what the names settle is answered at once, all else is weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path

from buqi.address.branches import Branches
from buqi.address.completion import BY_TABLE, REFUSALS, Completion, notes
from buqi.address.confidence_caps import LESS_SURE, MOST_AGAINST, highest_confidence
from buqi.address.evidence.named_after import ShortNames
from buqi.address.evidence.place_words import has_place_word
from buqi.address.form_labels import without_label
from buqi.address.hong_kong import district_of, part_read_over
from buqi.address.known_chains import chains_for
from buqi.address.lines import complete_lines
from buqi.address.macau import macau_of
from buqi.address.model import Chooser, CountyModel, load_chooser
from buqi.address.no_place import is_remembered, lacks_place_word, names_no_place
from buqi.address.other_places import OtherPlaces
from buqi.address.overseas import are_all_overseas, is_known_overseas, meant_overseas, overseas_county
from buqi.address.proposals import Proposals, Proposer
from buqi.address.reading_again import Reader, readers
from buqi.address.record_keys import without_keys
from buqi.address.said_again import said_once
from buqi.address.settled import (
    is_lone_short_county,
    lone_city,
    lone_mistaken_city,
    of_the_prefecture,
    plain_kind,
)
from buqi.address.town_behind import deepest, deepest_read
from buqi.address.turned import EndReader
from buqi.address.verdict import Verdicts, is_sure
from buqi.divisions import Match, Matcher, load_matcher
from buqi.divisions.meaning import FULL
from buqi.divisions.text import read
from buqi.errors import UsageError
from buqi.machine import collector_paused
from buqi.places import Memory, load_memory

READ_AT_ONCE = 256  # addresses that are read together; one in seven leaves something to weigh
AT_ONCE = 32  # addresses that are weighed together


class Completer:
    """Completes addresses with the table, and a memory where there is one.

    Args:
        memory: the user's place names, or their folder; the default memory if not given.
        threshold: an answer of less confidence is refused. If not given, the fitted thresholds of each kind hold.
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
        """Weighs what the names leave open. It is built when the first address needs it (2 s)."""
        return Proposer(self.matcher, self.memory)

    def short(self) -> ShortNames:
        """Return the short names of divisions."""
        return self.proposer.first_names.short

    @cached_property
    def ends(self) -> EndReader:
        """Reads the names at the end of an address."""
        return EndReader(self.matcher)

    @cached_property
    def readers(self) -> tuple[Reader, ...]:
        """The readers that look at an answer again."""
        return readers(self.matcher, self.short, self.complete)

    @cached_property
    def others(self) -> OtherPlaces:
        """Notes the names of other places behind those that an answer follows."""
        return OtherPlaces(self.matcher)

    @cached_property
    def branches(self) -> Branches:
        """Finds the branches of institutions and the parts of cities."""
        return Branches(self.proposer.first_names)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Decides what is answered by the weighed evidence."""
        return Verdicts(self.proposer, self.chooser, self.threshold)

    @property
    def model(self) -> CountyModel:
        """The fitted numbers for the evidence at hand."""
        return self.chooser.model_for(self.memory)

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
        asked = list(texts)
        known = self._known(len(asked), progress)
        found = complete_lines(asked, lambda some: self._complete(some, progress), self.matcher, contact, known)
        return found if self.threshold is None else list(map(self._as_sure, found))

    def _as_sure(self, answer: Completion) -> Completion:
        """Return an answer, or a refusal if it is less sure than the user's threshold."""
        return answer if answer.status in REFUSALS or is_sure(answer, self.threshold) else answer.refused()

    def _known(self, count: int, progress: Callable[[int], None]) -> Callable[[str], Completion | None]:
        """Return a function that completes an address if it begins with a known chain of names.

        Args:
            count: how many addresses there are: for a few the chains are not opened.
            progress: called with 1 for each that is completed.
        """
        chains, confidence = chains_for(self.matcher, count), self.chooser.certain["full"]

        def complete(text: str) -> Completion | None:
            reading = chains.read(text) if chains else None
            if reading is None:
                return None
            progress(1)
            path, village, detail = deepest(
                reading.path, reading.detail, self.matcher, self.memory, plain=reading.plain
            )
            return self._given(text, Completion.known(text, path, detail, confidence, BY_TABLE, village))

        return complete

    def _complete(self, addresses: list[str], progress: Callable[[int], None]) -> list[Completion]:
        found: list[Completion] = []
        for start in range(0, len(addresses), READ_AT_ONCE):
            chunk = addresses[start : start + READ_AT_ONCE]
            with collector_paused():
                found += self._complete_chunk(chunk)
            progress(len(chunk))
        return found

    def _complete_chunk(self, chunk: list[str]) -> Iterator[Completion]:
        settled = [self._settled(address) for address in chunk]
        open_matches = [match for match in settled if isinstance(match, Match)]
        groups = (open_matches[at : at + AT_ONCE] for at in range(0, len(open_matches), AT_ONCE))
        weighed = chain.from_iterable(map(self._weighed, groups))
        answers = (next(weighed) if isinstance(answer, Match) else answer for answer in settled)
        return map(self._given, chunk, map(self.others.noted, map(self.ends.noted, map(self._again, answers))))

    def _again(self, answer: Completion) -> Completion:
        """Return the answer of the readers that look again, if it is as sure as the user asks for; else ``answer``."""
        again = answer
        for reader in self.readers:
            again = reader(again)
        return again if is_sure(again, self.threshold) else answer

    def _given(self, address: str, answer: Completion) -> Completion:
        """Return the answer to an address, or a refusal if it is less sure than the user's threshold.

        A refusal repeats the address as it was asked, not as it was turned to read it.
        """
        given = self._as_sure(answer)
        if given.status in REFUSALS and given.input != address:
            return replace(given, input=address, full=address, detail=address)
        return said_once(without_keys(without_label(given)), self.matcher)

    def _weighed(self, matches: list[Match]) -> list[Completion]:
        proposals = self.proposer.propose_all(matches)
        shares = self.model.weighed(proposals)
        return [self.verdicts.verdict(one, p) for one, p in zip(proposals, shares, strict=True)]

    def read(self, text: str) -> Completion | Proposals:
        """Return the answer if the names leave nothing open, else what speaks for each county."""
        settled = self._settled(text)
        return self.proposer.propose(settled) if isinstance(settled, Match) else settled

    def _settled(self, text: str) -> Completion | Match:
        """Return the answer if the names leave nothing open, else what was read."""
        match = meant_overseas(of_the_prefecture(self.ends.turned(self.matcher.match(text)), self.matcher))
        if (branch := self.branches.find(match)) is not None:
            path = self.matcher.table.path(branch.code)  # how many are right was not counted: LESS_SURE
            return Completion.known(match.text, path, branch.detail, LESS_SURE, BY_TABLE, lead=branch.lead)
        if (district := district_of(match, self.matcher.table) or macau_of(match)) is not None:
            path, sure = self.matcher.table.path(district.code), MOST_AGAINST if district.of_city else LESS_SURE
            return Completion.known(match.text, path, district.detail, sure, BY_TABLE, lead=district.lead)
        if not match.text.strip() or self._names_no_place(match):
            return Completion.nothing(match.text)
        lone = lone_city(match) or overseas_county(match) or (match if is_lone_short_county(match) else None)
        lone = lone or lone_mistaken_city(match)
        if lone is not None:
            whole = all(used.kind == FULL for used in lone.candidates[0].used)  # 江苏省南京市
            return self._plain(lone, "full" if whole else "short")
        if (kind := plain_kind(match, self.matcher)) is not None:
            return self._plain(match, kind)
        if are_all_overseas(match):
            return Completion.from_match(match)
        if match.best is not None and self.matcher.table.county_of(match.best.code) not in self.proposer.below:
            # Hong Kong, Macau, Taiwan: no smaller names to weigh
            if is_known_overseas(match):
                return self._plain(match, "short")
            return match if has_place_word(read(match.detail).plain) else Completion.nothing(match.text)
        return match

    def _names_no_place(self, match: Match) -> bool:
        """Whether a text names no place, and the memory knows nothing of it either."""
        no_place = names_no_place(match, self.matcher) or (bool(self.memory) and lacks_place_word(match))
        return no_place and not is_remembered(match, self.memory)

    def _plain(self, match: Match, kind: str) -> Completion:
        """Return the answer that the names give, of a kind that `plain_kind` knows."""
        best = match.candidates[0]
        path, village, detail = deepest_read(match, best, best.path, self.matcher, self.memory)
        certain = self.chooser.certain["full" if kind == "against" else kind]
        confidence = min(certain, highest_confidence(match, best, self.matcher.lexicon.whole))
        said, lead = notes(match, best), match.lead + part_read_over(match)
        return Completion.known(match.text, path, detail, confidence, BY_TABLE, village, notes=said, lead=lead)
