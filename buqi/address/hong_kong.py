"""Districts of Hong Kong behind its parts and by their quarters: 香港新界沙田, 九龍觀塘, 香港铜锣湾.

``data/hong_kong.tsv`` has the quarters, the codes of their districts, and whether places elsewhere have the name too.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from buqi.address.data_tables import table_rows
from buqi.divisions import Division, Match, Table
from buqi.divisions.text import Reading, read
from buqi.expressions import expression

HONG_KONG_FILE = "hong_kong.tsv"
CODE = "81"
CITY = "香港特别行政区|香港(?!仔)|HK|HongKong"
FRONT = expression(
    rf"(?:中国)?(?P<city>(?:{CITY}){{0,2}})(?P<part>九龙(?![塘湾城坡])|新界|(?:香港岛|港岛)(?!路))?", re.I
)
SIGN = expression("[香Hh九新港]")  # what `MAY_BE` begins with; one character is sought faster
MAY_BE = expression("香港|HK|hong ?kong|九[龙龍]|新界|港[岛島]", re.I)
PART = expression("九[龙龍]|新界|香?港[岛島]")
PARTS = {"九龙": "8102", "新界": "8103", "香港岛": "8101", "港岛": "8101"}  # beginnings of the codes there
# Behind a quarter's name: it is the name of a road, a village or a town elsewhere.
OTHER = expression(r"[东西南北中]?(?:路|街|巷|弄|村|镇|乡|县|市)")
OWN_QUARTER = "香港仔"  # a quarter that has the city's name in its own
LENGTHS = (4, 3, 2)  # characters of a quarter's name
KEPT = 8  # of Hong Kong and its parts, the districts of a table


class District(NamedTuple):
    """A district that an address names.

    Attributes:
        code: its code.
        lead: what stands before the address, and the part of Hong Kong (新界), which is no division.
        detail: what stands behind the district's name. A quarter's name stays.
        of_city: whether Hong Kong is named too.
    """

    code: str
    lead: str
    detail: str
    of_city: bool


def district_of(match: Match, table: Table) -> District | None:
    """Return the district that an address names; ``None`` if the matcher read it, or if there is none.

    Args:
        match: what was read.
        table: the divisions.
    """
    if SIGN.search(match.text) is None or MAY_BE.search(match.text) is None:
        return None
    reading = read(match.text)
    found = _district_at(reading, 0, table) or _district_at(reading, reading.inside(len(match.lead)), table)
    return None if found is None or (match.best is not None and match.best.code == found.code) else found


def _district_at(reading: Reading, start: int, table: Table) -> District | None:
    """Return the district that an address names if it begins at a position of `Reading.plain`."""
    text = reading.plain
    front = FRONT.match(text, start)
    of_city = front is not None and (bool(front["city"]) or text.startswith(OWN_QUARTER, start))
    if front is None or not (of_city or front["part"]):
        return None
    under, end = PARTS.get(front["part"] or "", CODE), front.end()
    code, behind = _named(text, end, under, table)
    if not code:
        code, behind = _quarter(text, end, under, of_city), end
    if not code:
        return None
    part = reading.raw[reading.after(front.start("part")) : reading.after(front.end())] if front["part"] else ""
    lead = reading.raw[: reading.after(start)] + part
    return District(code, lead, reading.raw[reading.after(behind) :], of_city)


def _named(text: str, at: int, under: str, table: Table) -> tuple[str, int]:
    """Return the code of the district whose whole or short name stands at a position, and where that ends."""
    for division in _districts(table, under):
        if text.startswith(division.name, at):
            return division.code, at + len(division.name)
        short = division.name[:-1]
        end = at + len(short)
        if len(short) > 1 and text.startswith(short, at) and OTHER.match(text, end) is None:
            return division.code, end
    return "", at


@lru_cache(maxsize=KEPT)
def _districts(table: Table, under: str) -> tuple[Division, ...]:
    """Return the districts of Hong Kong, or of one of its parts, in the table's order."""
    return tuple(division for division in table.at("county") if division.code.startswith(under))


def _quarter(text: str, at: int, under: str, of_city: bool) -> str:
    """Return the code of the district of the quarter whose name stands at a position, or ``""``."""
    for length in LENGTHS:
        code, shared = quarters().get(text[at : at + length], ("", False))
        if code.startswith(under) and (of_city or not shared) and OTHER.match(text, at + length) is None:
            return code
    return ""


def part_read_over(match: Match) -> str:
    """Return the part of Hong Kong between the names that were read, ``""`` if none is there: 香港新界沙田区."""
    if len(match.spans) < 2 or not match.candidates or not match.candidates[0].code.startswith(CODE):
        return ""
    gaps = (match.text[one[1] : other[0]] for one, other in pairwise(match.spans))
    found = (PART.search(gap) for gap in gaps)
    return next((part.group() for part in found if part), "")


@lru_cache(maxsize=1)
def quarters() -> dict[str, tuple[str, bool]]:
    """Return the code of the district and whether places elsewhere have the name too, by the names of the quarters."""
    _, rows = table_rows(HONG_KONG_FILE)
    return {name: (code, shared == "1") for name, code, shared in rows}
