"""Text → the divisions it can mean, best first, with the reasons.

An address is read as a chain of names (:mod:`buqi.divisions.chain`) from its front, or from behind what stands before
it (:mod:`buqi.divisions.lead`). Hypotheses that remain equal are told apart by names further back
(:mod:`buqi.divisions.pieces`), or all returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import islice, takewhile

from buqi.divisions import lead
from buqi.divisions.chain import Hypothesis, State, best_of, deepest, grow, related
from buqi.divisions.lexicon import FORMER, FULL, SHORT, Lexicon, Meaning, load_lexicon
from buqi.divisions.match import Candidate, Match, Used
from buqi.divisions.pieces import SmallNames
from buqi.divisions.sounds import sound
from buqi.divisions.table import LEVELS
from buqi.divisions.text import SEPARATORS, Reading, read

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
COUNTY_KINDS = "市县区旗州盟"
WHOLE_ENDS = COUNTY_KINDS + "省镇乡道木处场园"  # 井冈山 and 牡丹江 were names too, but begin many others
# What may follow a short name that is the beginning of a longer whole one.
REST = re.compile(r"[\u4e00-\u9fff]{1,8}?[市县区旗州盟]")
# 路南 is a district of 唐山, but 唐山路南侧 is a road's side.
NOT_BEHIND = re.compile(r"[侧段端头口边角街路巷]")
OPEN, CLOSE = "([{<《【〔「（", ")]}>》】〕」）"
BRACKET = re.compile(f"[{re.escape(OPEN)}]")
BRACKETS = re.compile(f"[{re.escape(OPEN + CLOSE)}]+")
# What stands between two names and means nothing.
FILLER = re.compile(r"的|市辖区|中华人民共和国|中国|全[省市区县境]")
# What a former name is worth less where a whole name of today has the same characters: at the front, and behind a name.
COVERED, COVERED_BEHIND = 1.0, 2.0
NEXT = 0.5  # what a chain inside the text must be better by than one at its front
FAR = 80  # characters before a chain inside the text


class Matcher:
    """Reads addresses against a table.

    Args:
        lexicon: the names; the shipped table's if not given.
    """

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self.lexicon = lexicon or load_lexicon()
        self.table = self.lexicon.table

    @cached_property
    def evidence(self) -> SmallNames:
        """Names below the counties, read when they are first needed."""
        return SmallNames(self.table)

    def match(self, text: str) -> Match:
        """Return every division that ``text`` can mean, best first. Never raises for any text."""
        reading = read(text)
        state = self._chain(reading) if reading.plain else None
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

    # --- the chain of names

    def _chain(self, reading: Reading) -> State | None:
        """Return the chain that reads most; it begins at the front, or behind what stands before the address."""
        text = reading.plain
        ends = self._extend(text, State(0), self._exact)
        best = best_of(ends)
        if best is not None and self._settled(text, best):
            return _ended(text, best)
        begin = 0
        for at, sure in _begins(reading):
            if best is not None and best.spans[0][0] < at < best.spans[0][1]:
                continue  # 中国(福建)自由贸易试验区 is one name
            begin = at if sure else begin
            others = [s for s in self._extend(text, State(at), self._exact) if sure or _counts(s)]
            other = best_of(others)
            if other is not None and (best is None or other.score > best.score):
                best, ends = other, others
        if best is None or best.level < 3 or self._kind_mistyped(text, best):
            start = State(best.spans[0][0] if best else begin)
            starts = [s for s in [start, *ends] if s.level < 3]
            ends = [*ends, *(end for s in starts for end in self._extend(text, s, self._mistyped, once=True))]
            best = best_of(ends)
        if best is None or not self._settled(text, best):
            best = best_of(self._anywhere(text, best)) or best
        return _ended(text, best) if best else None

    def _settled(self, text: str, state: State) -> bool:
        """Whether a chain leads to a county, one name above the towns is no short one, and nothing contradicts it."""
        best = state.best
        names = best.names if best else ()
        whole = any(name is not None and name.kind != SHORT and name.level < 4 for name in names)
        return whole and None not in names and state.level >= 3 and not self._kind_mistyped(text, state)

    def _anywhere(self, text: str, best: State | None) -> list[State]:
        """Return the ends of the best chain of two and more names that begins inside the text, if it is better."""
        found: list[State] = []
        score = best.score + NEXT if best else 0.0
        for at in range(1, min(len(text), FAR)):
            if any(m.kind == FULL for _, meanings in self.lexicon.starting(text, at) for m in meanings):
                ends = [s for s in self._extend(text, State(at), self._exact) if _two_names(s)]
                other = best_of(ends)
                if other is not None and other.score > score:
                    found, score = ends, other.score
        return found

    def _kind_mistyped(self, text: str, state: State) -> bool:
        """Whether a short name that ends the chain goes on with what sounds like its kind: 陇西线 for 陇西县."""
        start, end = state.spans[-1]
        return text[start:end] not in self.lexicon.whole and sound(text[end : end + 1]) in KIND_SOUNDS

    def _extend(self, text: str, start: State, names: Names, once: bool = False) -> list[State]:
        """Return every state that a chain of names from ``start`` may end in."""
        ends, open_states = [], [start]
        while open_states:
            following: list[State] = []
            for state in open_states:
                following += names(text, state) if len(state.spans) < CHAIN else []
                if state.spans and state.closed and not (once and state is start):
                    ends.append(state)
            if once:
                names, once = self._exact, False
            open_states = sorted(following, key=lambda s: -s.score)[:STATES]
        return ends

    def _exact(self, text: str, state: State) -> Iterable[State]:
        for at in _joints(text, state):  # (上海)自由贸易试验区 begins with a bracket
            for end, meanings in self._names(text, at, state):
                grown = grow(state, at, end, meanings, last=end == len(text))
                if grown is None:
                    continue
                if state.spans and at > state.at:
                    grown.filled = text[state.at : at]
                    if text[at - 1] in OPEN and text[end : end + 1] not in CLOSE and not _deeper(state, grown):
                        grown.closed = False  # 安多县（安多县完小路）
                grown.at = _past_close(text, at, state.at, end)
                yield grown

    def _names(self, text: str, at: int, state: State) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (end, meanings) of the names that stand at a position.

        A whole name that fits is that name: no shorter one, and no former or short one of the same characters. Two
        short names that reach further than a town's are read too: 普洱镇沅. At the front the former ones of a town
        stay, as many are subdistricts today.
        """
        covered = 0
        for length, meanings in self.lexicon.starting(text, at, under=bool(state.spans)):
            end = at + length
            if covered:
                further = [m for m in meanings if m.kind == SHORT and self._leads_on(text, end, m, covered)]
                if further:
                    yield end, further
                continue
            full = [m for m in meanings if m.kind == FULL] if self._is_whole(text, at, end) else []
            fits = any(map(state.agrees, full))
            if fits and (state.spans or any(m.level < 4 for m in full)):
                cost = COVERED_BEHIND if state.spans else COVERED
                yield end, [*full, *(m._replace(cost=m.cost + cost) for m in meanings if m.kind == FORMER)]
                if any(m.level < 4 for m in full):
                    return
                covered = end
                continue
            covered = end if fits else 0
            usable = full + [m for m in meanings if m.kind != FULL and self.may_be(text, end, m, length)]
            if any(m.kind == SHORT for m in usable) and self._is_cut(text, at, end, state):
                usable = [m for m in usable if m.kind != SHORT]
            if usable:
                yield end, usable

    def _is_whole(self, text: str, at: int, end: int) -> bool:
        """Whether a name in full that stands here is one, and not the beginning of something else."""
        if NOT_FULL.fullmatch(text[at : end + 1]) is None or text[end : end + 2] == "城关":
            return True
        return any(m.kind == FULL for _, found in self.lexicon.starting(text, end) for m in found)  # 杭州市场口镇

    def _is_cut(self, text: str, at: int, end: int, state: State) -> bool:
        """Whether a short name is the beginning of a longer whole one that is mistyped: 科尔沁翼中旗."""
        if text[end - 1] in KINDS or REST.match(text, end) is None or self._begins_whole(text, end):
            return False
        return any(
            length > end - at + 1 and text[at + length - 1] in COUNTY_KINDS and m.name.startswith(text[at:end])
            for length, meanings in self.lexicon.mistyped(text, at)
            for m in meanings
            if m.kind != "added" and state.agrees(m)  # 江南新区 is no 江南区 with a character too many
        )

    def _begins_whole(self, text: str, at: int) -> bool:
        """Whether a whole or former name begins at a position."""
        return any(m.kind in (FULL, FORMER) for _, found in self.lexicon.starting(text, at) for m in found)

    def _mistyped(self, text: str, state: State) -> Iterable[State]:
        whole = (m for _, meanings in self.lexicon.starting(text, state.at) for m in meanings if m.kind == FULL)
        if any(map(state.agrees, whole)):
            return
        for length, meanings in self.lexicon.mistyped(text, state.at):
            end = state.at + length
            if not self._is_whole(text, state.at, end):
                continue
            fitting = (
                [m for m in meanings if any(m.code.startswith(h) for h in state.hypotheses)]
                if state.spans
                else meanings
            )
            if fitting and (grown := grow(state, state.at, end, fitting)) is not None:
                yield grown

    def may_be(self, text: str, end: int, meaning: Meaning, length: int) -> bool:
        """Whether a short or former name that ends here is one, and not the beginning of something else."""
        if meaning.kind == FORMER and len(meaning.name) == length and text[end - 1] in WHOLE_ENDS:
            return True
        if (length > 2 and text[end - 1] in KINDS) or NOT_SHORT.match(text, end) is None:
            return True
        if SEAT.match(text, end) and text[end - length : end + 1] not in self.lexicon.names:
            return True  # 青浦镇: the old seat of a county that has no town of its name today
        return self._leads_on(text, end, meaning)

    def _leads_on(self, text: str, end: int, meaning: Meaning, past: int = 0) -> bool:
        """Whether a name follows that lies in a division or around it, or is its own: 唐山路南, 湖北湖北仙桃.

        Args:
            text: as the matcher reads it.
            end: where the division's name ends.
            meaning: the division.
            past: the name must end behind this position.
        """
        for length, found in self.lexicon.starting(text, end):
            if end + length <= past:
                break
            behind = [m for m in found if m.code == meaning.code or related(m.code, meaning.code)]
            if any(m.kind in (FULL, FORMER) and m.code != meaning.code for m in behind):
                return True
            if behind and meaning.level < 3 and NOT_BEHIND.match(text, end + length) is None:
                return True
        return False

    # --- the verdict

    def _ranked(self, reading: Reading, state: State) -> Match:
        ranked = sorted(state.hypotheses.values(), key=lambda h: -h.score)
        ranked = deepest([h for h in ranked if h.score > ranked[0].score - SHOWN])[:120]
        reasons: dict[str, tuple[str, ...]] = {}
        named = {h.code: h.score for h in ranked}
        support = ranked[0].score
        near = [h for h in ranked if h.score > support - UNSURE]
        if len(near) > 1:
            front, rest = reading.plain[state.spans[0][0] : state.at], reading.plain[state.at : state.at + 24]
            evidence = self.evidence.weigh([h.code for h in near], rest, front)
            for hypothesis, (bonus, why) in zip(near, evidence, strict=True):
                hypothesis.score += bonus
                reasons[hypothesis.code] = why
            near.sort(key=lambda h: -h.score)
        equal = sum(h.score > near[0].score - MARGIN for h in near) if support >= ENOUGH else 0
        ranked = near + ranked[len(near) :]
        spans = tuple(reading.span(start, end) for start, end in state.spans)
        before, front = _before(reading, spans[0][0])
        return Match(
            reading.raw,
            tuple(self._candidate(reading, state, h, named[h.code], reasons.get(h.code, ())) for h in ranked),
            front + reading.raw[reading.after(state.at) :] if equal else reading.raw[len(before) :],
            equal,
            spans,
            reading.after(state.at),
            before,
            front,
        )

    def _candidate(
        self, reading: Reading, state: State, found: Hypothesis, named: float, why: tuple[str, ...]
    ) -> Candidate:
        used, against = [], []
        for (start, end), meaning in zip(state.spans, found.names, strict=True):
            first, last = reading.span(start, end)
            if meaning is None:
                against.append(reading.raw[first:last])
            else:
                used.append(Used(first, last, meaning.kind, meaning.name, meaning.code, self.lexicon.is_zone(meaning)))
        return Candidate(self.table.path(found.code), found.score, tuple(used), tuple(against), why, named)


