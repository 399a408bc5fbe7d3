"""Text → the divisions it can mean, best first, with the reasons.

The front of an address is read as a chain of names. Every division that a chain can mean is a hypothesis; a name adds
to those on whose path it lies and counts against the others, so order, gaps, repetition and contradiction need no
rules of their own. Hypotheses that remain equal are told apart by names further back (:mod:`buqi.divisions.pieces`),
or all returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from buqi.divisions.lexicon import FORMER, FULL, SHORT, Lexicon, Meaning, load_lexicon
from buqi.divisions.match import Candidate, Match, Used
from buqi.divisions.pieces import SmallNames as Evidence
from buqi.divisions.sounds import sound
from buqi.divisions.table import LEVELS
from buqi.divisions.text import Reading, read

WEIGHT = {1: 2.0, 2: 2.0, 3: 3.0, 4: 2.5}
CONTRADICTION = 2.0
ENOUGH = 1.3  # a name of which more is wrong than right is no answer
MARGIN = 0.35  # what the best must be ahead of the next by
SHOWN = 2.5  # candidates this much behind the best are not worth showing
UNSURE = 1.0  # nearer than this, names further back are asked
STATES = 6
CHAIN = 12

# A short name before one of these is part of another name: 延安西路, 台湾风情街, 江安镇, 北京大学.
NOT_SHORT = re.compile(
    r"[东西南北中新老内外上下一二三四五六七八九十0-9]{0,2}(?:路|街|巷|弄|胡同)|大?道(?![口沟河])"
    r"|[^城市郊园新社小发景矿校厂院老库片][市县区]|[^红国]旗|[市县区省州旗盟镇乡村桥站港湾山河湖江寨庄屯寺庙]"
    r"|大街|大桥|新村|埠|大厦|大学|大酒店|大楼|风情|步行|商业街|商城|商厦|美食|广场|花园|家园|公寓|小区|饭店|宾馆|酒店|公路|铁路"
    r"|(?:工业|产业)*(?:园区|工业园|产业园|集中区|集聚区)|街道|地区|苏木|科技|集团|公司|会馆|豪庭|名都|风景|生态|旅游"
)
# A full name that goes on like this is none: 东方市场, 新县城百花路; 新县城关镇 is one.
NOT_FULL = re.compile(r"[^市]+市场|新县城")
KINDS = "县州旗"  # 循化县 for 循化撒拉族自治县 is a whole name
KIND_SOUNDS = frozenset("si xian qu qi zou sen men".split())  # of 市县区旗州省盟, folded as in buqi.divisions.sounds
SEAT = re.compile(r"[镇乡]")
OVERSEAS = 1.0  # 太平区 alone is the one on the mainland, not the one in 台中
OPEN, CLOSE = "([{<《【〔「（", ")]}>》】〕」）"


@dataclass(slots=True)
class Hypothesis:
    """A division, what speaks for it, and the names read on the way (``None`` where a name contradicts it)."""

    code: str
    score: float
    names: tuple[Meaning | None, ...] = ()


@dataclass(slots=True)
class State:
    """The chain up to a position: spans of the names, hypotheses by code."""

    at: int
    spans: tuple[tuple[int, int], ...] = ()
    hypotheses: dict[str, Hypothesis] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """Score of the best hypothesis."""
        return max((h.score for h in self.hypotheses.values()), default=0.0)


class Matcher:
    """Reads addresses against a table.

    Args:
        lexicon: the names; the shipped table's if not given.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or load_lexicon()
        self.table = self.lexicon.table

    @cached_property
    def evidence(self) -> Evidence:
        """Names below the counties, read when they are first needed."""
        return Evidence(self.table)

    def match(self, text: str) -> Match:
        """Return every division that ``text`` can mean, best first. Never raises for any text."""
        reading = read(text)
        if not reading.plain:
            return Match(text, detail=text)
        state = self._chain(reading.plain)
        if state is None or not state.hypotheses:
            return Match(text, detail=text)
        return self._judge(reading, state)

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

    # --- the chain of names

    def _chain(self, text: str) -> State | None:
        ends = self._extend(text, State(0), self._exact)
        best = _best(ends)
        if best is None or _level(best) < 3 or self._kind_mistyped(text, best):
            starts = [s for s in [State(0), *ends] if _level(s) < 3]
            mistyped = [end for s in starts for end in self._extend(text, s, self._mistyped, once=True)]
            best = _best([*ends, *mistyped])
        return best

    def _kind_mistyped(self, text: str, state: State) -> bool:
        """Whether a short name that ends the chain goes on with what sounds like its kind: 陇西线 for 陇西县."""
        start, end = state.spans[-1]
        return text[start:end] not in self.lexicon.whole and sound(text[end : end + 1]) in KIND_SOUNDS

    def _extend(self, text: str, start: State, names: Names, once: bool = False) -> list[State]:
        """Return every state that a chain of names from ``start`` ends in."""
        ends, open_states = [], [start]
        while open_states:
            following: list[State] = []
            for state in open_states:
                further = list(names(text, state)) if len(state.spans) < CHAIN else []
                if further:
                    following += further
                if state.spans and not (once and state is start):
                    ends.append(state)
            if once:
                names, once = self._exact, False
            open_states = sorted(following, key=lambda s: -s.score)[:STATES]
        return ends

    def _exact(self, text: str, state: State) -> Iterable[State]:
        for at in sorted({state.at, _past_brackets(text, state.at)}):  # (上海)自由贸易试验区 begins with a bracket
            for length, meanings in self.lexicon.starting(text, at):
                end = at + length
                whole = _is_whole(text, at, end)
                usable = [m for m in meanings if (whole if m.kind == FULL else self.may_be(text, end, m, length))]
                if usable and (grown := _grow(state, at, end, usable)) is not None:
                    grown.at = _past_close(text, at, state.at, end)
                    yield grown

    def _mistyped(self, text: str, state: State) -> Iterable[State]:
        for length, meanings in self.lexicon.mistyped(text, state.at):
            if not _is_whole(text, state.at, state.at + length):
                continue
            fitting = (
                [m for m in meanings if any(m.code.startswith(h) for h in state.hypotheses)]
                if state.spans
                else meanings
            )
            if fitting and (grown := _grow(state, state.at, state.at + length, fitting)) is not None:
                yield grown

    def may_be(self, text: str, end: int, meaning: Meaning, length: int) -> bool:
        """Whether a short or former name that ends here is one, and not the beginning of something else."""
        if meaning.kind == FORMER and len(meaning.name) == length:
            return True
        if (length > 2 and text[end - 1] in KINDS) or NOT_SHORT.match(text, end) is None:
            return True
        if SEAT.match(text, end) and text[end - length : end + 1] not in self.lexicon.names:
            return True  # 青浦镇: the old seat of a county that has no town of its name today
        following = self.lexicon.starting(text, end)
        return any(m.kind in (FULL, FORMER) and _related(m.code, meaning.code) for _, found in following for m in found)

    # --- the verdict

    def _judge(self, reading: Reading, state: State) -> Match:
        ranked = sorted(state.hypotheses.values(), key=lambda h: -h.score)
        ranked = _deepest([h for h in ranked if h.score > ranked[0].score - SHOWN])[:120]
        reasons: dict[str, tuple[str, ...]] = {}
        named = {h.code: h.score for h in ranked}
        support = ranked[0].score
        near = [h for h in ranked if h.score > support - UNSURE]
        if len(near) > 1:
            front, rest = reading.plain[: state.at], reading.plain[state.at : state.at + 24]
            evidence = self.evidence.of([h.code for h in near], rest, front)
            for hypothesis, (bonus, why) in zip(near, evidence, strict=True):
                hypothesis.score += bonus
                reasons[hypothesis.code] = why
            near.sort(key=lambda h: -h.score)
        equal = sum(h.score > near[0].score - MARGIN for h in near) if support >= ENOUGH else 0
        ranked = near + ranked[len(near) :]
        candidates = tuple(self._candidate(reading, state, h, named[h.code], reasons.get(h.code, ())) for h in ranked)
        behind = reading.after(state.at)
        detail = reading.raw[behind:] if equal else reading.raw
        spans = tuple(reading.span(start, end) for start, end in state.spans)
        return Match(reading.raw, candidates, detail, equal, spans, behind)

    def _candidate(
        self, reading: Reading, state: State, found: Hypothesis, named: float, why: tuple[str, ...]
    ) -> Candidate:
        used, against = [], []
        for (start, end), meaning in zip(state.spans, found.names, strict=True):
            first, last = reading.span(start, end)
            if meaning is None:
                against.append(reading.raw[first:last])
            else:
                used.append(Used(first, last, meaning.kind, meaning.name, meaning.code))
        return Candidate(self.table.path(found.code), found.score, tuple(used), tuple(against), why, named)


