"""An address as the matcher reads it: one width, one script, no separators, every character traceable to the input."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from opencc import OpenCC

from buqi.divisions.table import load_table
from buqi.expressions import expression

# What people put between levels, and what copying leaves behind: also tags and entities of HTML. Brackets are kept
# apart: see `Reading`.
SIGNS = r"\s,，、;；:：|/\\_\-—–·.。>＞→*\"'“”‘’\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060\ufeff"
SEPARATORS = expression(
    rf"(?:[{SIGNS}]|<\s?/?[A-Za-z]{{1,6}}\s?/?>|&(?:[A-Za-z]{{2,6}}|#[0-9]{{1,5}}|#x[0-9A-Fa-f]{{1,5}});)+"
)
# What separators begin with. Most texts have none, and one character is sought far faster than the whole pattern.
PARTING = expression(f"[{SIGNS}<&]")
# A character of Chinese as a number of HTML: &#29572; is 玄.
ENTITY = expression(r"&#(?:([0-9]{5})|x([0-9A-Fa-f]{4}));")
# ① numbers the lines of a list; it is no digit of an address.
ENCLOSED = expression(r"[\u2460-\u24ff\u2776-\u2793]")
# Forms of the Hong Kong standard that OpenCC does not turn into simplified ones, and radicals (U+2E80 to U+2EF3) that
# copying from a PDF puts for the characters; NFKC leaves them.
VARIANTS = {"衞": "卫", "敍": "叙", "巿": "市"} | dict(
    zip(
        "⻄⻓⻢⻋⻘⻥⻦⻨⻩⻬⻰⻔⻅⻉⻚⻛⻜⻝⻮⻳⻤⻣⻆⻁⺠⺟⺼⺶⺷⻗⻙⻧⺎⺁⺒⺓⺜⺝⺧⺩⺪⺫⺬⺮⻑⺵⺻⺽",
        "西长马车青鱼鸟麦黄齐龙门见贝页风飞食齿龟鬼骨角虎民母肉羊羊雨韦卤兀厂巳幺日月牛王疋目示竹长网聿臼",
        strict=True,
    )
)


KEPT = 1000  # texts whose readings are kept
LONGEST_KEPT = 1000  # characters of such a text


class Simplified(dict[int, str | int]):
    """Translation table for `str.translate`: full width to half width, traditional to simplified.

    It is filled as characters are asked for. A character that stands in a name of the table is never changed: 乾县
    keeps its 乾. Every entry is one character, so positions stay.
    """

    def __missing__(self, code: int) -> str | int:
        self[code] = found = self._plain(chr(code))
        return found

    @staticmethod
    def _plain(character: str) -> str | int:
        if character in _table_characters() or ENCLOSED.match(character):
            return ord(character)
        plain = VARIANTS.get(character) or unicodedata.normalize("NFKC", character)
        if len(plain) != 1:
            return ord(character)
        if "\u4e00" <= plain <= "\u9fff":
            plain = _converter().convert(plain)
        return plain if len(plain) == 1 else ord(character)


@lru_cache(maxsize=1)
def _table_characters() -> frozenset[str]:
    return frozenset("".join(load_table().names.values()))


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("t2s")


PLAIN = Simplified()


class Reading(NamedTuple):
    """A text, and how the matcher reads it.

    Attributes:
        raw: the text as given.
        line: ``raw`` in one width and one script, with its separators; each character stands where it does in ``raw``.
        plain: ``line`` without separators: the text that is matched.
        at: for each character of ``plain``, its position in ``raw``; ``None`` if there are no separators.
    """

    raw: str
    line: str
    plain: str
    at: tuple[int, ...] | None

    def where(self, position: int) -> int:
        """Return the position in ``raw`` of a position in ``plain``. The end of ``plain`` is the end of ``raw``."""
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

    def parted(self, position: int) -> bool:
        """Whether a separator stands before a position in ``plain`` that is not its first."""
        return self.at is not None and self.at[position - 1] + 1 < self.at[position]

    def inside(self, position: int) -> int:
        """Return the position in ``plain`` of a position in ``raw``. Of a separator: that of the next character."""
        return position if self.at is None else bisect_left(self.at, position)


def read(raw: str) -> Reading:
    """Return ``raw`` as the matcher reads it."""
    return _read_once(raw) if len(raw) <= LONGEST_KEPT else _read(raw)


def _read(raw: str) -> Reading:
    line = raw.translate(PLAIN)
    if "&#" in line:
        line = ENTITY.sub(_written_out, line)
    if PARTING.search(line) is None:
        return Reading(raw, line, line, None)
    spans = [found.span() for found in SEPARATORS.finditer(line)]
    if not spans:
        return Reading(raw, line, line, None)
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(line)]
    at = tuple(chain.from_iterable(map(range, starts, ends)))
    return Reading(raw, line, "".join(line[a:b] for a, b in zip(starts, ends, strict=True)), at)


def _written_out(entity: re.Match[str]) -> str:
    """Return the character that a number of HTML stands for, and separators for the rest of the number."""
    character = chr(int(entity[1]) if entity[1] else int(entity[2], 16))
    if not "\u4e00" <= character <= "\u9fff":
        return entity.group()
    return character.translate(PLAIN) + "\x00" * (len(entity.group()) - 1)


_read_once = lru_cache(maxsize=KEPT)(_read)  # several rooms read an address and what is left of it