Names = Callable[[str, State], Iterable[State]]


def _begins(reading: Reading) -> Iterator[tuple[int, bool]]:
    """Yield where names may begin behind what stands before an address, and whether all of that is certainly none."""
    sure = True
    for token in islice(lead.tokens(reading.line), CHAIN):
        sure = sure and token.sure
        yield reading.inside(token.end), sure


def _certain_lead(reading: Reading) -> int:
    """Return how much of the text is certainly no part of an address; 0 if that is all of it."""
    sure = takewhile(lambda token: token.sure, lead.tokens(reading.line))
    end = max((token.end for token in sure), default=0)
    return end if end < len(reading.raw) else 0


def _before(reading: Reading, begin: int) -> tuple[str, str]:
    """Return what stands before the first name: what is no part of the address, and what is (人民路12号，太和县)."""
    line = reading.line[:begin]
    if not SEPARATORS.sub("", line).strip(OPEN + CLOSE):
        return "", ""
    cut = lead.split(line)
    return reading.raw[:cut], reading.raw[cut:begin]


def _counts(state: State) -> bool:
    """Whether a chain behind a word that is no place for certain names one above the towns in full."""
    names = [name for name in state.best.names if name] if state.best else []
    return any(name.kind in (FULL, FORMER) and name.level < 4 for name in names)


