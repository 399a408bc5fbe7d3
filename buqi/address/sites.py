"""Ports of entry and campuses by name: 樟木口岸, 四川大学江安校区. Their names do not say which county they lie in.

``data/sites.tsv`` has the name and the code of the county.
"""

from __future__ import annotations

from functools import lru_cache

from buqi.address.data_tables import table_rows
from buqi.divisions import Match, Table
from buqi.divisions.meaning import FULL
from buqi.divisions.names import short_names
from buqi.divisions.text import read
from buqi.divisions.words import ROAD_NAMED_AFTER
from buqi.expressions import expression

SITES_FILE = "sites.tsv"
PORT, CAMPUS, EAST = "口岸", "校区", "华东"  # each name has one of these words
ROAD = expression(ROAD_NAMED_AFTER)
BRACKETS = str.maketrans("", "", "()")  # 四川大学（江安校区）


def site_of(match: Match, address: str, table: Table) -> str:
    """Return the code of the county of the site that an address begins with; ``""`` if it begins with none.

    Nothing but names of what lies around the site may stand before it. No county may be named in full.

    Args:
        match: what was read.
        address: its text without what stands before the address, but with the 中国 of an institution's name.
        table: the divisions.
    """
    text = read(address).plain
    if not (PORT in text or CAMPUS in text or EAST in text):
        return ""
    text = text.translate(BRACKETS)
    used = match.candidates[0].used if match.equal else ()
    if any(name.kind == FULL and len(name.code) > 4 for name in used):
        return ""
    for name, code in load_sites().items():
        at = text.find(name)
        if at >= 0 and ROAD.match(text, at + len(name)) is None and _is_around(text[:at], code, table):
            return code
    return ""


def _is_around(text: str, code: str, table: Table) -> bool:
    """Whether a text is nothing but names of a county, or of what lies around it, the largest first."""
    for division in table.path(code).divisions:
        for name in (division.name, *short_names(division.name)):
            text = text.removeprefix(name)
    return not text


@lru_cache(maxsize=1)
def load_sites() -> dict[str, str]:
    """Return the codes of the counties by the names of the sites."""
    _, rows = table_rows(SITES_FILE)
    return {row[0].translate(BRACKETS): row[1] for row in rows}
