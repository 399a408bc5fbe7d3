"""What stands between two names and is no name: a telephone, a postcode, a room number. It is kept in the detail.

张家港 13862221234 杨舍镇 has a telephone there, 江苏省昆山市2-301花桥镇 a room. Separators, brackets and words that
mean nothing (市辖区, null, the label of a form's next field) are not kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from buqi.divisions.lead import NOTHING
from buqi.divisions.name_patterns import CLOSE, OPEN
from buqi.divisions.text import SEPARATORS
from buqi.expressions import expression

TELLING = expression(r"[\dA-Za-zＡ-Ｚａ-ｚ]")
# The key of a field (city=, "city":), words without meaning, a space of a web address, the country, a list's number.
NO_WORD = expression(
    rf"{SEPARATORS.pattern}|[A-Za-z][A-Za-z_]+[\"'”]?\s?[:=：]|{NOTHING}|%20"
    r"|(?i:p\.?r\.? ?china|prc|china|chn|cn)(?![A-Za-z])|(?<!\d)\(?\d{1,2}[.)、](?!\d)"
)
EDGES = " \t\r\n\u3000" + "，,、;；:：。.|/\\_-—–·>→*\"'“”"


def kept_between(text: str, spans: Sequence[tuple[int, int]], end: int) -> str:
    """Return what is kept of the text between names, ``""`` if there is nothing.

    Args:
        text: with the names.
        spans: where the names stand, in order.
        end: only what stands between names before this position counts.
    """
    if not spans or TELLING.search(text, spans[0][0], end) is None:
        return ""  # nearly always
    gaps = (text[one[1] : other[0]] for one, other in pairwise(spans) if other[0] <= end)
    return join(_without_edges(gap) for gap in gaps if is_telling(gap))


def join(pieces: Iterable[str]) -> str:
    """Return pieces of a text as one; a space stands between two numbers or letters."""
    found = ""
    for piece in pieces:
        found += " " * bool(TELLING.fullmatch(found[-1:]) and TELLING.match(piece)) + piece
    return found


def is_telling(gap: str) -> bool:
    """Whether a text between two names has letters or digits that are no word without meaning."""
    return TELLING.search(gap) is not None and TELLING.search(NO_WORD.sub(" ", gap)) is not None


def _without_edges(gap: str) -> str:
    """Return a text without the separators before it, and without brackets that are opened or closed outside."""
    gap = gap.lstrip(EDGES)
    opened, closed = (sum(gap.count(sign) for sign in signs) for signs in (OPEN, CLOSE))
    return gap if opened == closed else gap.strip(OPEN + CLOSE + EDGES)
