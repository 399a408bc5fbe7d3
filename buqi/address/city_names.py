"""Cities whose short name a line begins with: 郑州花园路12号, 长春经济开发区.

Roads and zones elsewhere may begin with the same characters (延安南街, 苏州工业园). Their number was counted in full
addresses: ``data/city_names.tsv``, written by ``python -m buqi.fitting.city_names``, has a share for each city.
"""

from __future__ import annotations

from functools import lru_cache

from buqi.address.data_tables import table_rows
from buqi.divisions.words import HAN, ZONE_KIND
from buqi.expressions import expression

CITY_NAMES_FILE = "city_names.tsv"
ROAD, ZONE = "city road", "city zone"  # what follows the city's name

ZONE_WITHIN = 6  # characters between the city and the word for a zone
LONGEST_KIND = 6  # characters of that word that are looked at
# A road with a name of its own: 延安南街 and 郑州路 are named after the city.
OWN_ROAD = expression(
    rf"(?![东南西北中前后上下内外]?(?:路|街|道|巷|里|村|镇|乡|庄|屯|大?桥))(?:(?![镇乡村县区]){HAN}){{2,5}}?(?:路|大道|大街|街|巷|胡同)"
)
NO_ZONE = expression(r"[路街巷]")  # 延安路熟食品加工基地 begins with a road


def kind_behind(text: str, start: int) -> str:
    """Return what follows a city's name that ends at ``start``: `ROAD`, `ZONE`, or ``""`` for anything else."""
    if OWN_ROAD.match(text, start):
        return ROAD
    found = ZONE_KIND.search(text, start, start + ZONE_WITHIN + LONGEST_KIND)
    if found is None or found.start() > start + ZONE_WITHIN or NO_ZONE.search(text, start, found.end()):
        return ""
    return ZONE


@lru_cache(maxsize=1)
def load_city_shares() -> dict[tuple[str, str], float]:
    """Return the share of such lines that lie in the city, by kind and the city's code."""
    _, rows = table_rows(CITY_NAMES_FILE)
    return {(kind, code): float(share) for kind, code, share, _, _ in rows}
