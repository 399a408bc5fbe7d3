"""A chain of names, and the divisions that it can mean.

Every such division is a hypothesis with a score. A name adds to the hypotheses on whose path it lies, and counts
against the others. Order, gaps, repetition and contradiction need no rules of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from buqi.divisions.meaning import FORMER, FULL, SHORT, ZONE, Meaning, depth
from buqi.divisions.table import OVERSEAS

WEIGHT = {1: 2.0, 2: 2.0, 3: 3.0, 4: 2.5}  # what a whole name adds to a score, by its level
CONTRADICTION = 2.0  # what a name takes from the hypotheses that it contradicts
FAR = 1.0  # what a name of 港澳台 is worth less: 太平区 alone is the one on the mainland, not in 台中
NEAR = 1.0  # hypotheses whose score is this much below the best may still be meant


@dataclass(slots=True)
class Hypothesis:
    """A division, what speaks for it, and the names read on the way (``None`` where a name contradicts it)."""

    code: str
    score: float
    names: tuple[Meaning | None, ...] = ()


@dataclass(slots=True)
class State:
    """The chain up to a position.

    Attributes:
        at: where the text goes on.
        spans: where the names stand.
        hypotheses: by code.
        closed: whether the chain may end here. It may not where its last name repeats a level above the division: the
            second 昆明 of 昆明市呈贡区昆明理工大学 belongs to the university's name.
        filled: the word without meaning (的) that stood before the last name.
        best: the hypothesis with the highest score.
        score: its score.
        level: of the deepest among the best hypotheses, 0 if there is none.
    """

    at: int
    spans: tuple[tuple[int, int], ...] = ()
    hypotheses: dict[str, Hypothesis] = field(default_factory=dict)
    closed: bool = True
    filled: str = ""
    best: Hypothesis | None = field(init=False, default=None)
    score: float = field(init=False, default=0.0)
    level: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        best: Hypothesis | None = None
        deepest = ""
        for hypothesis in self.hypotheses.values():
            if best is None or hypothesis.score > best.score:
                best, deepest = hypothesis, hypothesis.code
            elif hypothesis.score == best.score and len(hypothesis.code) > len(deepest):
                deepest = hypothesis.code
        if best is not None:
            self.best, self.score, self.level = best, best.score, depth(deepest)

    def agrees(self, meaning: Meaning) -> bool:
        """Whether a name lies on the path of a division that may be meant, or under it. With no names, all do."""
        if not self.spans:
            return True
        least, code = self.score - NEAR, meaning.code
        for known in self.hypotheses.values():
            if known.score >= least and (code.startswith(known.code) or known.code.startswith(code)):
                return True
        return False


def grow(
    state: State, start: int, end: int, meanings: Sequence[Meaning], last: bool = False, again: bool = False
) -> State | None:
    """Return ``state`` with one more name; ``None`` if the name says nothing here.

    Args:
        state: the chain so far.
        start: where the name begins.
        end: where it ends.
        meanings: what it can mean.
        last: whether the text ends with it.
        again: whether the chain may begin again with it, even with a short name: 清徐县中国山西太原清徐县.
    """
    if not state.spans:
        hypotheses = _begun(meanings)
    else:
        found = _joined(state, end - start, meanings, again)
        if found is None:
            return None
        hypotheses = found
    grown = State(end, (*state.spans, (start, end)), hypotheses, filled=state.filled)
    if state.spans and not last:  # a first name closes
        top = grown.score
        grown.closed = any(closes(h) for h in hypotheses.values() if h.score == top)
    return grown


def _begun(meanings: Sequence[Meaning]) -> dict[str, Hypothesis]:
    """Return the hypotheses of the first name of a chain."""
    hypotheses: dict[str, Hypothesis] = {}
    for meaning in meanings:
        code = meaning.code
        score = WEIGHT[meaning.level] - meaning.cost - meaning.covered - meaning.alone
        if _overseas(meaning) and (meaning.kind != FULL or any(m.kind == FULL and not _overseas(m) for m in meanings)):
            score -= FAR
        if code not in hypotheses or score > hypotheses[code].score:
            hypotheses[code] = Hypothesis(code, score, (meaning,))
    return hypotheses


def _joined(state: State, length: int, meanings: Sequence[Meaning], again: bool) -> dict[str, Hypothesis] | None:
    """Return the hypotheses of a chain with one more name; ``None`` if the name says nothing here.

    A meaning that lies in a hypothesis becomes a deeper hypothesis. A meaning around a hypothesis adds to its score.
    The whole name of a county, city or province is a hypothesis of its own too, which all names before contradict. The
    hypotheses of before stay, and the name contradicts them.
    """
    hypotheses: dict[str, Hypothesis] = {}
    skipped = len(state.spans) * CONTRADICTION
    nothing = (None,) * len(state.spans)
    agrees = False
    before = list(state.hypotheses.values())
    in_province: dict[str, list[Hypothesis]] = {}  # those of other provinces neither lie in a meaning nor around it
    for known in before:
        in_province.setdefault(known.code[:2], []).append(known)
    for meaning in meanings:
        under = WEIGHT[meaning.level] - meaning.cost - meaning.covered  # its weight where a name around it was read
        weight = under - meaning.alone
        code = meaning.code
        for known in in_province.get(code[:2], ()):
            if code.startswith(known.code) and (code != known.code or meaning.level > depth(known.code)):
                agrees = True
                score = known.score + under + (_lifted(known) if meaning.kind == FORMER else 0.0)
                _offer(hypotheses, code, score, (*known.names, meaning))
            elif known.code.startswith(code):
                said = said_before(meaning, known.names)
                agrees = agrees or meaning.kind != SHORT or said or again or began_again(known)
                if said and meaning.kind == FORMER and length < len(meaning.name):
                    meaning = meaning._replace(kind=SHORT)  # 大港区大港油田
                _offer(hypotheses, known.code, known.score + (0.0 if said else weight), (*known.names, meaning))
        if meaning.level < 4 and meaning.kind in (FULL, FORMER):
            _offer(hypotheses, code, weight - skipped, (*nothing, meaning))
    if not agrees and not any(m.kind == FULL and m.level < 4 for m in meanings):
        return None
    for known in before:
        _offer(hypotheses, known.code, known.score - CONTRADICTION, (*known.names, None))
    return hypotheses


def _lifted(known: Hypothesis) -> float:
    """Return `Meaning.covered` of a province's former name. A former name behind it adds it again: 四川省合川县."""
    last = known.names[-1]
    return last.covered if last is not None and last.level == 1 and last.kind == FORMER else 0.0


