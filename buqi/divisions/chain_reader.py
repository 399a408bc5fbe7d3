"""Where the names of an address begin, and which chain of them reads most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from buqi.divisions import lead, remarks
from buqi.divisions.chain import State, best_of, grow
from buqi.divisions.joints import ended
from buqi.divisions.kind_words import give_back_kind
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FORMER, FULL, SHORT, ZONE, Meaning
from buqi.divisions.mistyping import MISTYPED
from buqi.divisions.name_patterns import CLOSE, FILLER, OF_MANY_CITIES, OPEN, OWN_KINDS
from buqi.divisions.name_reader import NameReader
from buqi.divisions.text import Reading
from buqi.expressions import expression

OPEN_CHAINS = 6  # chains that are followed at a time
MOST_NAMES = 12  # of a chain
BETTER_BY = 0.5  # what a chain inside the text must be better by than one at its front
FAR = 80  # a chain inside the text begins before this character
LEAST = 1.3  # the score of a chain that is an answer, as `matcher.ENOUGH`
LONG_TOWN = 4  # characters of a town's name that is rarely another's
LONGEST_CITY = 11  # characters of a city's name
FRONT = 12  # characters that a request has at most
# What stands before an address in a request: 送到盱眙县幸福路.
REQUEST = expression(r"(?:地址|[送寄发到往至在住是查问给去]|补[全齐]|老家|所在地)$")
# Words before the name of a place that is only nearby.
BESIDE = expression(r"(?:[靠临邻附]近|毗邻|位于|原先|[近距离在与原老])$")
BESIDE_ENDS = frozenset("近邻于先距离在与原老")  # what these words end in
ZONE_BETWEEN = expression(
    r"(?:中国\([^()]{2,8}\))?[\u4e00-\u9fff]{0,6}?(?:新区|开发区|高新区|经开区|示范区|度假区|试验区|实验区)"
)
LETTERS = {"京": "11", "津": "12", "沪": "31", "渝": "50"}  # municipalities as number plates have them
Names = Callable[[str, State], Iterable[State]]


class ChainReader:
    """Reads the chain of names of an address.

    Args:
        lexicon: the names.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.names = NameReader(lexicon)

    def read(self, reading: Reading) -> State | None:
        """Return the chain that reads most; it begins at the front, or behind what stands before the address."""
        text = reading.plain
        ends = self._extend(text, State(0), self.names.exact)
        best = best_of(ends)
        if best is not None and self._settled(text, best):
            return _ended(reading, best)
        ends, begin = self._behind_lead(reading, ends)
        best = best_of(ends)
        if best is None or best.level < 3 or self.names.kind_mistyped(text, best):
            best = self._with_mistyped(text, ends, begin)
        if best is None or not self._settled(text, best):
            best = self._further_back(reading, best)
        return _ended(reading, best) if best else None

    def _settled(self, text: str, state: State) -> bool:
        """Whether a chain reaches a county by a name above the towns that is not short, and no name contradicts it."""
        best = state.best
        names = best.names if best else ()
        whole = False
        for name in names:
            if name is None:
                return False
            whole = whole or (name.kind != SHORT and name.level < 4)
        return whole and state.level >= 3 and not self.names.kind_mistyped(text, state)

    def _behind_lead(self, reading: Reading, ends: list[State]) -> tuple[list[State], int]:
        """Return the ends of the best chain behind what stands before the address; ``ends`` if none is better.

        Also the last position before which all is certainly no address.
        """
        text, begin, best = reading.plain, 0, best_of(ends)
        if best is not None and len(best.spans) == 1 and not _has_whole_name(best):
            person = reading.inside(lead.person_end(reading.line))
            if best.at <= person:
                best, ends = None, []  # 高平先生 is no 高平市
        for at, sure in chain(self._behind_letter(text), _begins(reading)):
            if best is not None and best.spans[0][0] < at < best.spans[0][1]:
                continue  # 中国(福建)自由贸易试验区 is one name
            begin = at if sure else begin
            parted = 0 < at < len(text) and reading.parted(at) and lead.PLACE.search(text, 0, at) is None
            named = not sure and lead.GLUED_NAME.search(text, 0, at) is not None
            found = self._extend(text, State(at), self.names.exact)
            found = [
                s
                for s in found
                if sure or _has_whole_name(s) or (parted and _short_and_whole(s)) or (named and _agree(s))
            ]
            if best is not None and _has_whole_name(best):  # whole names are no lead, unless of another address in full
                found = [s for s in found if _two_names(s)]
            other = best_of(found)
            if other is not None and (best is None or other.score > best.score):
                best, ends = other, found
        return ends, begin

    def _with_mistyped(self, text: str, ends: list[State], begin: int) -> State | None:
        """Return the best chain with a mistyped name, or two: a city's and a county's (航州市西胡区).

        Arguments as for `_mistyped`.
        """
        slips = list(self._mistyped(text, ends, begin))
        best = best_of([*ends, *slips])
        if best is None or best.level < 3 or _ends_mistyped(best) or self.names.kind_mistyped(text, best):
            cities = [state for state in slips if _ends_mistyped(state) and any(len(c) == 4 for c in state.hypotheses)]
            twice = [end for city in cities for end in self._extend(text, city, self.names.mistyped, once=True)]
            best = best_of([best, *twice]) if best else best_of(twice)
        return best

    def _behind_letter(self, text: str) -> Iterator[tuple[int, bool]]:
        """Yield where the names begin behind the one letter of a municipality: 沪浦东周浦镇. As `_begins` does."""
        code = LETTERS.get(text[:1], "")
        if code:
            behind = (m for _, meanings in self.lexicon.starting(text, 1) for m in meanings)
            if any(m.level == 3 and m.code.startswith(code) for m in behind):
                yield 1, True

    def _mistyped(self, text: str, ends: list[State], begin: int) -> Iterator[State]:
        """Yield the ends of chains with one mistyped name: the first one, or one behind a chain that is read already.

        Args:
            text: as the matcher reads it.
            ends: the chains without mistyped names.
            begin: where a chain may begin too.
        """
        best = best_of(ends)
        fronts = {best.spans[0][0], begin} if best else {begin}
        for start in [*map(State, sorted(fronts)), *ends]:
            if start.level < 3:
                yield from self._extend(text, start, self.names.mistyped, once=True)

    def _further_back(self, reading: Reading, best: State | None) -> State | None:
        """Return the chain that begins inside the text, with the names of the best one before it; else the best one."""
        text = reading.plain
        inside = best_of(self._anywhere(text, best)) or self._lone_name(reading, best) or self._behind_zone(text, best)
        if inside is not None:
            best = self._with_front(text, best, inside) if best else inside
        return self._with_names_before(reading, best) if best else None

    def _anywhere(self, text: str, best: State | None) -> list[State]:
        """Return the ends of the best chain of two and more names that begins inside the text, if it is better.

        A county's short name and a town's whole one are enough behind a city or province: 杭州义乌佛堂镇.
        """
        found: list[State] = []
        score = best.score + BETTER_BY if best else 0.0
        lengths = self.lexicon.lengths
        for at in [at for at in range(1, min(len(text), FAR)) if text[at : at + 2] in lengths]:
            if best is not None and best.spans[0][1] == at and text.startswith(OF_MANY_CITIES, at):
                continue  # 蚌埠市郊区长青乡
            starting = [m for _, meanings in self.lexicon.starting(text, at) for m in meanings]
            follows = best is not None and best.level < 3 and best.at == at and any(m.level < 4 for m in starting)
            if follows or any(m.kind == FULL or (m.kind == FORMER and m.level < 4) for m in starting):
                ends = self._extend(text, State(at), self.names.exact)
                ends = [s for s in ends if _two_names(s) or (follows and _short_and_whole(s))]
                other = best_of(ends)
                if other is not None and other.score > score:
                    found, score = ends, other.score
        return found

    def _lone_name(self, reading: Reading, best: State | None) -> State | None:
        """Return the one whole name of a county or city inside the text, where no other name is read.

        It stands behind a separator or a bracket, or behind the former name of a town.
        """
        names = best.best.names if best and best.best else ()
        if any(name is None or name.level < 4 or name.kind == FULL for name in names):
            return None
        text, behind = reading.plain, best.at if best else 0
        for at in range(1, min(len(text), FAR)):
            beside = BESIDE.search(text, max(0, at - 2), at) if text[at - 1] in BESIDE_ENDS else None
            begin = at - len(beside.group()) if beside else at
            opened = begin > 0 and text[begin - 1] in OPEN
            if at != behind and not opened and not reading.parted(begin):
                continue
            whole = [s for s in self.names.exact(text, State(at)) if len(s.hypotheses) == 1 and _has_whole_name(s)]
            found = best_of([s for s in whole if s.at - at > 2 and (s.level in (2, 3) or at == behind)])
            if found is None or found.best is None:
                continue
            if best and best.best and best.best.code.startswith(found.best.code):
                continue  # it says no more than what is read already
            apart = found.at == len(text) or text[found.at] in CLOSE or reading.parted(found.at)
            if beside or not apart:
                found.at = at  # 工业三路5号（建瓯市农机站旁）: it is part of another name
            return found
        return self._glued(text) if best is None else None

    def _glued(self, text: str) -> State | None:
        """Return the one whole name of a county near the front of a text, where no name is read: 送到盱眙县幸福路.

        Behind other words than those of a request it is part of another name: 国网盱眙县供电公司.
        """
        for at in range(1, min(len(text) - 2, FRONT)):
            if text[at : at + 2] not in self.lexicon.lengths:
                continue
            for length, meanings in self.lexicon.starting(text, at):
                name = text[at : at + length]
                full = [m for m in meanings if m.kind == FULL]
                lone = len(full) == len(meanings) == 1 and full[0].level == 3 and length > 2
                if lone and name[-1] in OWN_KINDS and not name.endswith("城市"):  # 上海城市花园
                    found = grow(State(0), at, at + length, full)
                    if found is not None and REQUEST.search(text, 0, at) is None:
                        found.at = at
                    return found
        return None

    def _behind_zone(self, text: str, best: State | None) -> State | None:
        """Return the whole name of a county behind a zone that is no division: 河北省雄安新区容城县.

        The county must lie in the province or city that is read before. A town must be the only one of its name there;
        behind a zone at the front, in the country: 江北新区顶山街道.
        """
        sure = best is not None and best.best is not None and best.score >= LEAST
        if sure and best is not None and best.level > 2:
            return None
        start, under = (best.at, best.best.code) if sure and best and best.best else (0, "")
        if not (zone := ZONE_BETWEEN.match(text, start)):
            return None
        found = list(self.names.exact(text, State(zone.end())))
        counties = [s for s in found if under and _has_whole_name(s) and s.level == 3]
        counties = [s for s in counties if s.best and s.best.code.startswith(under)]
        inside = best_of(counties) or best_of([town for s in found if (town := _only_town(s, under)) is not None])
        if inside is not None and not under:  # the zone is no lead
            inside.spans = ((0, zone.end()), *inside.spans)
            for hypothesis in inside.hypotheses.values():
                hypothesis.names = (ZONE, *hypothesis.names)
        return inside

    def _with_front(self, text: str, front: State, inside: State) -> State:
        """Return ``inside`` with the names that ``front`` has before it. Those that are not around it contradict it.

        A short name counts where it is a city's or province's and ``inside`` follows at once: 武汉长沙县星沙街道.
        """
        begin = inside.spans[0][0]
        before = [span for span in front.spans if span[1] <= begin]
        gap, unread = (before[-1][1] if before else begin, begin), tuple[Meaning | None, ...]()
        if gap[0] < begin and not FILLER.fullmatch(text, *gap):
            passed = ZONE_BETWEEN.fullmatch(text, *gap) or remarks.is_remark(text, *gap)
            unread = (ZONE if passed else None,)
        named = [[m for m in self.lexicon.names.get(text[a:b], ()) if m.level < 4] for a, b in before]
        beside = {m for m in named[-1] if m.kind == SHORT and m.level < 3} if named and None not in unread else set()
        if not (beside or any(m.kind == FULL for found in named for m in found)):
            return inside
        for hypothesis in inside.hypotheses.values():
            names = (next((m for m in found if hypothesis.code.startswith(m.code)), None) for found in named)
            hypothesis.names = (*names, *unread, *hypothesis.names)
        inside.spans = (*before, *([gap] if unread else ()), *inside.spans)
        return inside

    def _with_names_before(self, reading: Reading, inside: State) -> State:
        """Return ``inside`` with the names of provinces and cities that stand directly before it: 安徽江苏南京市."""
        spans: list[tuple[int, int]] = []
        text, begin = reading.plain, inside.spans[0][0]
        while begin > 1 and not reading.parted(begin):
            length = next((n for n in range(min(LONGEST_CITY, begin), 1, -1) if self._around(text, begin, n)), 0)
            if not length:
                break
            spans.insert(0, (begin - length, begin))
            begin -= length
        if not spans:
            return inside  # mostly; 城关镇 has 150 hypotheses
        found = [self._around(text, end, end - start) for start, end in spans]
        for hypothesis in inside.hypotheses.values():
            before = (next((m for m in names if hypothesis.code.startswith(m.code)), None) for names in found)
            hypothesis.names = (*before, *hypothesis.names)
        inside.spans = (*spans, *inside.spans)
        return inside

    def _around(self, text: str, end: int, length: int) -> list[Meaning]:
        """Return the provinces and cities whose whole or short name of some length ends at a position."""
        named = self.lexicon.names.get(text[end - length : end], ())
        return [m for m in named if m.level < 3 and m.kind in (FULL, SHORT)]

    def _extend(self, text: str, start: State, names: Names, once: bool = False) -> list[State]:
        """Return every state that a chain of names from ``start`` may end in."""
        ends, open_states = [], [start]
        while open_states:
            following: list[State] = []
            for state in open_states:
                following += names(text, state) if len(state.spans) < MOST_NAMES else []
                if state.spans and state.closed and not (once and state is start):
                    ends.append(state)
            if once:
                names, once = self.names.exact, False
            open_states = following if len(following) < 2 else sorted(following, key=lambda s: -s.score)[:OPEN_CHAINS]
        return ends


