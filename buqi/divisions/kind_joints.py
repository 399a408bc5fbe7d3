"""Towns that begin with what may be the kind of the county before them: 竹溪县河镇 is 县河镇 in 竹溪县."""

from __future__ import annotations

from collections.abc import Sequence

from buqi.divisions.chain import related
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FORMER, FULL, Meaning
from buqi.divisions.words import HAN
from buqi.expressions import expression

KINDS = "市县区旗镇"
# Before a road's kind a town's is none: 竹市镇路.
NO_ROAD = r"(?![东西南北中]?(?:路|大道|大?街(?!道)))"
# Behind a short name: the name of a town that has 市 or 县 as its second character, whether a list has it or not.
SECOND = expression(
    r"[^城市郊园新社小发景矿校厂院老库片港路街道镇乡村东西南北中][市县](?![乡镇]村)(?![东西南北中大]?[路街道巷])"
    rf"{HAN}{{0,2}}?(?:镇|乡(?![村里道])|街道)(?!.?[镇乡]){NO_ROAD}"
)
# The same with a landform as the first of two characters.
LANDFORM = expression(
    rf"[桥站湾山河湖江寨庄屯寺庙](?![东西南北中上下大小老新路街道镇乡村区市县]){HAN}(?:镇|乡(?![村里道])|街道){NO_ROAD}"
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


def begins_town(meaning: Meaning, behind: Sequence[Meaning]) -> bool:
    """Whether the former name of a town of the county follows a county's short name: 虎丘镇湖街道, 溆浦江口镇.

    Args:
        meaning: the county, or something else.
        behind: what a name at its end means, as far as it lies in the county or is the county today.
    """
    return meaning.level == 3 and any(
        m.kind == FORMER and m.level == 4 and m.name.endswith(("镇", "乡", "街道")) and m.code.startswith(meaning.code)
        for m in behind
    )


def has_unlisted_town(lexicon: Lexicon, text: str, end: int, meaning: Meaning) -> bool:
    """Whether a town follows a short name, though no list has it: 耒阳竹市镇, 江阴山观镇.

    It has 市 or 县 as its second character, or a landform as the first of two. Where the name of another town begins
    behind that character, 市 is the kind of a mistyped county: 峨山眉市绥山镇.
    """
    if meaning.level in (2, 3) and SECOND.match(text, end) is not None:
        begin = end + 2
    elif meaning.level == 3 and LANDFORM.match(text, end) is not None:
        begin = end + 1
    else:
        return False
    behind = (m for _, found in lexicon.starting(text, begin) for m in found)
    return not any(m.level == 4 and m.kind == FULL for m in behind)
