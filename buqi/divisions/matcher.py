"""Text → the divisions it can mean, best first, with the reasons.

An address is read as a chain of names (:mod:`buqi.divisions.chain`). The chain begins at the front, or behind what
stands before the address (:mod:`buqi.divisions.lead`). Names further back (:mod:`buqi.divisions.small_names`) tell
equal hypotheses apart. Where they do not, all are returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import takewhile

from buqi.divisions import lead
from buqi.divisions.chain import Hypothesis, State, without_ancestors, without_namesakes
from buqi.divisions.chain_reader import ChainReader
from buqi.divisions.lexicon import Lexicon, load_lexicon
from buqi.divisions.match import Candidate, Match, Used
from buqi.divisions.meaning import FORMER, ZONE
from buqi.divisions.name_patterns import CLOSE, OPEN
from buqi.divisions.name_reader import NameReader
from buqi.divisions.small_names import SmallNames, load_small_names
from buqi.divisions.table import LEVELS
from buqi.divisions.text import SEPARATORS, Reading, read

ENOUGH = 1.3  # the score that the best candidate needs to be an answer
MARGIN = 0.35  # candidates this much behind the best are as good
SHOWN = 2.5  # candidates this much behind the best are not worth showing
UNSURE = 1.0  # candidates this much behind the best are told apart by names further back
FURTHER_BACK = 24  # characters behind the names that are asked
MOST_CANDIDATES = 120


class Matcher:
    """Reads addresses against a table.

    Args:
        lexicon: the names; the shipped table's if not given.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or load_lexicon()
        self.table = self.lexicon.table
        self.chains = ChainReader(self.lexicon)
        self._small_names: SmallNames | None = None  # a cached_property of a compiled class is made each time

    @property
    def names(self) -> NameReader:
        """Tells which names stand at a position."""
        return self.chains.names

    @property
    def small_names(self) -> SmallNames:
        """Names below the counties, read when they are first needed."""
        if self._small_names is None:
            self._small_names = load_small_names(self.table)
        return self._small_names

    def match(self, text: str) -> Match:
        """Return every division that ``text`` can mean, best first. Never raises for any text."""
        reading = read(text)
        state = self.chains.read(reading) if reading.plain else None
        if state is None or not state.hypotheses:
            before = text[: _certain_lead(reading)]
            return Match(text, detail=text[len(before) :], lead=before)
        return self._ranked(reading, state)

    def match_all(self, texts: Iterable[object]) -> list[Match]:
        """Return a match for each text of a list, or of a polars or pandas column; equal texts are read once.

        ``None`` and NaN count as empty; numbers and dates are read as they print.
        """
        seen: dict[str, Match] = {}
        found = []
        for value in texts:
            text = "" if value is None or value != value else str(value)
            if text not in seen:
                seen[text] = self.match(text)
            found.append(seen[text])
        return found

    def columns(self, texts: Iterable[object]) -> dict[str, list[str]]:
        """Return columns to put beside ``texts``: the four levels, the deepest code, ``detail`` and how many are equal.

        ``polars.DataFrame(matcher.columns(frame["address"]))`` or ``frame.assign(**matcher.columns(...))``.
        """
        matches = self.match_all(texts)
        paths = [m.path for m in matches]
        found = {level: [p.name(level) for p in paths] for level in LEVELS}
        found["code"] = [next(reversed(p.codes.values()), "") for p in paths]
        found["detail"] = [m.detail for m in matches]
        found["candidates"] = [str(m.equal) for m in matches]
        return found

    # --- the verdict

    def _ranked(self, reading: Reading, state: State) -> Match:
        ranked = sorted(state.hypotheses.values(), key=lambda h: -h.score)
        if len(ranked) > 1:
            ranked = without_namesakes(ranked)
            ranked = without_ancestors([h for h in ranked if h.score > ranked[0].score - SHOWN])[:MOST_CANDIDATES]
        support = ranked[0].score
        named = {h.code: h.score for h in ranked}
        near = [h for h in ranked if h.score > support - UNSURE]
        if len(near) > 1:
            names = reading.plain[state.spans[0][0] : state.at]
            rest = reading.plain[state.at : state.at + FURTHER_BACK]
            bonuses = self.small_names.weigh([h.code for h in near], rest, names)
            for hypothesis, bonus in zip(near, bonuses, strict=True):
                hypothesis.score += bonus
            near.sort(key=lambda h: -h.score)
        equal = sum(h.score > near[0].score - MARGIN for h in near) if support >= ENOUGH else 0
        ranked = near + ranked[len(near) :]
        spans = tuple([reading.span(start, end) for start, end in state.spans])
        candidates = [self._candidate(reading.raw, spans, h, named[h.code]) for h in ranked]
        behind = reading.after(state.at)
        if state.at < state.spans[-1][1] - 1:  # 国网盱眙县供电公司: the name, not only its kind, is part of another one
            before, front = _before_part(reading, min(spans[0][0], behind))
        else:
            before, front = _before_names(reading, spans[0][0])
        return Match(
            text=reading.raw,
            candidates=tuple(candidates),
            detail=front + reading.raw[behind:] if equal else reading.raw[len(before) :],
            equal=equal,
            spans=spans,
            behind=behind,
            lead=before,
            front=front,
        )

    def _candidate(self, text: str, spans: Sequence[tuple[int, int]], found: Hypothesis, named: float) -> Candidate:
        used, against, covered = [], [], 0.0
        for (first, last), meaning in zip(spans, found.names, strict=True):
            if meaning is None:
                against.append(text[first:last])
                continue
            covered += meaning.covered
            if meaning is not ZONE:
                zone = meaning.kind == FORMER and self.lexicon.is_zone(meaning)
                used.append(Used(first, last, meaning.kind, meaning.name, meaning.code, zone))
        return Candidate(self.table.path(found.code), found.score, tuple(used), tuple(against), named, covered)


def _certain_lead(reading: Reading) -> int:
    """Return how many characters at the front are certainly no part of an address; 0 if that is all of the text."""
    sure = takewhile(lambda token: token.sure, lead.tokens(reading.line))
    end = max((token.end for token in sure), default=0)
    return end if end < len(reading.raw) else 0


def _before_part(reading: Reading, begin: int) -> tuple[str, str]:
    """Return what stands before a name that is part of another name: what is certainly no address, and the rest."""
    cut = min(_certain_lead(reading), begin)
    return reading.raw[:cut], reading.raw[cut:begin]


def _before_names(reading: Reading, begin: int) -> tuple[str, str]:
    """Return what stands before the first name: what is no part of the address, and what is (人民路12号，太和县)."""
    line = reading.line[:begin]
    if not begin or not SEPARATORS.sub("", line).strip(OPEN + CLOSE):
        return "", ""
    cut = lead.place_begin(line)
    return reading.raw[:cut], reading.raw[cut:begin]


@lru_cache(maxsize=1)
def load_matcher() -> Matcher:
    """Return the matcher of the shipped table (0.2 s once its indexes are there, else 4 s)."""
    return Matcher()
