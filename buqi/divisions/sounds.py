"""How characters sound and look alike.

Sounds are the readings of pypinyin (MIT). Near sounds are what speakers of southern and central dialects do not
tell apart: zh/z, ch/c, sh/s, n/l, f/h, in/ing, en/eng, an/ang. Shapes: ``data/shapes.tsv``, see ``data/PROVENANCE.md``.
Rare characters of counties' names, with the characters that people write for them: ``data/mistaken.tsv``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from buqi.divisions.data_files import data_text
from buqi.divisions.table import SHAPE_FILE
from buqi.indexes import Arrays, kept, packed, shipped, unpacked

MISTAKEN_FILE = "mistaken.tsv"
NEAR_STARTS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"))
NEAR_ENDS = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@lru_cache(maxsize=20_000)
def readings(character: str) -> tuple[str, ...]:
    """Return the toneless syllables of a character, the commonest first; empty if it has none."""
    return tuple(_readings().get(character, "").split())


@lru_cache(maxsize=1)
def _readings() -> Mapping[str, str]:
    """Return the syllables of every character, blanks between. pypinyin itself takes a second to load."""
    package = find_spec("pypinyin")
    lists = Path(package.origin or "").parent.glob("pinyin_dict.*") if package else ()
    index = kept("sounds", f"{shipped()}-{sum(path.stat().st_size for path in lists)}", _plain_readings)
    return dict(zip(unpacked(index["characters"]), unpacked(index["syllables"]), strict=True))


def _plain_readings() -> Arrays:
    from pypinyin.constants import PINYIN_DICT

    found = {}
    for code, marked in PINYIN_DICT.items():
        plain = "".join(c for c in unicodedata.normalize("NFD", marked) if not unicodedata.combining(c))
        found[chr(code)] = " ".join(dict.fromkeys(filter(None, plain.split(","))))
    return {"characters": packed(found), "syllables": packed(found.values())}


@lru_cache(maxsize=2000)
def folded(syllable: str) -> str:
    """Return a syllable with near sounds made one: zhang → zan, ling → lin."""
    for start, common in NEAR_STARTS:
        if syllable.startswith(start):
            syllable = common + syllable[len(start) :]
            break
    for end, common in NEAR_ENDS:
        if syllable.endswith(end):
            return syllable.removesuffix(end) + common
    return syllable


@lru_cache(maxsize=20_000)
def sound(character: str) -> str:
    """Return the folded first reading of a character, or the character itself if it has none."""
    found = readings(character) if character else ()
    return folded(found[0]) if found else character


@lru_cache(maxsize=50_000)
def likeness(written: str, meant: str) -> str:
    """Return how ``written`` could stand for ``meant``: ``same``, ``sound``, ``near``, ``shape`` or ``other``."""
    if written == meant:
        return "same"
    (ours, ours_folded), (theirs, theirs_folded) = _sets(written), _sets(meant)
    if ours & theirs:
        return "sound"
    if ours_folded & theirs_folded:
        return "near"
    return "shape" if written in shapes().get(meant, "") else "other"


@lru_cache(maxsize=20_000)
def _sets(character: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the readings of a character, and these folded."""
    found = readings(character)
    return frozenset(found), frozenset(map(folded, found))


@lru_cache(maxsize=1)
def shapes() -> dict[str, str]:
    """Return the characters that look like a character, in both directions."""
    return dict(line.split("\t") for line in data_text(SHAPE_FILE).splitlines())


@lru_cache(maxsize=1)
def mistaken() -> dict[str, str]:
    """Return the characters of names for which people write a character: 靳 for 蕲."""
    found: dict[str, str] = {}
    for meant, written in (line.split("\t") for line in data_text(MISTAKEN_FILE).splitlines()):
        for character in written:
            found[character] = found.get(character, "") + meant
    return found
