"""A town without its kind that lay in the district that is named, and lies in another one today: 鄞州横街 爱中村.

With its kind the matcher reads it (鄞州区横街镇).
"""

from __future__ import annotations

from typing import NamedTuple

from buqi.address.agreeing import LIKE_ROAD, LONGEST_STEM, PLACE_BEHIND
from buqi.divisions import Matcher
from buqi.divisions.lexicon_names import GENERIC
from buqi.divisions.meaning import FORMER, FULL, SHORT
from buqi.divisions.stems import town_stem
from buqi.divisions.text import read
from buqi.divisions.town_reader import GOES_ON

DISTRICT = "区"  # between these towns moved


class MovedTown(NamedTuple):
    """A town, and where the detail goes on behind its name."""

    code: str
    end: int


def moved_town(detail: str, county: str, matcher: Matcher) -> MovedTown | None:
    """Return the town that a detail begins with, ``None`` if it is not certain that it was in the county before.

    It is certain where the sources say so, or where no other town of the country has its name.

    Args:
        detail: what stands behind the county.
        county: code of a county that has no such town.
        matcher: has the names.
    """
    table, towns = matcher.table, matcher.names.towns
    city = table.by_code[county].parent
    if not table.names[county].endswith(DISTRICT) or not city:
        return None
    reading = read(detail)
    text = reading.plain
    stems = towns.stems_at(text, 0, city)
    for length in range(min(LONGEST_STEM, len(text)), 1, -1) if stems else ():
        stem = text[:length]
        if stem not in stems or stem[-1] in LIKE_ROAD or GENERIC.fullmatch(stem) or GOES_ON.match(text, length):
            continue
        apart = length == len(text) or reading.parted(length)
        follows = apart or PLACE_BEHIND.match(text, length)
        having = [code for code, name in table.town_names(city).items() if town_stem(name) == stem]
        short = any(m.kind == SHORT and m.level < 4 for m in matcher.lexicon.names.get(stem, ()))  # 余杭
        if follows and not short and len(having) == 1 and _was_in(having[0], county, matcher, apart):
            return MovedTown(having[0], reading.after(length))
        return None
    return None


def _was_in(town: str, county: str, matcher: Matcher, apart: bool) -> bool:
    """Whether a town that lies in another district lay in a county before.

    Args:
        town: its code.
        county: code of the county.
        matcher: has the names.
        apart: whether nothing follows the town's name at once. Else it must be known: 延庆区中关村延庆园 is no town.
    """
    table = matcher.table
    if town.startswith(county) or not table.names[table.by_code[town].parent].endswith(DISTRICT):
        return False
    named = matcher.lexicon.names.get(table.names[town], ())
    lone = apart and sum(meaning.kind == FULL for meaning in named) == 1
    return lone or any(meaning.kind == FORMER and meaning.code == county for meaning in named)