Names = Callable[[str, State], Iterable[State]]


def _grow(state: State, start: int, end: int, meanings: Sequence[Meaning]) -> State | None:
    """Return ``state`` with one more name; ``None`` if the name says nothing here."""
    hypotheses: dict[str, Hypothesis] = {}

    def offer(code: str, score: float, names: tuple[Meaning | None, ...]) -> None:
        known = hypotheses.get(code)
        if known is None or score > known.score:
            hypotheses[code] = Hypothesis(code, score, names)

    skipped = len(state.spans) * CONTRADICTION
    nothing = (None,) * len(state.spans)
    agrees = not state.spans
    for meaning in meanings:
        weight = WEIGHT[meaning.level] - meaning.cost
        if not state.spans and meaning.code[:2] in ("71", "81", "82") and len(meaning.code) > 2:
            weight -= OVERSEAS
        for known in state.hypotheses.values():
            if meaning.code.startswith(known.code) and (
                meaning.code != known.code or meaning.level > _depth(known.code)
            ):
                agrees = True
                offer(meaning.code, known.score + weight, (*known.names, meaning))
            elif known.code.startswith(meaning.code):
                again = any(m is not None and m.level == meaning.level for m in known.names)
                agrees = agrees or meaning.kind != SHORT
                offer(known.code, known.score + (0.0 if again else weight), (*known.names, meaning))
        if (meaning.kind in (FULL, FORMER) and (meaning.level < 4 or not state.spans)) or not state.spans:
            offer(meaning.code, weight - skipped, (*nothing, meaning))
    if not agrees and not any(m.kind == FULL and m.level < 4 for m in meanings):
        return None
    for known in state.hypotheses.values():
        offer(known.code, known.score - CONTRADICTION, (*known.names, None))
    return State(end, (*state.spans, (start, end)), hypotheses)