def _begins(reading: Reading) -> Iterator[tuple[int, bool]]:
    """Yield where names may begin behind what stands before an address; and whether all before is surely no address."""
    sure = True
    for token in islice(lead.tokens(reading.line), MOST_NAMES):
        sure = sure and token.sure
        yield reading.inside(token.end), sure


def _has_whole_name(state: State) -> bool:
    """Whether a chain has a whole or former name above the towns. Then it counts behind any word."""
    names = [name for name in state.best.names if name] if state.best else []
    return any(name.kind in (FULL, FORMER) and name.level < 4 for name in names)


def _agree(state: State) -> bool:
    """Whether a chain has at least two names, and none that contradicts."""
    names = state.best.names if state.best else ()
    return len(names) > 1 and None not in names


def _two_names(state: State) -> bool:
    """Whether a chain has at least two names, which agree, and a whole or former one above the towns."""
    return _agree(state) and _has_whole_name(state)


def _short_and_whole(state: State) -> bool:
    """Whether a chain is short names that agree, one of them below the provinces, and then the whole name of a town."""
    if state.best is None or not _agree(state):
        return False
    *above, town = [(name.level, name.kind) for name in state.best.names if name]
    return town == (4, FULL) and all(kind == SHORT for _, kind in above) and above[-1][0] > 1


def _only_town(state: State, under: str) -> State | None:
    """Return the part of a chain that is the whole name of the one town of that name in a division."""
    inside = {code: hypothesis for code, hypothesis in state.hypotheses.items() if code.startswith(under)}
    name = state.best.names[0] if state.best and len(state.spans) == 1 else None
    town = name is not None and name.kind == FULL and name.level == 4 and len(name.name) >= LONG_TOWN
    return State(state.at, state.spans, inside) if town and len(inside) == 1 else None


def _ended(reading: Reading, state: State) -> State:
    """Return ``state`` with its end where the detail begins."""
    found = ended(reading.plain, state)
    give_back_kind(reading, found)
    return found


def _ends_mistyped(state: State) -> bool:
    """Whether the last name of a chain is mistyped."""
    last = state.best.names[-1] if state.best else None
    return last is not None and last.kind in MISTYPED
