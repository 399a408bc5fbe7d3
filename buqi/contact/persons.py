"""Which words of a line are the receiver's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from buqi.contact.labels import ADDRESS, NAME, PHONE, Label
from buqi.contact.parts import LABEL, SYMBOLS, LineMarks
from buqi.contact.people import COMPOUND, LATIN, SURNAMES, is_labelled_name, is_name, is_titled
from buqi.divisions import Matcher
from buqi.divisions.table import load_table

_SEPARATORS = (
    r"\s,，、;；:|/\\_—–。.>＞→*+=~\"'“”‘’•‧·()\[\]{}<>【】〔〕「」《》\x00-\x1f\u200b-\u200f\u2028-\u202f\u2060\ufeff"
)
_TOKEN = re.compile(
    rf"(?<![A-Za-z])(?:{LATIN.pattern})(?![A-Za-z\u4e00-\u9fff])"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff][ \t\u3000]{1,4}[\u4e00-\u9fff](?![\u4e00-\u9fff*])"
    r"|\*{1,2}[\u4e00-\u9fff]{1,2}(?![\u4e00-\u9fff*])|[\u4e00-\u9fff][*×x]{1,3}[\u4e00-\u9fff]?(?![\u4e00-\u9fff])"
    rf"|(?:[^{_SEPARATORS}{SYMBOLS}-]|(?<=[\u4e00-\u9fff])[·•‧・](?=[\u4e00-\u9fff]))+"
)
_RECEIVE = re.compile(r"亲?收|亲启")
_RECEIVED = re.compile(rf"(.+?)(?:{_RECEIVE.pattern})")
_DOOR_END = re.compile(r"(?:[号室楼层户院座栋幢]|单元|\d[A-Za-z]?|[\d-]+)$")
_BEHIND_DOOR = re.compile(r".*(?:[号室楼层户院座栋幢]|单元|\d)(?P<name>[\u4e00-\u9fff]{2,4})$")
_LABELLED, _TITLED, _NEAR, _GLUED, _EDGE = 5, 4, 3, 2, 1


@dataclass(frozen=True, slots=True)
class Found:
    """A name's place on the line, and how sure it is one."""

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


def _candidates(marks: LineMarks, matcher: Matcher) -> Iterator[Found]:
    for start, end in _tokens(marks):
        before, behind = marks.kind_before(start), marks.kind_after(end)
        label = _label_before(marks, before[0])
        if label is not None and label.kind == NAME:
            yield from _labelled(marks, matcher, start, end)
        else:
            yield from _apart(marks, matcher, start, end, before, behind)


def _tokens(marks: LineMarks) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the words between separators, fields and labels."""
    masked = "".join(c if kind == ADDRESS else "\x00" for c, kind in zip(marks.line, marks.kinds, strict=True))
    for found in _TOKEN.finditer(masked):
        yield found.span()


def _label_before(marks: LineMarks, at: int) -> Label | None:
    return next((label for label in marks.asked if label.start <= at < label.end), None)


def _labelled(marks: LineMarks, matcher: Matcher, start: int, end: int) -> Iterator[Found]:
    token = marks.line[start:end]
    if received := _RECEIVED.fullmatch(token):
        end, token = start + received.end(1), received[1]
    if is_labelled_name(token) and (is_name(token, True, True) or _may_be_person(token, marks, matcher, start, end)):
        yield Found(start, end, _LABELLED)
        return
    length = _before_divisions(token, matcher)
    if length and is_labelled_name(token[:length]):
        yield Found(start, start + length, _LABELLED)


def _apart(
    marks: LineMarks, matcher: Matcher, start: int, end: int, before: tuple[int, str], behind: tuple[int, str]
) -> Iterator[Found]:
    """Yield a name that no label asks for."""
    token, whole_end = marks.line[start:end], end
    received = behind[0] in marks.received
    if found := _RECEIVED.fullmatch(token):
        end, token, received = start + found.end(1), found[1], True
    near = PHONE in (before[1], behind[1]) or _other_label(marks, before[0], behind[0])
    here = marks.has(PHONE) or marks.has(LABEL)
    edge = before[1] != ADDRESS or behind[1] != ADDRESS
    bracketed = near and start > 0 and marks.line[start - 1] in "([【〔"
    apart = before[1] != ADDRESS or _DOOR_END.search(marks.line[: before[0] + 1]) is not None
    if is_name(token, near or received, received or bracketed or (apart and (near or here))) and not _divisions_within(
        token, matcher
    ):
        rank = _TITLED if is_titled(token) or received else _NEAR if near else _EDGE if here and edge else 0
        if rank and (rank == _TITLED or _may_be_person(token, marks, matcher, start, whole_end)):
            yield Found(start, end, rank + 0.5 * (before[1] != ADDRESS))
        return
    if not (marks.has(PHONE) or received):
        return
    yield from _glued(marks, matcher, start, end, before, behind)


def _other_label(marks: LineMarks, before: int, behind: int) -> bool:
    """Whether a label of a telephone or an address stands right behind, so that the word before it stands alone."""
    return before < 0 and any(label.start == behind for label in marks.asked)


def _glued(
    marks: LineMarks, matcher: Matcher, start: int, end: int, before: tuple[int, str], behind: tuple[int, str]
) -> Iterator[Found]:
    """Yield a name without a separator: 张三北京市朝阳区, 建国路88号张三 138…, 陕西王小明138…."""
    token = marks.line[start:end]
    near = behind[1] == PHONE
    if before[1] != ADDRESS and (length := _before_divisions(token, matcher)):
        name = token[:length]
        if is_name(name, True, True) and _may_be_person(name, marks, matcher, start, start + length):
            yield Found(start, start + length, _GLUED)
        return
    if near and (door := _BEHIND_DOOR.match(token)):
        name = door["name"]
        if is_name(name, False, True) and _may_be_person(name, marks, matcher, end - len(name), end):
            yield Found(end - len(name), end, _GLUED)
        return
    if near and behind[0] == end and marks.kind_after(_end_of(marks, end))[1] == ADDRESS:
        length = _divisions_end(token, matcher)
        name = token[length:]
        if length and is_name(name) and name[0] in SURNAMES | {c[0] for c in COMPOUND}:
            yield Found(start + length, end, _GLUED)


def _end_of(marks: LineMarks, at: int) -> int:
    while at < len(marks.kinds) and marks.kinds[at] != ADDRESS:
        at += 1
    return at


def _before_divisions(token: str, matcher: Matcher) -> int:
    """Return how many characters of a token stand before divisions; 0 if it is no name's length."""
    match = matcher.match(token)
    if not match.spans or not match.candidates:
        return 0
    length = match.spans[0][0]
    used = match.candidates[0].used
    full = (
        bool(used)
        and used[0].start == length
        and used[0].kind in ("full", "short")
        and len(used) + len(used[0].name) > 2
    )
    return length if full and 2 <= length <= 20 else 0


def _divisions_within(token: str, matcher: Matcher) -> bool:
    """Whether a long token with a dot goes on with divisions: 阿不都·热西提新疆维吾尔自治区."""
    return len(token) > 4 and _before_divisions(token, matcher) > 0


def _divisions_end(token: str, matcher: Matcher) -> int:
    """Return where the divisions end that a token begins with, if a name's two or three characters follow."""
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
        return False
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