def _offer(hypotheses: dict[str, Hypothesis], code: str, score: float, names: tuple[Meaning | None, ...]) -> None:
    """Keep a hypothesis if there is none of its division that is as good."""
    known = hypotheses.get(code)
    if known is None or score > known.score:
        hypotheses[code] = Hypothesis(code, score, names)


def contradicted(state: State, end: int) -> State:
    """Return ``state`` with a name up to ``end`` that contradicts all hypotheses. It costs them nothing."""
    hypotheses = {code: Hypothesis(code, h.score, (*h.names, None)) for code, h in state.hypotheses.items()}
    return State(end, (*state.spans, (state.at, end)), hypotheses)


def passed(state: State, end: int) -> State:
    """Return ``state`` with a remark or a zone up to ``end``, which is no division and stays in the text."""
    hypotheses = {code: Hypothesis(code, h.score, (*h.names, ZONE)) for code, h in state.hypotheses.items()}
    return State(end, (*state.spans, (state.at, end)), hypotheses)


def closes(hypothesis: Hypothesis) -> bool:
    """Whether a chain may end with the last name of a hypothesis.

    It may not if the last name repeats a level above the division, or if it is short and repeats a level that was
    written in full. Both are the beginning of another name: 江夏区江夏金口街.
    """
    if len(hypothesis.names) < 2:
        return True
    whole = repeating = above = False
    for number, name in enumerate(hypothesis.names):
        above = False
        if name is None:
            continue
        again = said_before(name, hypothesis.names[:number])
        former = name.kind == FORMER and any(_begins_with(other, name) for other in hypothesis.names[:number])
        if name.kind == SHORT or former:
            repeating = repeating or (again and whole)
        else:
            whole, repeating = True, False
        above = again and name.code != hypothesis.code and name.kind != FULL
    return not repeating and not above


