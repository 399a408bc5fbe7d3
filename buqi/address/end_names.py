"""Whole names at the end of an address that was answered: of its own place they are left out, of another one noted.

江苏省徐州市泉山区泰山路 徐州市泉山区 ends in its own county, 浙江省杭州市西湖区(江苏省) in another province.
"""

from __future__ import annotations

from dataclasses import replace

from buqi.address.completion import AGAINST, Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.divisions import Candidate, Matcher
from buqi.divisions.meaning import FULL, SHORT
from buqi.divisions.name_patterns import SIDES
from buqi.expressions import expression

OPENING, CLOSING = " \t\n,，;；、/|(（[【", ")）]】 "
OPENED, CLOSED = expression(r"[(（\[【]"), expression(r"[)）\]】]")
# The last character of a county, city or province, but not of a market, housing estate or zone.
PLACE_END = expression(r"(?:[省州县旗]|(?<![超夜城菜门])市|(?<![小社园厂校库片矿景老东西南北发])(?<!高新)区)$")
PLACE_LAST = frozenset("省州县旗市区\n")  # what `PLACE_END` matches at; most texts end in another character
TOWN_END = expression(r"[\s,，;；、(（].*(?:镇|乡|街道)$")
TOWN_LAST = frozenset("镇乡道\n")
PARTS = expression(r"[\s,，;；、/|(（\[【]+|寄往|寄到|发往|送往|改为|搬[到至]|或者?|[新现]址[:：]?")
HOUSE = expression(
    r"[路巷弄村组号楼园苑0-9]|街(?!道)|(?<!街)道"
)  # without one of these before them, names are one chain


def ends_in_place(text: str) -> bool:
    """Whether the last character of a text is that of a county, city or province."""
    return text[-1:] in PLACE_LAST and PLACE_END.search(text) is not None


class EndNames:
    """Reads the names at the end of what is left of an address.

    Args:
        matcher: reads them.
    """

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher

    def answered(self, answer: Completion) -> Completion | None:
        """Return the answer without the names at its end, or with a note of them; ``None`` if there are none."""
        text = answer.detail.rstrip(CLOSING)
        if not ends_in_place(text) and (text[-1:] not in TOWN_LAST or TOWN_END.search(text) is None):
            return None
        names = PARTS.split(text)[-1]
        found = self._meaning(names)
        if found is None:
            return None
        if answer.code.startswith(found.code):
            return _without(answer, text[: -len(names)])
        return None if found.code.startswith(answer.code) else _with_note(answer, names)

    def _meaning(self, names: str) -> Candidate | None:
        """Return what a text means, if it holds whole and short names and nothing else."""
        match = self.matcher.match(names)
        best = match.best
        if best is None or best.against or match.detail or match.lead or set(names) <= SIDES:
            return None
        kinds = {used.kind for used in best.used}
        return best if FULL in kinds and kinds <= {FULL, SHORT} else None


def _without(answer: Completion, before: str) -> Completion | None:
    """Return the answer with ``before`` as its detail.

    ``None`` if it ends in no separator, names no road or house, or leaves a bracket open.
    """
    detail = before.rstrip(OPENING)
    if detail == before or (detail and HOUSE.search(detail) is None):
        return None
    if len(OPENED.findall(detail)) > len(CLOSED.findall(detail)):
        return None
    return replace(answer, detail=detail, full=answer.full.removesuffix(answer.detail) + detail)


def _with_note(answer: Completion, names: str) -> Completion:
    notes = dict.fromkeys((*answer.notes, AGAINST.format(names)))
    return replace(answer, notes=tuple(notes), confidence=min(answer.confidence or 0.0, MOST_AGAINST))
