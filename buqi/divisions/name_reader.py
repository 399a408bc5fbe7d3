"""Which names stand at a position of an address: as they are written, or mistyped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from buqi.divisions.chain import State, began_again, contradicted, grow, related
from buqi.divisions.joints import is_listed, joints, past_close
from buqi.divisions.kind_joints import begins_town, ends_in_next, has_unlisted_town
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FORMER, FULL, MISSING, SHORT, Meaning
from buqi.divisions.mistyping import is_name, is_zone
from buqi.divisions.name_patterns import (
    CLOSE,
    COUNTY_KINDS,
    FAR_LANDSCAPE,
    KIND_SOUNDS,
    LANDSCAPES,
    NAMED_AFTER,
    NO_KIND,
    NOT_BEHIND,
    NOT_FULL,
    NOT_PROVINCE,
    NOT_SHORT,
    OF_MANY_CITIES,
    OFFICE_BEHIND,
    ONCE,
    OPEN,
    OTHER_NAMES,
    OWN_KINDS,
    REST,
    ROAD_AHEAD,
    ROAD_OF_CITY,
    ROAD_OF_COUNTY,
    SEAT_KIND,
    SHORT_ENDS,
    SIDES,
    TOWN_KINDS,
    TOWN_NAMED_AFTER,
    WHOLE_ENDS,
    WORDS,
)
from buqi.divisions.odd_names import OddNames
from buqi.divisions.parted import PartedCities
from buqi.divisions.peoples import PeoplesNames
from buqi.divisions.sounds import sound
from buqi.divisions.town_reader import TownReader
from buqi.divisions.words import ANY_ZONE

# What a former name is worth less where a whole name of today has the same characters.
COVERED = 1.0  # at the front
COVERED_BEHIND = 2.0  # behind another name


class NameReader:
    """Reads the next name of a chain.

    Args:
        lexicon: the names.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon, self.peoples = lexicon, PeoplesNames(lexicon)
        self.towns, self.odd, self.parted = TownReader(lexicon), OddNames(lexicon), PartedCities(lexicon)

    def exact(self, text: str, state: State) -> Iterable[State]:
        """Yield ``state`` with each name that stands where it ends, as it is written."""
        elsewhere = 0  # end of the whole name of a county of elsewhere. It holds no other: 河北省镇雄县 has no 雄县
        for at in joints(text, state):
            between = text[state.at : at].strip(OPEN + CLOSE) if state.spans and at > state.at else ""
            if at < elsewhere:
                continue
            only_whole = bool(between) and not (WORDS.fullmatch(between) or is_listed(between, state.level))
            for end, meanings in self._names(text, at, state):
                if text.startswith("街道", end - 2) and (office := OFFICE_BEHIND.match(text, end)):
                    end = office.end()
                if between in ONCE and text[end : end + 1] not in CLOSE:
                    continue  # 昆山市(原花桥镇政府)
                if only_whole and not any(m.kind == FULL and state.agrees(m) for m in meanings):
                    continue
                if self._is_elsewhere(text, end, meanings, state):
                    elsewhere = end
                    if text[end - 1] == "区" and at == state.at:  # 武汉市东湖区: the table has not every 区
                        yield contradicted(state, end)
                    else:
                        state.closed = False  # 白城市珲春市: a county of elsewhere is not left to the detail
                if at == state.at and self._another_follows(text, end, meanings, state):
                    yield contradicted(state, end)
                grown = self._grown(text, state, at, end, meanings, again="国" in between)
                if grown is not None:
                    yield grown
        if text[state.at : state.at + 2] in self.parted.beginnings:
            yield from self.parted.read(text, state)
        yield from self.odd.read(text, state)
        for found in chain(self.towns.read(text, state), self.peoples.read(text, state)):
            yield self.peoples.past(text, found)

    def _grown(
        self, text: str, state: State, at: int, end: int, meanings: Sequence[Meaning], again: bool
    ) -> State | None:
        """Return ``state`` with a name, as `grow` does; it is not closed where the name begins another one."""
        grown = grow(state, at, end, meanings, end == len(text), again)
        if grown is None:
            return None
        between = bool(state.spans) and at > state.at
        if between:
            grown.filled = text[state.at : at]
        if state.spans and not _deeper(state, grown):
            opened = between and text[at - 1] in OPEN and text[end : end + 1] not in CLOSE  # 安多县（安多县完小路）
            begun_again = state.best is not None and began_again(state.best)
            after = TOWN_NAMED_AFTER if any(m.level == 4 for m in meanings) else NAMED_AFTER
            if opened or (not begun_again and after.match(text, end)):  # 沛县沛县大道
                grown.closed = False
        grown.at = past_close(text, at, state.at, end)
        return self.peoples.past(text, grown)

    def _is_elsewhere(self, text: str, end: int, meanings: Sequence[Meaning], state: State) -> bool:
        """Whether the whole name of a county contradicts the city or province that was read.

        Where several counties have the name, only a district's contradicts: 深圳市中山区, but not 渭南市新城区.
        """
        if not state.spans or state.level > 2:
            return False
        full = [m for m in meanings if m.kind == FULL]
        if not full or any(m.level != 3 or state.agrees(m) for m in full):
            return False
        if full[0].name in OF_MANY_CITIES:
            return True
        if len(full) > 1 and (text[end - 1] != "区" or set(full[0].name) <= SIDES):
            return False
        if ends_in_next(self.lexicon, text, state.at, state.best.names[-1:] if state.best else ()):
            return False
        return NAMED_AFTER.match(text, end) is None

    def _another_follows(self, text: str, end: int, meanings: Sequence[Meaning], state: State) -> bool:
        """Whether the whole name of another county follows a county at once: 洛阳市偃师区渑池县仰韶镇."""
        last = state.best.names[-1] if state.best and state.best.names else None
        if last is None or last.level != 3 or last.kind != FULL or text[end - 1] not in OWN_KINDS:
            return False
        full = [m for m in meanings if m.kind == FULL or (m.kind == FORMER and text.endswith(m.name, 0, end))]
        county = len(full) == 1 and full[0].level == 3 and not state.agrees(full[0]) and len(full[0].name) > 2
        return county and NAMED_AFTER.match(text, end) is None

    def mistyped(self, text: str, state: State) -> Iterable[State]:
        """Yield ``state`` with each name that may be meant where it ends, but is mistyped."""
        whole = (m for size, found in self.lexicon.starting(text, state.at) for m in found if _is_sure(m, size))
        if any(map(state.agrees, whole)):
            return
        short = self._short_under(text, state) if state.spans else ""
        for length, meanings in self.lexicon.mistyped(text, state.at):
            end = state.at + length
            fitting = self._not_as_written(text, state, end, meanings)
            if len(short) >= length - 1:  # 山阳市 under 焦作 is no 沁阳市: 山阳区 is there
                fitting = [m for m in fitting if m.name.startswith(short)]
            if fitting and (grown := grow(state, state.at, end, fitting)) is not None:
                yield grown

    def _not_as_written(self, text: str, state: State, end: int, meanings: list[Meaning]) -> list[Meaning]:
        """Return those of ``meanings`` that the text up to ``end`` may be mistyped for, if it is mistyped at all."""
        written = text[state.at : end]
        known = self.lexicon.names.get(written, ())
        if not self._is_whole(text, state.at, end) or NO_KIND.match(text, end - 1):
            return []
        named = is_name(written, known, self.lexicon.table.names if state.spans else {})
        fitting = [m for m in meanings if not (named or is_zone(written, m))]
        if written in self.lexicon.whole:  # 武汉市东湖区 is no 东西湖区
            fitting = [m for m in fitting if m.kind not in ("missing", "added", "doubled", "other", "taken")]
        for city in self.lexicon.names.get(written[:-1], ()):
            if city.kind == SHORT and city.level == 2:  # 西安曲江新区 is no 西安区
                fitting = [m for m in fitting if m.code.startswith(city.code)]
        if ROAD_AHEAD.match(text, end):  # 准格尔南路 is a road, and no 准格尔旗; 呼伦贝尔扎兰屯东街 is in 扎兰屯市
            ends = (written[-1], "市") if state.spans else (written[-1],)
            fitting = [m for m in fitting if m.kind != "missing" or m.name.endswith(ends)]
        if state.spans:
            fitting = [m for m in fitting if any(m.code.startswith(h) for h in state.hypotheses)]
            if known:  # 吐鲁番市吐鲁番宾馆: that is no 吐鲁番县
                fitting = [m for m in fitting if m.kind != "missing" or m.code not in state.hypotheses]
            if any(m.kind == FORMER and m.level < 4 for m in known):
                fitting = [m for m in fitting if m.kind != "other"]  # 浙江海门市 is no 海宁市
        return fitting

    def _short_under(self, text: str, state: State) -> str:
        """Return the longest short name that stands here of a division under the one that was read."""
        for length, meanings in self.lexicon.starting(text, state.at, under=True):
            if any(m.kind == SHORT and state.agrees(m) for m in meanings):
                return text[state.at : state.at + length]
        return ""

    def kind_mistyped(self, text: str, state: State) -> bool:
        """Whether a short name that ends the chain goes on with what sounds like its kind: 陇西线 for 陇西县."""
        start, end = state.spans[-1]
        return text[start:end] not in self.lexicon.whole and sound(text[end : end + 1]) in KIND_SOUNDS

    def may_be(self, text: str, end: int, meaning: Meaning, length: int) -> bool:
        """Whether a short or former name is meant, and not the beginning of something else.

        Args:
            text: as the matcher reads it.
            end: where the name ends.
            meaning: what it can mean.
            length: of the name as it is written.
        """
        if meaning.kind == FORMER and len(meaning.name) == length and text[end - 1] in WHOLE_ENDS:
            return not (text[end - 1] == "县" and text.startswith("地区", end))  # 宿县地区 was no 宿县
        if meaning.kind == MISSING:  # 喀什地质大队
            return text[end - 1] == "治" or self.leads_on(text, end, meaning)
        if meaning.kind == FORMER and meaning.level < 4 and len(meaning.name) > length and ANY_ZONE.match(text, end):
            return False  # 下关开发区: 下关区 is no more, and other places are called so
        if text[end - length] == "市" and ROAD_AHEAD.match(text, end):
            return False  # 市北京路
        if text.startswith(OTHER_NAMES, end - length):
            return False
        if end <= FAR_LANDSCAPE and text[:end].removeprefix("中国") in LANDSCAPES:
            return self.leads_on(text, end, meaning)
        if meaning.level == 1:
            if text.startswith("内蒙古", end - length) and length == 2:
                return False  # 内蒙 of 内蒙古路
            if NOT_PROVINCE.match(text, end):
                return self.leads_on(text, end, meaning)
        if (length > 2 and text[end - 1] in SHORT_ENDS) or NOT_SHORT.match(text, end) is None:
            return True
        if meaning.level == 2 and ROAD_OF_CITY.match(text, end):
            town = text[end - length : end + 1]
            return not any(town + kind in self.lexicon.names for kind in TOWN_KINDS)  # 阿里河镇 has a 阿里河中央街
        if has_unlisted_town(self.lexicon, text, end, meaning):
            return True
        if SEAT_KIND.match(text, end) and text[end - length : end + 1] not in self.lexicon.names:
            return True  # 青浦镇: the old seat of a county that has no town of its name today
        return self.leads_on(text, end, meaning)

    def _names(self, text: str, at: int, state: State) -> Iterator[tuple[int, list[Meaning]]]:
        """Yield (end, meanings) of the names that stand at a position, the longest first.

        Where a whole name fits, no shorter name is read, and no short name of the same characters. No shorter name is
        read in a city's short name either. Two short names that reach further than a town's whole name are read too:
        普洱镇沅. A former name of the same characters costs more, but not a town's at the front: many towns are
        subdistricts today.
        """
        covered, longer = 0, set[str]()
        under = bool(state.spans) or self._stub_before_town(text, at)
        for length, meanings in self.lexicon.starting(text, at, under=under):
            end = at + length
            if covered:
                further = [m for m in meanings if m.kind == SHORT and self.leads_on(text, end, m, covered)]
                if further:
                    yield end, further
                continue
            full = [m for m in meanings if m.kind == FULL]
            if full and not self._is_whole(text, at, end):
                full = []
            fits = bool(full) and (not state.spans or any(map(state.agrees, full)))
            above = fits and any(m.level < 4 for m in full)
            if fits and (state.spans or above):
                cost = COVERED_BEHIND if state.spans else COVERED
                yield end, full + [m._replace(covered=cost) for m in meanings if m.kind == FORMER]
                if above and not ends_in_next(self.lexicon, text, end, full):
                    return
                covered = end if full[0].level == 4 else 0
                continue
            covered = end if fits else 0
            usable = full + [m for m in meanings if m.kind != FULL and self.may_be(text, end, m, length)]
            if any(m.kind == SHORT for m in usable) and self._is_cut(text, at, end, state):
                usable = [m for m in usable if m.kind != SHORT]
            if former := [m.code for m in usable if m.kind == FORMER]:
                usable = [m for m in usable if m.kind != FORMER or m.code not in longer]
                longer.update(former)
            if usable:
                yield end, usable
            if length > 2 and any(m.kind == SHORT and m.level == 2 for m in usable):
                covered = end  # 黔西南 has no 黔西 in it
            if length > 3 and any(m.level in (2, 3) or length > 4 for m in full):
                return  # 青海省乌兰浩特市 has no 乌兰县 in it, 北京市大兴安岭地区 no 大兴区

    def _stub_before_town(self, text: str, at: int) -> bool:
        """Whether a banner's short form stands before the whole name of a town in it: 鄂托克前敖勒召其镇."""
        if text[at : at + 2] not in self.lexicon.stub_starts:
            return False
        lengths = self.lexicon.lengths.get(text[at : at + 2], (0,))
        for length in range(3, lengths[0]):
            for stub in self.lexicon.stubs.get(text[at : at + length], ()):
                behind = self.lexicon.starting(text, at + length)
                if any(m.kind == FULL and related(m.code, stub.code) for _, found in behind for m in found):
                    return True
        return False

    def _is_whole(self, text: str, at: int, end: int) -> bool:
        """Whether a whole name from ``at`` to ``end`` is meant, and not the beginning of something else."""
        name = text[at : end + 1]
        county = end - at == 2 and text[end - 1] == "县"
        if county and ROAD_OF_COUNTY.match(text, end) and not self._begins_whole(text, end):
            return False  # 洛阳市嵩县路, 青岛莒县路
        if name[-1] not in "场城道际级" or NOT_FULL.fullmatch(name) is None or text[end : end + 2] == "城关":
            return True
        return any(m.kind == FULL for _, found in self.lexicon.starting(text, end) for m in found)  # 杭州市场口镇

    def _is_cut(self, text: str, at: int, end: int, state: State) -> bool:
        """Whether a short name is the beginning of a longer whole one that is mistyped: 科尔沁翼中旗."""
        whole = end - at > 2 and text[end - 1] in SHORT_ENDS  # 循化县
        if whole or REST.match(text, end) is None or self._begins_whole(text, end):
            return False
        return any(
            length > end - at + 1
            and (text[at + length - 1] in COUNTY_KINDS or m.level == 2)
            and m.name.startswith(text[at:end])
            for length, meanings in self.lexicon.mistyped(text, at)
            for m in meanings
            if m.kind != "added"
            and state.agrees(m)  # 江南新区 is no 江南区 with a character too many
            and not is_zone(text[at : at + length], m)
        )

    def _begins_whole(self, text: str, at: int) -> bool:
        """Whether a whole or former name begins at a position."""
        return any(m.kind in (FULL, FORMER) for _, found in self.lexicon.starting(text, at) for m in found)

    def leads_on(self, text: str, end: int, meaning: Meaning, past: int = 0) -> bool:
        """Whether a name follows that lies in a division, lies around it, or is its own: 唐山路南, 湖北湖北仙桃.

        The whole name of any other county counts too, but not a district's: 山东商城县, not 北京路北区.

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
            if begins_town(meaning, behind):
                return True
            if length > 2 and any(m.kind == FULL and m.level == 3 and m.name[-1] in OWN_KINDS for m in found):
                return True
            if behind and meaning.level < 3 and NOT_BEHIND.match(text, end + length) is None:
                return True
        return False


def _is_sure(meaning: Meaning, length: int) -> bool:
    """Whether a name of some length is whole, and of today or of a prefecture: 郧阳地区 is no mistyped 郧阳区."""
    return meaning.kind == FULL or (meaning.kind == FORMER and meaning.name.endswith("地区") and length > 3)


def _deeper(state: State, grown: State) -> bool:
    """Whether the last name of a chain said more than the chain before it."""
    return state.best is None or grown.best is None or state.best.code != grown.best.code
