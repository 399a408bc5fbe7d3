"""Which of today's towns a street of the last public village list is.

The village list (NBS, 2023-06-30) stands under streets of 2023; the upper levels are those of 2025-12-31. In between,
townships became towns or subdistricts, and zones were dissolved into counties.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

from buqi.divisions.stems import town_stem, without_county


def parent_of(code: str) -> str:
    """Return the county's code of a town; cities without counties (441900003) stand for themselves (4419)."""
    return code[:4] if code[4:6] == "00" else code[:6]


Key = Callable[[str, str], tuple[str, ...]]

PASSES: tuple[tuple[str, Key], ...] = (
    ("exact", lambda code, name: (parent_of(code), name)),
    ("prefixed", lambda code, name: (parent_of(code), without_county(name))),
    ("code", lambda code, name: (code,)),
    ("suffix", lambda code, name: (parent_of(code), town_stem(name))),
    ("same_city", lambda code, name: (code[:4], name)),
)


def join_towns(towns: Mapping[str, str], streets: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return (town code, how) by street code.

    Five passes, each over what is still free on both sides, and each only where the key means one town:
    ``exact`` (county and name), ``prefixed`` (the list writes 濮阳县鲁河镇 for 鲁河镇), ``code`` (the same nine digits,
    and names that share a character: codes of dissolved towns are given to others), ``suffix`` (county and name
    without 镇, 乡, 街道), ``same_city`` (city and name: moved to another county of it). Both are names by code.
    """
    found: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()
    for how, key in PASSES:
        free = _unique((key(code, name), code) for code, name in towns.items() if code not in taken)
        asked = _unique((key(code, name), code) for code, name in streets.items() if code not in found)
        for value, street in asked.items():
            town = free.get(value)
            if town is None or (how == "code" and not set(town_stem(streets[street])) & set(town_stem(towns[town]))):
                continue
            found[street] = (town, how)
            taken.add(town)
    return found


def _unique(pairs: Iterable[tuple[tuple[str, ...], str]]) -> dict[tuple[str, ...], str]:
    codes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for value, code in pairs:
        codes[value].append(code)
    return {value: found[0] for value, found in codes.items() if len(found) == 1}


def join_villages(
    villages: Mapping[str, str], towns_of: Mapping[str, tuple[str, str]]
) -> tuple[dict[str, list[tuple[str, str]]], Counter[str]]:
    """Return (code, name) of every village by today's town, and how many came by each way (``left_out``: no town)."""
    under: dict[str, list[tuple[str, str]]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for code, name in villages.items():
        town, how = towns_of.get(code[:9], ("", "left_out"))
        counts[how] += 1
        if town:
            under[town].append((code, name))
    return dict(under), counts
