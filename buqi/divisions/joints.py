"""Where the next name of a chain may begin: at once, or behind a bracket or a word that means nothing (的)."""

from __future__ import annotations

from collections.abc import Iterator

from buqi.divisions.between import is_telling
from buqi.divisions.chain import State
from buqi.divisions.name_patterns import (
    BRACKETS,
    CLOSE,
    FILLER,
    FILLER_STARTS,
    HONG_KONG,
    LISTED,
    NO_DIVISION,
    NOT_CHOSEN,
    ONCE,
    OPEN,
)

COUNTY = 3  # its level


def joints(text: str, state: State) -> list[int]:
    """Return the positions at which the name behind ``state`` may begin, the nearest first."""
    at = state.at
    found = [at]
    here = text[at : at + 1]
    if not state.spans:
        return [at, at + 1] if here and here in OPEN else found  # (上海)自由贸易试验区 begins with a bracket
    if here and here in OPEN + CLOSE and (brackets := BRACKETS.match(text, at)):
        at = brackets.end()
        found.append(at)
        here = text[at : at + 1]
        if here and here in ONCE and text[at - 1] in OPEN:
            found.append(at + 1)
    if here and state.best is not None and state.best.code == "81" and (part := HONG_KONG.match(text, at)):
        found.append(part.end())
    if here and (here in FILLER_STARTS or not "\u4e00" <= here <= "\u9fff"):
        found += [end for end in _fillers(text, at) if end not in found]
    return found


def _fillers(text: str, at: int) -> Iterator[int]:
    """Yield where a filler that begins at a position may end, the shortest first."""
    longest = FILLER.match(text, at)
    for end in range(at + 1, longest.end() + 1 if longest else at):
        if FILLER.fullmatch(text, at, end):
            yield end


def is_listed(between: str, level: int) -> bool:
    """Whether a filler is what shops' forms have behind a county (城区, 六环以内) or behind any name (请选择).

    Args:
        between: the filler.
        level: of the chain before it.
    """
    return NOT_CHOSEN.fullmatch(between) is not None or (level == COUNTY and LISTED.fullmatch(between) is not None)


def past_close(text: str, start: int, before: int, end: int) -> int:
    """Return where the text goes on behind a name. A bracket that opens before the name may close behind it.

    Args:
        text: as the matcher reads it.
        start: where the name begins.
        before: where the chain before it ended.
        end: where the name ends.
    """
    once = start > before + 1 and text[start - 1] in ONCE
    opened = start > before and text[start - 1 - once] in OPEN
    return end + 1 if opened and text[end : end + 1] in CLOSE and text[end : end + 1] else end


def ended(text: str, state: State) -> State:
    """Return ``state`` behind another word of the kind that stood between its names: 安徽省的太和县的人民路.

    Also behind 市辖区, and behind a bracket that opens before the first name: [江西省德兴市]黄柏乡.

    Args:
        text: as the matcher reads it.
        state: the chain that is the answer. It is changed.
    """
    filled = state.filled
    state.at += len(filled) if filled and text.startswith(filled, state.at) and not is_telling(filled) else 0
    if state.level < COUNTY and text[state.at - 1] == "市" and (title := NO_DIVISION.match(text, state.at)):
        state.at = title.end()
    begin, here = state.spans[0][0], text[state.at : state.at + 1]
    if begin == 1 and here and here in CLOSE and text[0] == OPEN[CLOSE.index(here)]:
        state.at += 1
    return state
