"""Short names of divisions: 碑林区 → 碑林, 土默特右旗 → 土右旗, 科尔沁左翼中旗 → 科左中旗."""

from __future__ import annotations

import re
from functools import lru_cache

from buqi.expressions import expression

PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|"
    "土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|"
    "鄂伦春|赫哲|门巴|珞巴|基诺"
)
ETHNIC = expression(rf"(?<=..)(?:各族|(?:{PEOPLES})族?)+(?=自治)")
PEOPLE_ONLY = expression(rf"^(?:{PEOPLES})+$")
SUFFIXES = "自治县 自治旗 自治州 自治区 特别行政区 林区 新区 特区 地区 市 区 县 盟 旗 省 州".split()
# A wing or banner of several, as 科尔沁左翼中旗. People write the first character of each part: 科左中旗.
WINGS = expression(r"^(?P<first>.).*?(?P<side>[左右前后东西])(?:翼)?(?P<which>[前后中左右]?)(?P<kind>旗)$")
WING_STUB = expression(r"..[左右前后中]$|.[左右]翼.$")
# Short forms that follow no rule.
KNOWN = {
    "喀喇沁左翼蒙古族自治县": ("喀左", "喀左县", "喀喇沁左翼", "喀喇沁左翼县"),
    "克孜勒苏柯尔克孜自治州": ("克州",),
    "博尔塔拉蒙古自治州": ("博州",),
    "巴音郭楞蒙古自治州": ("巴州",),
    "塔什库尔干塔吉克自治县": ("塔县",),
    "察布查尔锡伯自治县": ("察县",),
    "阜新蒙古族自治县": ("阜蒙县",),
    "前郭尔罗斯蒙古族自治县": ("前郭", "前郭县"),
    "杜尔伯特蒙古族自治县": ("杜蒙", "杜蒙县"),
    "锡林郭勒盟": ("锡盟",),
    "阿拉善盟": ("阿盟",),
    "伊金霍洛旗": ("伊旗",),
    "克什克腾旗": ("克旗",),
    "喀喇沁旗": ("喀旗",),
    "翁牛特旗": ("翁旗",),
    "扎鲁特旗": ("扎旗",),
    "扎赉特旗": ("扎旗",),
    "准格尔旗": ("准旗",),
    "达拉特旗": ("达旗",),
    "土默特左旗": ("土左旗",),
    "土默特右旗": ("土右旗",),
    "达尔罕茂明安联合旗": ("达茂旗", "达尔罕茂明安", "达尔罕茂明安旗"),
    "西双版纳傣族自治州": ("版纳",),
    "苏尼特左旗": ("东苏旗",),
    "苏尼特右旗": ("西苏旗",),
    "陈巴尔虎旗": ("陈旗",),
    "东乌珠穆沁旗": ("东乌旗",),
    "西乌珠穆沁旗": ("西乌旗",),
    "锡林浩特市": ("锡市",),
    "呼和浩特市": ("呼市",),
    "乌鲁木齐市": ("乌市",),
    "齐齐哈尔市": ("齐市",),
    "鄂伦春自治旗": ("鄂旗",),
    "莫力达瓦达斡尔族自治旗": ("莫旗", "莫力达瓦旗"),
    "鄂温克族自治旗": ("鄂温克旗",),
    "攀枝花市": ("攀市",),
    "石家庄市": ("石市",),
    "东乡族自治县": ("东乡", "东乡县"),
    "乌鲁木齐县": ("乌县",),
    "内蒙古自治区": ("内蒙",),
    "黔东南苗族侗族自治州": ("黔东南", "黔东南州"),
    "恩施土家族苗族自治州": ("恩施州",),
}
KEPT = 8000  # names whose short ones are kept: more than there are provinces, cities and counties, of today and before


@lru_cache(maxsize=KEPT)
def short_name(name: str) -> str:
    """Return a name as people shorten it, never to one character: 碑林区 → 碑林, 五峰土家族自治县 → 五峰."""
    stem = ETHNIC.sub("", name, count=1) if "自治" in name else name
    for suffix in SUFFIXES:  # longest first. 碑林区 ends in 林区 too, but nobody calls it 碑
        if stem.endswith(suffix) and len(stem) - len(suffix) >= 2:
            return stem.removesuffix(suffix)
    return name


@lru_cache(maxsize=KEPT)
def short_names(name: str) -> tuple[str, ...]:
    """Return every short form of a county's, city's or province's name, without the name itself.

    The first is that of :func:`short_name`. Others leave out the people (恩施州, 五峰县), or take
    the first characters of a banner's parts (科左中旗, 土右旗).
    """
    known = KNOWN.get(name, ())
    found = [short_name(name), *known]
    if "自治" in name:
        stem = found[0]
        kind = {"自治县": "县", "自治州": "州", "自治旗": "旗", "自治区": ""}[name[-3:]]
        found += [stem + kind, f"{stem}自治{name[-1]}"]
    elif name.endswith("族区") and (stem := re.sub(rf"(?<=..)(?:{PEOPLES})族区$", "", name)) != name:
        found += [stem, stem + "区"]
    elif (wing := WINGS.match(name)) and len(name) >= 5:
        found.append("".join(wing.group("first", "side", "which", "kind")))
    usable = (form for form in dict.fromkeys(found) if form != name and len(form) > 1)
    return tuple(form for form in usable if form in known or not (PEOPLE_ONLY.match(form) or WING_STUB.search(form)))
