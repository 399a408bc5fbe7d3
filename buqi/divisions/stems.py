"""Names without the words that say their kind. How people shorten a county is in `buqi.divisions.names`."""

from __future__ import annotations

from buqi.divisions.words import PART, PARTED_ROADS, ROADS, TOWN_SUFFIXES
from buqi.expressions import expression

_COUNTY_BEFORE = expression(r"^(?:.{2,}?[市县区])+(?=..)")
_COUNTY_KIND = expression("[市县区]")  # few towns have one in their name: one character is sought faster
_TOWN_SUFFIX = expression(rf"(?:{TOWN_SUFFIXES})$")
_OFFICE = expression(r"(?:地区|街道)?(?:居民)?办事处$")
_REGION_SUFFIX = expression(r"(?:地区|自治县|自治旗|自治州|行政区|矿区|市|区|县|旗|盟)$")
_VILLAGE_SUFFIX = expression(
    r"(?:村民委员会|居民委员会|社区居民委员会|社区居委会|社区委会|社区村委会|社区|村委会|居委会|委员会|村委|居委"
    r"|嘎查委员会|嘎查|生活区)$"
)
# 苏堤路 is where 苏堤北路 and 苏堤南路 are.
_ROAD_PART = expression(rf"[{PART}前后]{{1,2}}(?=(?:{PARTED_ROADS})$)")
_ROAD_KIND = expression(rf"(?:{ROADS})$")
_ROAD_LEAST = 2  # characters that a road's stem needs


def without_county(town: str) -> str:
    """Return a town's name without a county before it: 濮阳县鲁河镇 → 鲁河镇."""
    return _COUNTY_BEFORE.sub("", town) if _COUNTY_KIND.search(town) else town


def town_stem(name: str) -> str:
    """Return a town's name without a county before it and without its kind: 濮阳县鲁河镇 → 鲁河."""
    return _TOWN_SUFFIX.sub("", without_county(name))


def plain_town(name: str) -> str:
    """Return a town's name as it is written: 八角街道办事处 → 八角街道, 南磨房地区办事处 → 南磨房地区."""
    found = _OFFICE.search(name)
    if not found:
        return name
    return name[: found.start()] + ("地区" if "地区" in found.group() else "街道")


def region_stem(name: str) -> str:
    """Return a county's or city's name without its kind alone: 临安市 → 临安, 五峰土家族自治县 → 五峰土家族."""
    return _REGION_SUFFIX.sub("", name)


def village_stem(name: str) -> str:
    """Return a village's name without its kind: 罗家村村民委员会 → 罗家村, 中央路社区居委会 → 中央路."""
    stem = _VILLAGE_SUFFIX.sub("", name)
    return stem if len(stem) > 1 else name


def road_stem(name: str) -> str:
    """Return a road's name without its part and kind: 苏堤 for 苏堤北路; ``""`` if too little is left."""
    kind = _ROAD_KIND.search(name)
    if kind is None:
        return ""
    part = _ROAD_PART.search(name)
    stem = name[: part.start() if part else kind.start()]
    return stem if len(stem) >= _ROAD_LEAST else ""