def _two_names(state: State) -> bool:
    """Whether a chain has two names that agree, one above the towns in full."""
    best = state.best
    return best is not None and len(best.names) > 1 and None not in best.names and _counts(state)


def _ended(text: str, state: State) -> State:
    """Return ``state`` with what stood between its names taken from behind them too: 安徽省的太和县的人民路."""
    if state.filled and text.startswith(state.filled, state.at):
        state.at += len(state.filled)
    return state


def _joints(text: str, state: State) -> list[int]:
    """Return where the next name may begin: here, behind brackets, or behind a word that says nothing."""
    found = [state.at]
    brackets = BRACKETS.match(text, state.at) if state.spans else BRACKET.match(text, state.at)
    if brackets:
        found.append(brackets.end())
    if state.spans and (filler := FILLER.match(text, found[-1])):
        found.append(filler.end())
    return found


def _deeper(state: State, grown: State) -> bool:
    """Whether the last name of a chain said more than the chain before it."""
    return state.best is None or grown.best is None or state.best.code != grown.best.code


def _past_close(text: str, start: int, before: int, end: int) -> int:
    """Return where the text goes on behind a name; a bracket opened just before it is closed just behind it."""
    opened = start > before and text[start - 1] in OPEN
    return end + 1 if opened and text[end : end + 1] in CLOSE and text[end : end + 1] else end


@lru_cache(maxsize=1)
def load_matcher() -> Matcher:
    """Return the matcher of the shipped table (0.4 s; evidence another 2 s when it is first needed)."""
    return Matcher()
