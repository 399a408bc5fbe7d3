"""Sights and works that everybody knows by name, and that no rule places: 武当山金顶, 乌镇东栅, 大亚湾核电站.

``data/sights.tsv`` has the name and the code of the town, county or city that it lies in, as maps and the sights' own
addresses say. A sight that lies in several counties has the code of their city.
"""

from __future__ import annotations

import re
from functools import lru_cache

from buqi.address.data_tables import table_rows
from buqi.divisions import Match
from buqi.divisions.text import read

SIGHTS_FILE = "sights.tsv"
# Behind the name: another name begins that the sight's name is a part of. 少林寺街道, 恩施大峡谷路, 少林寺武术学校.
GOES_ON = "[路街巷村镇乡社小武]|大[道街]|[东西南北中]路"


def sight_of(match: Match) -> str:
    """Return the code of the town, county or city of the sight that an address begins with; ``""`` if there is none.

    No division may be read but in the sight's name: the others say where the address lies.

    Args:
        match: what was read.
    """
    text = read(match.address).plain
    found = _pattern().match(text)
    if found is None:
        return ""
    begins = match.text.find(match.address)
    used = match.candidates[0].used if match.equal and match.candidates else ()
    if any(name.end > begins + found.end() for name in used):
        return ""
    return load_sights()[found["name"]]


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """Return what finds a sight at the front of a text, the longest name first."""
    names = "|".join(map(re.escape, sorted(load_sights(), key=len, reverse=True)))
    return re.compile(rf"(?P<name>{names})(?!{GOES_ON})")


@lru_cache(maxsize=1)
def load_sights() -> dict[str, str]:
    """Return the codes of the divisions by the names of the sights."""
    _, rows = table_rows(SIGHTS_FILE)
    return {row[0]: row[1] for row in rows}
