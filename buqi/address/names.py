"""Short names of divisions, and characters that sound alike."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache

from buqi.divisions import load_table

PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|"
    "土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|"
    "鄂伦春|赫哲|门巴|珞巴|基诺"
)
ETHNIC = re.compile(rf"(?<=..)(?:各族|(?:{PEOPLES})族?)+(?=自治)")
SUFFIXES = "自治县 自治旗 自治州 自治区 特别行政区 林区 新区 特区 地区 市 区 县 盟 旗 省 州".split()


def short_name(name: str) -> str:
    """Return a name as people shorten it: 碑林区 → 碑林, 五峰土家族自治县 → 五峰; never to one character."""
    stem = ETHNIC.sub("", name, count=1) if "自治" in name else name
    for suffix in SUFFIXES:  # longest first; 碑林区 ends in 林区 too, but nobody calls it 碑
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 2:
            return stem.removesuffix(suffix)
    return name


@lru_cache(maxsize=1)
def unique_names() -> dict[str, frozenset[str]]:
    """Return the names that mean one division in the whole country, by level (``county_short`` for short names)."""
    table = load_table()
    counts: dict[str, Counter[str]] = {
        "county": Counter(d.name for d in table.at("county")),
        "town": Counter(d.name for d in table.at("town")),
        "county_short": Counter(short_name(d.name) for level in ("city", "county") for d in table.at(level)),
    }
    return {level: frozenset(name for name, n in counter.items() if n == 1) for level, counter in counts.items()}


@lru_cache(maxsize=1)
def homophones() -> dict[str, tuple[str, ...]]:
    """Return, for each common character, the common characters of the same sound (tone apart).

    Common means GB 2312's first level (3,755 characters); sounds are pypinyin's first reading (MIT).
    """
    from pypinyin import Style, pinyin

    common = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    groups: dict[str, list[str]] = defaultdict(list)
    for character in filter(None, common):
        groups[pinyin(character, style=Style.NORMAL)[0][0]].append(character)
    return {c: tuple(o for o in group if o != c) for group in groups.values() for c in group}
