"""Which words of a line are the receiver's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from buqi.contact.labels import ADDRESS, NAME, PHONE
from buqi.contact.parts import LABEL, SYMBOLS, LineMarks, Neighbour
from buqi.contact.people import COMPOUND, LATIN, SURNAMES, is_labelled_name, is_name, is_titled
from buqi.divisions import Matcher
from buqi.divisions.lead import person_end
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.table import load_table
from buqi.expressions import expression

_SEPARATORS = (
    r"\s,，、;；:|/\\_—–。.>＞→*+=~\"'“”‘’•‧·()\[\]{}<>【】〔〕「」《》\x00-\x1f\u200b-\u200f\u2028-\u202f\u2060\ufeff"
)
_TOKEN = expression(
    rf"(?<![A-Za-z])(?:{LATIN.pattern})(?![A-Za-z\u4e00-\u9fff])"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff][ \t\u3000]{1,4}[\u4e00-\u9fff](?![\u4e00-\u9fff*])"
    r"|\*{1,2}[\u4e00-\u9fff]{1,2}(?![\u4e00-\u9fff*])|[\u4e00-\u9fff][*×x]{1,3}[\u4e00-\u9fff]?(?![\u4e00-\u9fff])"
    rf"|(?:[^{_SEPARATORS}{SYMBOLS}-]|(?<=[\u4e00-\u9fff])[·•‧・](?=[\u4e00-\u9fff]))+"
)
_RECEIVE = expression(r"亲?收|亲启")
_RECEIVED = expression(rf"(.+?)(?:{_RECEIVE.pattern})")
_NEAR_TITLED = expression(r"[\u4e00-\u9fff][生总姐哥](?=[\u4e00-\u9fff]{2})")
_PHONE = "13800000000"  # a name is read more easily behind a telephone
_DOOR_END = expression(r"(?:[号室楼层户院座栋幢]|单元|\d[A-Za-z]?|[\d-]+)$")
_BEHIND_DOOR = expression(r".*(?:[号室楼层户院座栋幢]|单元|\d)(?P<name>[\u4e00-\u9fff]{2,4})$")
# Ranks of names: behind a label, with a title, beside a telephone, without a separator, at the line's edge.
_LABELLED, _TITLED, _NEAR, _GLUED, _EDGE = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class NameSpan:
    """``line[start:end]`` may be a name. Of several on a line, the one of the highest rank is taken."""

    start: int
    end: int
    rank: float


def find_name(marks: LineMarks, matcher: Matcher) -> None:
    """Mark the receiver's name, if one is certain enough."""
    best = max(_candidates(marks, matcher), key=lambda found: found.rank, default=None)
    if best is None:
        return
    marks.mark(best.start, best.end, NAME)
    if behind := _RECEIVE.match(marks.line, best.end):
        marks.mark(behind.start(), behind.end(), LABEL)


def _candidates(marks: LineMarks, matcher: Matcher) -> Iterator[NameSpan]:
    """Yield what may be a name among the words between separators, fields and labels."""
    for word in _TOKEN.finditer(marks.unmarked()):
        start, end = word.span()
        before, behind = marks.before(start), marks.behind(end)
        if any(label.kind == NAME and label.start <= before.at < label.end for label in marks.asked):
            yield from _labelled(marks, matcher, start, end)
        else:
            yield from _apart(marks, matcher, start, end, before, behind)


def _labelled(marks: LineMarks, matcher: Matcher, start: int, end: int) -> Iterator[NameSpan]:
    """Yield the name behind a label that asks for one."""
    token = marks.line[start:end]
    if received := _RECEIVED.fullmatch(token):
        end, token = start + received.end(1), received[1]
    if is_labelled_name(token) and (is_name(token, True, True) or _may_be_person(token, marks, matcher, start, end)):
        yield NameSpan(start, end, _LABELLED)
        return
    length = _before_divisions(token, matcher)
    if length and is_labelled_name(token[:length]):
        yield NameSpan(start, start + length, _LABELLED)


def _apart(
    marks: LineMarks, matcher: Matcher, start: int, end: int, before: Neighbour, behind: Neighbour
) -> Iterator[NameSpan]:
    """Yield a name that no label asks for."""
    token, whole_end = marks.line[start:end], end
    received = behind.at in marks.received
    if found := _RECEIVED.fullmatch(token):
        end, token, received = start + found.end(1), found[1], True
    # At the line's front, before the label of a telephone or an address, a word stands alone.
    opens = before.at < 0 and any(label.start == behind.at for label in marks.asked)
    near = opens or PHONE in (before.kind, behind.kind)
    here = marks.has(PHONE) or marks.has(LABEL)
    edge = before.kind != ADDRESS or behind.kind != ADDRESS
    bracketed = near and start > 0 and marks.line[start - 1] in "([【〔"
    apart = before.kind != ADDRESS or _DOOR_END.search(marks.line[: before.at + 1]) is not None
    far_from_places = received or bracketed or (apart and (near or here))
    if not is_name(token, near or received, far_from_places) or _divisions_within(token, matcher):
        if received or marks.has(PHONE):
            yield from _glued(marks, matcher, start, end, before, behind)
        return
    if received or is_titled(token):
        rank = _TITLED
    elif near:
        rank = _NEAR
    else:
        rank = _EDGE if here and edge else 0
    if rank == _TITLED or (rank and _may_be_person(token, marks, matcher, start, whole_end)):
        yield NameSpan(start, end, rank + 0.5 * (before.kind != ADDRESS))


