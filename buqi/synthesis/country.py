"""Rows that teach where places lie: all kinds of `buqi.synthesis.kinds`, the places taken in turn."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from buqi.divisions import Division
from buqi.errors import UsageError
from buqi.rows import Row
from buqi.synthesis.atlas import SPARSE, Atlas
from buqi.synthesis.build import COUNTRY, counties_of, region_rows
from buqi.synthesis.damage import DAMAGES, draw_kind
from buqi.synthesis.inputs import SeenInputs, check_kinds
from buqi.synthesis.kinds import TEACHING, DamagedAddress, Kind
from buqi.synthesis.shares import OF_COUNTRY, OF_REGION
from buqi.task import ADDRESS

Item = TypeVar("Item")
TRIES = 50  # places that are looked at for a row of one kind
FAILURES = 2_000  # rows one after another that no place allowed


def rows_for(region: str, count: int, seed: int, kinds: Sequence[str]) -> Iterator[Row]:
    """Return the rows that a region's builder makes: `country_rows` of the whole country, else `region_rows`.

    Kinds that only one of them has are made by it.
    """
    counties = counties_of(region)
    if region.strip() == COUNTRY or (kinds and not OF_REGION.keys() >= set(kinds)):
        return country_rows(counties, count, seed, kinds or tuple(OF_COUNTRY))
    return region_rows(counties, count, seed, kinds or tuple(OF_REGION))


def country_rows(
    counties: Sequence[Division], count: int, seed: int = 42, kinds: Sequence[str] = tuple(OF_COUNTRY)
) -> Iterator[Row]:
    """Yield ``count`` rows of the address task, no input twice; arguments and errors as of `region_rows`.

    ``county`` is the code of the deepest place above the town that the answer names: of a road's city, for example.
    """
    check_kinds(counties, kinds, OF_COUNTRY)
    shares = {kind: OF_COUNTRY[kind] for kind in kinds}
    rng, seen, made, failed = random.Random(seed), SeenInputs(), 0, 0
    atlas = Atlas(counties)
    kinds_by_name, table = makers(atlas, rng), atlas.table
    while made < count:
        maker = kinds_by_name[draw_kind(rng, shares)]
        found = (one for one in (maker.make() for _ in range(TRIES)) if one and one.kind in shares)
        if (one := next(found, None)) is None or not seen.add(one.text):
            failed += 1
            if failed > FAILURES:
                raise UsageError(f"only {made} of {count} rows allow {', '.join(kinds)} in these counties")
            continue
        made, failed = made + 1, 0
        code = one.code if table.by_code[one.code].official else ""
        meta = {"damage": one.kind, "county": code}
        yield Row((ADDRESS.prompt(one.text),), (one.answer,), meta=meta, where=f"row {made}")


def makers(atlas: Atlas, rng: random.Random) -> Mapping[str, Kind[Any]]:
    """Return what makes each kind of rows."""
    others = atlas.sparse if atlas.usual is not atlas.sparse else []
    turns = {"counties": in_turn(rng, atlas.usual, others, math.ceil(len(others) / SPARSE))}
    lists = {*(kind.turn for kind in TEACHING if kind.turn), *DamagedAddress.TURNS.values()}
    turns |= {name: in_turn(rng, getattr(atlas, name)) for name in sorted(lists)}
    found: dict[str, Kind[Any]] = {kind.name: kind(atlas, rng, turns) for kind in TEACHING}
    return found | {name: DamagedAddress(name, atlas, rng, turns) for name in ("none", *DAMAGES)}


def in_turn(rng: random.Random, things: Sequence[Item], others: Sequence[Item] = (), drawn: int = 0) -> Iterator[Item]:
    """Yield ``things`` without end: each once in a round, every round in another order; nothing if there are none.

    In each round ``drawn`` of ``others`` take part.
    """
    while things:
        order = [*things, *rng.sample(others, drawn)]
        rng.shuffle(order)
        yield from order
