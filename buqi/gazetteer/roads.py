"""Roads and landmarks that are known to lie in a city: 文一西路 in 杭州市, 五角场 in 上海市.

The names in ``data/roads.tsv`` are main roads, those in ``data/landmarks.tsv`` universities, works, markets and parts
of cities. Most of the country's are not among them, and one of them may have a namesake in a city that is not listed.
They say where an address may lie, never where it cannot.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

ROADS_FILE, LANDMARKS_FILE = "roads.tsv", "landmarks.tsv"
# 苏堤路 is where 苏堤北路 and 苏堤南路 are.
PART = re.compile(r"[东西南北中前后一二三四五六七八九十]{1,2}(?=(?:支?路|大?街|大?道|公路|巷)$)")
KIND = re.compile(r"(?:支路|路|大街|街|大道|道|公路|巷|胡同|弄)$")
LEAST = 2  # characters of a name without its part and kind
FAR, LONGEST = 16, 14
ROAD_AFTER = re.compile(r"[东南西北中一二三四五六七八九十]{0,2}(?:路|街|大?道|巷|镇|乡|村)")


class Roads:
    """Cities by the roads that they are known to have.

    Args:
        listed: codes of cities (or of counties without a city) and their roads; the shipped ones if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str]] | None = None) -> None:
        whole: dict[str, set[str]] = defaultdict(set)
        akin: dict[str, set[str]] = defaultdict(set)
        for code, name in load_known(ROADS_FILE) if listed is None else listed:
            whole[name].add(code)
            if plain := without_part(name):
                akin[plain].add(code)
        self.whole = {name: tuple(sorted(codes)) for name, codes in whole.items()}
        self.akin = {name: tuple(sorted(codes)) for name, codes in akin.items()}

    def of(self, name: str) -> tuple[tuple[str, ...], bool]:
        """Return the codes of the cities that have a road, and whether it is that road itself or one named alike."""
        if codes := self.whole.get(name):
            return codes, True
        return self.akin.get(without_part(name), ()), False


def without_part(name: str) -> str:
    """Return a road's name without its part and kind: 苏堤 for 苏堤北路; ``""`` if too little is left."""
    kind = KIND.search(name)
    if kind is None:
        return ""
    part = PART.search(name)
    plain = name[: part.start() if part else kind.start()]
    return plain if len(plain) >= LEAST else ""


class Landmarks:
    """Cities by the landmarks that they are known to have.

    Args:
        listed: codes of cities and their landmarks; the shipped ones if not given.
    """

    def __init__(self, listed: Iterable[tuple[str, str]] | None = None) -> None:
        found: dict[str, set[str]] = defaultdict(set)
        for code, name in load_known(LANDMARKS_FILE) if listed is None else listed:
            found[name].add(code)
        self.names = {name: tuple(sorted(codes)) for name, codes in found.items()}

    def of(self, text: str) -> tuple[str, ...]:
        """Return the codes of the cities of the first landmark in ``text``, the longest where several begin alike.

        Names of two characters are only read at the front, and not in a road's name.
        """
        for at in range(min(len(text), FAR)):
            for length in range(LONGEST, (LEAST if at else LEAST - 1), -1):
                codes = self.names.get(text[at : at + length])
                if codes and at + length <= len(text) and (length > LEAST or not ROAD_AFTER.match(text, at + length)):
                    return codes
        return ()


def cities_of(name: str) -> list[str]:
    """Return the codes of the cities that are known to have a road or landmark of exactly this name."""
    return [code for file in (ROADS_FILE, LANDMARKS_FILE) for code, known in load_known(file) if known == name]


@lru_cache(maxsize=2)
def load_known(file: str) -> list[tuple[str, str]]:
    """Return (code of the city, name) of a shipped list."""
    text = resources.files("buqi.gazetteer").joinpath("data", file).read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines())
    return [(code, name) for code, names in lines for name in names.split()]
