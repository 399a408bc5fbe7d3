"""An address as the matcher reads it: one width, one script, no separators, every character traceable to the input."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC

from buqi.divisions.table import load_table

# What people put between levels, and what copying leaves behind. Brackets are kept apart: see `Reading`.
SEPARATORS = re.compile(
    r"[\s,，、;；:：|/\\_\-—–·.。>＞→*\"'“”‘’\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060\ufeff]+"
)


class Simplified(dict[int, str | int]):
    """Translation table filled as characters come: full width to half width, traditional to simplified.

    A character that stands in a name of the table is never changed (乾县 keeps its 乾). Every entry is one character,
    so positions stay.
    """

    def __missing__(self, code: int) -> str | int:
        self[code] = found = self._plain(chr(code))
        return found

    @staticmethod
    def _plain(character: str) -> str | int:
        if character in _table_characters():
            return ord(character)
        plain = unicodedata.normalize("NFKC", character)
        if len(plain) != 1:
            return ord(character)
        if "\u4e00" <= plain <= "\u9fff":
            plain = _converter().convert(plain)
        return plain if len(plain) == 1 else ord(character)


@lru_cache(maxsize=1)
def _table_characters() -> frozenset[str]:
    return frozenset("".join(d.name for d in load_table().by_code.values()))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


PLAIN = Simplified()


@dataclass(frozen=True)
class Reading:
    """``plain`` is the text to match; character ``i`` of it is character ``at[i]`` of ``raw``."""

    raw: str
    plain: str
    at: tuple[int, ...] | None

    def where(self, position: int) -> int:
        """Return the position in ``raw`` of a position in ``plain``; its end is the end of ``raw``."""
        if self.at is None:
            return position
        return self.at[position] if position < len(self.at) else len(self.raw)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``plain[start:end]`` stands in ``raw``."""
        return self.where(start), self.where(end - 1) + 1 if end > start else self.where(start)

    def after(self, position: int) -> int:
        """Return where ``raw`` goes on behind ``plain[:position]``, past separators."""
        if position == 0:
            return 0
        return self.where(position) if position < len(self.plain) else self.where(position - 1) + 1


def read(raw: str) -> Reading:
    """Return ``raw`` as the matcher reads it."""
    plain = raw.translate(PLAIN)
    if SEPARATORS.search(plain) is None:
        return Reading(raw, plain, None)
    at = tuple(i for i, c in enumerate(plain) if SEPARATORS.match(c) is None)
    return Reading(raw, "".join(plain[i] for i in at), at)
