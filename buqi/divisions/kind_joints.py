"""Towns that begin with what may be the kind of the county before them: 竹溪县河镇 is 县河镇 in 竹溪县."""

from __future__ import annotations

import re
from collections.abc import Sequence

from buqi.divisions.chain import related
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FORMER, FULL, Meaning
from buqi.divisions.words import HAN

KINDS = "市县区旗镇"
# Behind a short name: the name of a town that has 市 or 县 as its second character, whether a list has it or not.
SECOND = re.compile(
    rf"[^城市郊园新社小发景矿校厂院老库片港路街道镇乡村东西南北中][市县](?![乡镇]村)(?![东西南北中大]?[路街道巷]){HAN}{{0,2}}?(?:镇|乡(?![村里道])|街道)"
    r"(?!.?[镇乡]|[东西南北中]?(?:路|大道|大?街(?!道)))"
)


def ends_in_next(lexicon: Lexicon, text: str, end: int, full: Sequence[Meaning | None]) -> bool:
    """Whether the last character of a whole name begins the name of something in that division.

    乐山市中区 is 市中区 in 乐山. No town of the division may stand behind the whole name: 竹溪县河镇 is 县河镇, as
    there is no 河镇.

    Args:
        lexicon: the names.
        text: as the matcher reads it.
        end: where the whole name ends.
        full: what it can mean.
    """
    if text[end - 1] not in KINDS:
        return False
    behind = _in_full(lexicon, text, end - 1, full)
    return behind and (text[end - 1] == "市" or not _in_full(lexicon, text, end, full))


def _in_full(lexicon: Lexicon, text: str, at: int, around: Sequence[Meaning | None]) -> bool:
    """Whether the whole name of something in one of some divisions stands at a position."""
    named = [m.code for _, found in lexicon.starting(text, at) for m in found if m.kind == FULL]
    return any(division is not None and related(code, division.code) for code in named for division in around)


def begins_town(text: str, end: int, meaning: Meaning, behind: Sequence[Meaning]) -> bool:
    """Whether a town follows a county's short name that would be another name with the town's first characters.

    Args:
        text: as the matcher reads it.
        end: where the short name ends.
        meaning: the county, or something else.
        behind: names that stand at ``end``, of the county or in it.
    """
    if meaning.level == 3 and text[end : end + 1] in KINDS:
        return any(m.kind == FORMER and m.level == 4 for m in behind)  # 虎丘镇湖街道
    return False


def has_second_kind(lexicon: Lexicon, text: str, end: int, meaning: Meaning) -> bool:
    """Whether a town that has 市 or 县 as its second character follows a county's or city's short name: 耒阳竹市镇.

    Where the name of a town begins behind that character, it is the kind of a mistyped county: 峨山眉市绥山镇.
    """
    if meaning.level not in (2, 3) or SECOND.match(text, end) is None:
        return False
    behind = (m for _, found in lexicon.starting(text, end + 2) for m in found)
    return not any(m.level == 4 and m.kind == FULL for m in behind)
