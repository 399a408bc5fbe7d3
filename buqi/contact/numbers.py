"""Telephones and postcodes by their form.

All patterns are for lines in one width and one script (`buqi.divisions.text.PLAIN`).
"""

from __future__ import annotations

from buqi.divisions.text import PLAIN
from buqi.expressions import expression

# Behind digits: they are a house or a room and no telephone.
DOOR = r"号|弄|栋|幢|室|楼|单元|[#]"
_PREFIX = r"(?:\(?(?:\+|00)?86\)?[- ]{0,2})?"
_MOBILE = (
    r"1[3-9]\d(?:\d{8}|[- .]\d{4}[- .]?\d{4}|\d{4}[- .]\d{4}|[- .]\d{3}[- .]\d{5}|\d[- .]\d{3}[- .]\d{4}|[- .]\d{8})"
)
_MASKED = r"(?=1[3-9]\d[\d*xX]{6,8}\d(?![\d*xX]))1[3-9]\d\d{0,4}[*xX]{3,6}\d{1,5}|1[3-9]\d{5}[*]{4}"
_LANDLINE = r"\(?0(?:10|2\d|[3-9]\d{2})\)?[- ]{0,2}(?:[1-9]\d{2,3}[- ]?\d{4}|[1-9]\d{0,3}\*{3,6}\d{0,4})"
_SERVICE = r"[48]00(?:[- ]?\d{3}[- ]?\d{4}|[- ]\d{4}[- ]\d{3})"
_ABROAD = r"(?:\+|00)(?!86|[48]00|1[3-9]\d(?:[- ]?\d{4}){2}(?!\d))[1-9]\d{0,2}[- ]?\d(?:[- ]?\d){6,10}"
_EXTENSION = rf"(?:[ ]?(?:转|转接|分机号?|(?i:ext)\.?:?|-)[ ]?\d{{1,6}}(?!\d|{DOOR}))?"
PHONE_PATTERN = expression(
    rf"(?<![\dA-Za-z.])(?:{_PREFIX}(?:{_MASKED}|{_MOBILE})|(?:\(?\+?86\)?[- ]?)?{_LANDLINE}|{_SERVICE}|{_ABROAD})"
    rf"(?![\d*]|{DOOR}){_EXTENSION}"
)
# Behind a label every number is a telephone: a short one, a hotline, one of another country.
LABELLED_PHONE = expression(rf"\+?\(?\d[\d*() -]{{3,18}}[\d*](?!\d|{DOOR}){_EXTENSION}")
POSTCODE_PATTERN = expression(r"\d{6}(?!\d)")
IDENTITY = expression(r"(?<!\d)[1-9]\d{16}[\dXx](?!\d)")
ALONE = expression(rf"\d{{6}}(?!\d|{DOOR})")

# The first two digits of a postcode, by the province's code.
_RANGES = {
    **{"11": (10, 10), "12": (30, 30), "13": (5, 7), "14": (3, 4), "15": (1, 2), "21": (11, 12), "22": (13, 13)},
    **{"23": (15, 16), "31": (20, 20), "32": (21, 22), "33": (31, 32), "34": (23, 24), "35": (35, 36), "36": (33, 34)},
    **{"37": (25, 27), "41": (45, 47), "42": (43, 44), "43": (41, 42), "44": (51, 52), "45": (53, 54), "46": (57, 57)},
    **{"50": (40, 40), "51": (61, 64), "52": (55, 56), "53": (65, 67), "54": (85, 86), "61": (71, 72), "62": (73, 74)},
    **{"63": (81, 81), "64": (75, 75), "65": (83, 84)},
}


def is_postcode(digits: str, province: str = "") -> bool:
    """Whether six digits can be a postcode, in the province of a code of two digits if one is given.

    Near a border a postcode may be of the next area. Therefore one more area counts at both ends.
    """
    area = int(digits[:2])
    if province in _RANGES:
        low, high = _RANGES[province]
        return low - 1 <= area <= high + 1
    return not province and any(low <= area <= high for low, high in _RANGES.values())


def holds_contact(text: str) -> bool:
    """Whether a telephone or an identity number stands in a text. Such a text must not be kept on disk."""
    line = text.translate(PLAIN)
    return PHONE_PATTERN.search(line) is not None or IDENTITY.search(line) is not None
