"""How many rows are made of each kind: in the rows of a region, and in those of the whole country.

Of a region: shares in real rows (75.1 % begin with the full county, 7.8 % with the city before a road, 3.0 % with an
abolished county, 2.5 % with a short county, 1.8 % with the town; 151,846 registered addresses). Typing errors and ways
of writing were not counted there. Rare kinds are raised to 1 to 6 %, so that a few hundred rows hold some of each to
learn from; the rest keep their proportion.

Of the country: rows that teach where places lie. What begins with the county teaches little, so it is rarer.
"""

from __future__ import annotations

TABLE = {  # kind: (of a region, of the country)
    "prefix_missing": (0.62, 0.16),
    "city_first": (0.07, 0.04),
    "county_short": (0.06, 0.08),
    "town_first": (0.06, 0.17),
    "typo": (0.05, 0.09),
    "former": (0.03, 0.04),
    "city_skipped": (0.01, 0.01),
    "city_short": (0.02, 0.03),
    "repeated": (0.01, 0.01),
    "separated": (0.02, 0.015),
    "full_width": (0.01, 0.005),
    "traditional": (0.01, 0.01),
    "near_sound": (0.01, 0.025),
    "lookalike": (0.01, 0.02),
    "missing": (0.005, 0.01),
    "doubled": (0.0025, 0.005),
    "swapped": (0.0025, 0.005),
    "shared_county": (0.0, 0.06),
    "town_village": (0.0, 0.04),
    "village_first": (0.0, 0.02),
    "town_short": (0.0, 0.02),
    "town_typo": (0.0, 0.02),
    "known_road": (0.0, 0.05),
    "zone_road": (0.0, 0.03),
    "landmark": (0.0, 0.01),
    "zone": (0.0, 0.015),
    "none": (0.0, 0.01),
}
OF_REGION = {kind: share for kind, (share, _) in TABLE.items() if share}
OF_COUNTRY = {kind: share for kind, (_, share) in TABLE.items()}