def _related(one: str, other: str) -> bool:
    """Whether one of two different divisions lies in the other."""
    return one != other and (one.startswith(other) or other.startswith(one))


def _depth(code: str) -> int:
    return 4 if len(code) >= 9 else len(code) // 2


def _level(state: State) -> int:
    """Level of the deepest among the best hypotheses of a state."""
    top = state.score
    return max((_depth(h.code) for h in state.hypotheses.values() if h.score == top), default=0)


def _best(states: Sequence[State]) -> State | None:
    return max(states, key=lambda s: (s.score, s.at), default=None)


def _deepest(ranked: list[Hypothesis]) -> list[Hypothesis]:
    """Leave out hypotheses that a better one lies under: a county's city is no second answer."""
    kept: list[Hypothesis] = []
    for hypothesis in ranked:
        if not any(k.code.startswith(hypothesis.code) for k in kept):
            kept.append(hypothesis)
    return kept


def _is_whole(text: str, at: int, end: int) -> bool:
    """Whether a name in full that stands here is one, and not the beginning of something else."""
    return NOT_FULL.fullmatch(text[at : end + 1]) is None or text[end : end + 2] == "城关"


def _past_brackets(text: str, at: int) -> int:
    return at + 1 if text[at : at + 1] in OPEN and text[at : at + 1] else at


def _past_close(text: str, start: int, before: int, end: int) -> int:
    """Return where the text goes on behind a name; a bracket opened just before it is closed just behind it."""
    return end + 1 if start > before and text[end : end + 1] in CLOSE and text[end : end + 1] else end


@lru_cache(maxsize=1)
def load_matcher() -> Matcher:
    """Return the matcher of the shipped table (0.4 s; evidence another 2 s when it is first needed)."""
    return Matcher()
