"""Whether 街 or 办 ends the name of a subdistrict or of a street: 西村街西湾路, but 新兴街西侧.

Both are written so. What stands behind tells which of them is meant.
"""

from __future__ import annotations

from buqi.expressions import expression

# Something that lies in a subdistrict.
INSIDE = expression(
    r"(?:(?=[南北]京|西安|西藏|南[宁昌]|中山)|(?![东西南北中段侧口与和交附旁内外]))[\u4e00-\u9fff]{1,8}?"
    r"(?:[路街道巷弄村屯里园苑寨庄湾坝组城厦]|社区|小区|胡同|大院|公寓|广场|市场)"
)
# A road that is called after a direction: 西村街西湾路. It is no part of the street before it: 新兴街西一巷.
OWN_ROAD = expression(
    r"(?:和(?=平(?!安))|[东西南北中](?![东西南北中大支横侧段口头端一二三四五六七八九十0-9路道街里]))[\u4e00-\u9fff]{1,4}?"
    r"(?:路|大道|大街|道|里)(?![口与和]|交[叉汇口界])"
)
# A road that bears the name of the subdistrict: 南园街南园路. At a crossing it is a street: 和平街和平路交叉口.
ROAD = expression("[东西南北中一二三四五六]?(?:路|大道|大?街)(?![口道与和]|交[叉汇口界])")
STREETS = ("12", "4201", "4401", "4406")  # 天津, 武汉, 广州, 佛山: what ends in 望海楼街 names the subdistrict


def is_brief(text: str, at: int, kind: tuple[int, int], county: str) -> bool:
    """Whether 街 or 办 ends a subdistrict's name: 嘉陵道街 is no road, nor is 新华街 before the name of a road.

    Args:
        text: as the matcher reads it.
        at: where the name begins.
        kind: where 街 or 办 begins and ends.
        county: code of the county.
    """
    start, end = kind
    if text[start - 1] in "街路道" or INSIDE.match(text, end) is not None:
        return True
    name = text[at:start]
    if text.startswith(name, end) and ROAD.match(text, end + len(name)):
        return True
    return county.startswith(STREETS) and (end == len(text) or OWN_ROAD.match(text, end) is not None)
