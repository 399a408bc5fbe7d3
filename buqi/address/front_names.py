"""The names of provinces, cities and counties that a text begins with, each under the one before or around it."""

from __future__ import annotations

from typing import NamedTuple

from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FULL, SHORT


class FrontName(NamedTuple):
    """A name at the front of a text.

    Attributes:
        start: where it begins in the text as the matcher reads it.
        end: where it ends.
        codes: of what it may mean.
        kind: ``FULL`` or ``SHORT``.
    """

    start: int
    end: int
    codes: tuple[str, ...]
    kind: str


def front_names(lexicon: Lexicon, text: str, at: int) -> list[FrontName]:
    """Return the names that stand at a position, one behind the other; of several at one place the longest.

    Args:
        lexicon: knows the names.
        text: as the matcher reads it.
        at: the position.
    """
    found: list[FrontName] = []
    around = ""
    while name := _name_at(lexicon, text, at, around):
        found.append(name)
        around, at = max(around, min(name.codes, key=len), key=len), name.end
    return found


def _name_at(lexicon: Lexicon, text: str, at: int, around: str) -> FrontName | None:
    """Return the longest name that stands at a position and lies in ``around``, or around it."""
    for length, meanings in lexicon.starting(text, at, under=bool(around)):
        named = [m for m in meanings if m.level < 4 and m.kind in (FULL, SHORT)]
        named = [m for m in named if m.code.startswith(around) or around.startswith(m.code)]
        if named:
            kind = FULL if any(m.kind == FULL for m in named) else SHORT
            codes = tuple(dict.fromkeys(m.code for m in named if m.kind == kind))
            return FrontName(at, at + length, codes, kind)
    return None