def began_again(hypothesis: Hypothesis) -> bool:
    """Whether the last name of a hypothesis says a level above the division: 清徐县中国山西."""
    last = hypothesis.names[-1] if hypothesis.names else None
    return last is not None and len(last.code) < len(hypothesis.code)


def _overseas(meaning: Meaning) -> bool:
    """Whether a name means a division of Hong Kong, Macau or Taiwan."""
    return meaning.code.startswith(OVERSEAS) and len(meaning.code) > 2


def _begins_with(longer: Meaning | None, name: Meaning) -> bool:
    """Whether a former name is the beginning of the whole name of today: 赣县 of 赣县区."""
    return longer is not None and longer.kind == FULL and longer.name.startswith(name.name)


def said_before(name: Meaning, names: Sequence[Meaning | None]) -> bool:
    """Whether one of ``names`` has the level of ``name``."""
    return name.level in [other.level for other in names if other is not None]


def related(one: str, other: str) -> bool:
    """Whether one of two different divisions lies in the other."""
    return one != other and (one.startswith(other) or other.startswith(one))


def best_of(states: Sequence[State]) -> State | None:
    """Return the state with the highest score; of equal ones that which reads most of the text."""
    if len(states) < 2:
        return states[0] if states else None
    return max(states, key=lambda s: (s.score, s.at))


def without_namesakes(ranked: list[Hypothesis]) -> list[Hypothesis]:
    """Leave out counties of which only the short name was read, where the city around them has the same short name.

    岳阳巴陵中路 means the city: of the addresses in such cities, one in seven is in that county. Names of the county's
    towns tell it apart.
    """
    cities = {h.code: last for h in ranked if _ends_short(h, 2) and (last := h.names[-1])}
    if not cities:
        return ranked

    def is_namesake(hypothesis: Hypothesis) -> bool:
        city = cities.get(hypothesis.code[:4])
        if city is None or not _ends_short(hypothesis, 3):
            return False
        seat = hypothesis.names[-1]
        return city.name.endswith("市") or not (seat and seat.name.endswith("市"))  # the seat of 喀什地区 is 喀什市

    return [h for h in ranked if not is_namesake(h)]


def _ends_short(hypothesis: Hypothesis, level: int) -> bool:
    """Whether the last name read is the short one of the division itself, which has ``level``.

    It does not of a city that was named before: 岳阳市岳阳 is the county.
    """
    *before, last = hypothesis.names or (None,)
    if last is None or last.kind != SHORT or last.level != level or last.code != hypothesis.code:
        return False
    return level != 2 or not said_before(last, before)


def without_ancestors(ranked: list[Hypothesis]) -> list[Hypothesis]:
    """Leave out hypotheses that a better one lies in: a county's city is no second answer."""
    if len({len(hypothesis.code) for hypothesis in ranked}) == 1:
        return ranked  # none lies in another: 城关镇 is the name of 80 towns
    kept: list[Hypothesis] = []
    around: set[str] = set()  # codes of those that are kept, and of what they lie in
    for hypothesis in ranked:
        code = hypothesis.code
        if code not in around:
            kept.append(hypothesis)
            around.update((code[:2], code[:4], code[:6], code))
    return kept
