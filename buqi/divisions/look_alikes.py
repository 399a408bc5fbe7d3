"""Characters that look like those of names: 石碑镇 for 石牌镇. They count in the names of towns of a known county."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from buqi.divisions.data_files import data_text

LOOK_ALIKE_FILE = "look_alikes.tsv"


def with_look_alikes(written: str, meant: Mapping[str, str]) -> dict[str, str]:
    """Return what a text may be mistyped for, with ``shape`` where one character was taken for one that looks like it.

    Args:
        written: the text.
        meant: names, each with how it is mistyped; ``other`` is any other character.
    """
    return {name: "shape" if kind == "other" and looks_like(written, name) else kind for name, kind in meant.items()}


def looks_like(written: str, name: str) -> bool:
    """Whether one character of a text was taken for one that looks like it.

    Args:
        written: the text.
        name: what is meant, of as many characters.
    """
    apart = [(w, n) for w, n in zip(written, name, strict=True) if w != n]
    return len(apart) == 1 and apart[0][0] in look_alikes().get(apart[0][1], "")


@lru_cache(maxsize=1)
def look_alikes() -> Mapping[str, str]:
    """Return what looks like a character of a name. Source: ``data/PROVENANCE.md``."""
    return dict(line.split("\t") for line in data_text(LOOK_ALIKE_FILE).splitlines())
