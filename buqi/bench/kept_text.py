"""Whether an answer has every character of its text, once."""

from __future__ import annotations

import re
from collections import Counter

from buqi.address import Completion
from buqi.divisions import Match
from buqi.divisions.between import EDGES, is_telling, kept_between
from buqi.divisions.names import short_names
from buqi.divisions.text import SEPARATORS, read

LETTERS = re.compile(r"[\dA-Za-zＡ-Ｚａ-ｚ]")  # of a telephone, a room, a postcode
READ_AS = ": read as "  # behind a mistyped name in a note
OPENED = re.compile("[(（](?=[^()（）]+$)")  # a bracket that is not closed


def is_kept(answer: Completion, match: Match) -> bool:
    """Whether each character of a text is once in the answer's lead or detail, or in a name that was read.

    Args:
        match: of the text.
    """
    text = match.text
    left, whole = Counter(bare(answer.lead + answer.detail)), Counter(bare(text))
    if bare(answer.full).endswith(bare(text)):
        return True
    behind = match.front + text[match.behind :]
    read_as_names = _read_over(match) + _own_parts(f"{match.lead} {behind}", answer)
    own_detail = answer.detail.removeprefix(kept_between(text, match.spans, match.behind).rstrip(EDGES))
    lead = "" if match.lead else bare(answer.lead)  # of a reader that looked again
    rest, town = bare(behind).removeprefix(lead), answer.path.name("town")
    if (rest and not own_detail and town.startswith(rest)) or _is_said_again(rest, bare(own_detail), answer):
        read_as_names += behind  # 庄河市大郑: the rest is the town's name
    elif town and not own_detail and not lead and town.startswith(_without_names(bare(text), answer)):
        read_as_names = text  # 山东省泰安市肥城湖屯: the town's short name is all that is left
    elif town and rest.endswith(town):
        read_as_names += town  # 相城区人民路5号阳澄湖镇: the rest ends in it
    elif town and rest.strip("()（）").endswith(town):
        read_as_names += town + "()（）"  # in brackets
    opened = OPENED.search(text)
    if opened and not _without_names(bare(text[opened.end() :]), answer):
        read_as_names += text[opened.start() :]  # names at the end, and the bracket before them
    nothing_new = not left - whole
    nothing_lost = not (whole - left) - Counter(bare(read_as_names))
    return nothing_new and nothing_lost and answer.detail in answer.full


def _read_over(match: Match) -> str:
    """Return the names that were read and the fillers between them. Digits and letters are none: they must be kept."""
    text, at, over = match.text, match.spans[0][0] if match.spans else match.behind, []
    for start, end in (*match.spans, (match.behind, match.behind)):
        gap = text[at:start]
        over += [LETTERS.sub("", gap) if is_telling(gap) else gap, text[start:end]]
        at = end
    return "".join(over)


def _own_parts(text: str, answer: Completion) -> str:
    """Return what is nothing but names of an answer between two separators: 甪直镇 江苏苏州 215127."""
    return "".join(part for part in SEPARATORS.split(text) if not _without_names(bare(part), answer))


def _is_said_again(rest: str, detail: str, answer: Completion) -> bool:
    """Whether what ``detail`` lacks of ``rest``, before or behind it, are names that the answer has."""
    town = answer.path.name("town")
    if town and town in rest and rest.replace(town, "", 1) == detail:
        return True  # the town stands behind a zone
    at = len(rest) - len(detail) if rest.endswith(detail) else rest.find(detail)
    if at < 0:
        return False
    before, behind = rest[:at], rest[at + len(detail) :].strip("()（）")
    begins = town.startswith(before)
    # 增城新塘 are the county, and the town without its kind
    return (begins or town.startswith(_without_names(before, answer))) and town.startswith(
        _without_names(behind, answer)
    )


def _without_names(text: str, answer: Completion) -> str:
    """Return a text without the names of an answer's divisions, whole, short, or mistyped as its notes say."""
    names = [name for division in answer.path.divisions for name in (division.name, *short_names(division.name))]
    names += [bare(note.split(READ_AS)[0]) for note in answer.notes if READ_AS in note]
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def bare(text: str) -> str:
    """Return a text as the matcher reads it, without separators."""
    return SEPARATORS.sub("", read(text).plain)


def comes_back(text: str, answer: Completion) -> bool:
    """Whether every character of a text is in its answer, in order."""
    said = iter(bare(answer.lead + answer.full))
    return all(character in said for character in bare(text))