def _glued(
    marks: LineMarks, matcher: Matcher, start: int, end: int, before: Neighbour, behind: Neighbour
) -> Iterator[NameSpan]:
    """Yield a name without a separator: 张三北京市朝阳区, 建国路88号张三 138…, 陕西王小明138…."""
    token = marks.line[start:end]
    near = behind.kind == PHONE
    length = _before_divisions(token, matcher) if before.kind != ADDRESS else 0
    if not length and before.kind == PHONE:
        length = max(_before_divisions(_PHONE + token, matcher) - len(_PHONE), 0)
    if length:
        name = token[:length]
        if is_name(name, True, True) and _may_be_person(name, marks, matcher, start, start + length):
            yield NameSpan(start, start + length, _GLUED)
        return
    if before.kind == PHONE and (titled := _NEAR_TITLED.match(token)) and token[0] in SURNAMES:
        if matcher.match(token[titled.end() :]).equal and not _codes(titled.group(), matcher):
            yield NameSpan(start, start + titled.end(), _GLUED)
        return
    if near and (door := _BEHIND_DOOR.match(token)):
        name = door["name"]
        if is_name(name, False, True) and _may_be_person(name, marks, matcher, end - len(name), end):
            yield NameSpan(end - len(name), end, _GLUED)
        return
    if near and behind.at == end and marks.behind(_end_of(marks, end)).kind == ADDRESS:
        length = _divisions_end(token, matcher)
        name = token[length:]
        if length and is_name(name) and name[0] in SURNAMES | {c[0] for c in COMPOUND}:
            yield NameSpan(start + length, end, _GLUED)


def _end_of(marks: LineMarks, at: int) -> int:
    """Return where the fields and labels end that stand at a position."""
    while at < len(marks.kinds) and marks.kinds[at] != ADDRESS:
        at += 1
    return at


def _before_divisions(token: str, matcher: Matcher) -> int:
    """Return how many characters of a token stand before divisions; 0 if they are too few or too many for a name."""
    match = matcher.match(token)
    if not match.spans or not match.candidates:
        return 0
    length, used = match.spans[0][0], match.candidates[0].used
    whole = bool(used) and used[0].start == length and used[0].kind in (FULL, SHORT)
    return length if whole and 2 <= length <= 20 else 0


def _divisions_within(token: str, matcher: Matcher) -> bool:
    """Whether a long token with a dot goes on with divisions: 阿不都·热西提新疆维吾尔自治区."""
    return len(token) > 4 and _before_divisions(token, matcher) > 0


def _divisions_end(token: str, matcher: Matcher) -> int:
    """Return where the divisions at the front of a token end; 0 unless two or three characters of a name follow."""
    match = matcher.match(token)
    if not match.spans or match.spans[0][0] != 0 or not match.candidates or match.candidates[0].against:
        return 0
    return match.behind if 2 <= len(token) - match.behind <= 3 else 0


def _may_be_person(name: str, marks: LineMarks, matcher: Matcher, start: int, end: int) -> bool:
    """Whether a name is no place that fits the address around it: 高平 in front of 山西省晋城市 is one."""
    codes = _codes(name, matcher)
    if not codes:
        return True
    path = matcher.match(marks.address_without(start, end)).path
    if not path.divisions:
        return name[0] in SURNAMES and start == 0 and person_end(marks.line) == end  # 周宁13800000000人民路8号
    deepest = path.divisions[-1].code
    return not any(code.startswith(deepest) or deepest.startswith(code) for code in codes)


def _codes(name: str, matcher: Matcher) -> set[str]:
    """Return the codes of the divisions that are called so, with or without what their kind is called."""
    found = {meaning.code for meaning in matcher.lexicon.names.get(name, ())}
    return found | _town_stems().get(name, set())


@lru_cache(maxsize=1)
def _town_stems() -> dict[str, set[str]]:
    """Return the codes of towns by their names without 镇, 乡, 街道."""
    stems: dict[str, set[str]] = defaultdict(set)
    for town in load_table().at("town"):
        stems[re.sub(r"(?:民族乡|街道|地区|镇|乡)$", "", town.name)].add(town.code)
    return dict(stems)
