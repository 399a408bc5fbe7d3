"""Training rows from the division table: invented streets, real divisions, real kinds of damage."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence

from buqi.divisions import Division, DivisionPath, load_table
from buqi.errors import UsageError
from buqi.rows import Row
from buqi.synthesis.atlas import SPARSE, by_density
from buqi.synthesis.damage import FullAddress, damage, draw_kind
from buqi.synthesis.inputs import SeenInputs, check_kinds
from buqi.synthesis.shares import OF_REGION
from buqi.synthesis.streets import number, place
from buqi.synthesis.unambiguous import unique_names
from buqi.task import ADDRESS

COUNTRY, EXAMPLE_REGION = "全国", "西安市,宝鸡市"  # the second is that of the tutorial


def counties_of(region: str) -> list[Division]:
    """Return the counties of a region (``西安市,宝鸡市``; names of provinces, cities or counties; ``全国`` for all).

    Cities without counties (东莞, 中山, 儋州, 嘉峪关) stand for themselves.

    Raises:
        UsageError: a name is not in the table, or stands for several divisions.
    """
    table = load_table()
    if region.strip() == COUNTRY:
        return [d for province in table.children[""] for d in _leaves(province)]
    found: list[Division] = []
    for name in filter(None, (part.strip() for part in region.replace("，", ",").split(","))):
        fitting = [d for level in ("province", "city", "county") for d in table.at(level) if d.name == name]
        if len(fitting) != 1:
            paths = ", ".join(table.path(d.code).full for d in fitting) or "none in the table"
            raise UsageError(f"--region {name}: expected one province, city or county; found {paths}")
        found += _leaves(fitting[0])
    return found


def _leaves(division: Division) -> list[Division]:
    if division.level == "county":
        return [division]
    under = [d for d in load_table().children.get(division.code, []) if d.level != "town"]
    if under:
        return [leaf for d in under for leaf in _leaves(d)]
    return [division] if division.level == "city" else []  # the table has nothing below Hong Kong and Macau


def build_rows(
    counties: Sequence[Division], count: int, seed: int = 42, kinds: Sequence[str] = tuple(OF_REGION)
) -> list[Row]:
    """Return the rows of `region_rows` as a list."""
    return list(region_rows(counties, count, seed, kinds))


def region_rows(
    counties: Sequence[Division], count: int, seed: int = 42, kinds: Sequence[str] = tuple(OF_REGION)
) -> Iterator[Row]:
    """Yield ``count`` rows of the address task, the counties taken in turn, no input twice.

    Beside other counties an eighth of Taiwan's, which have few people, takes part in each turn. Each row's ``damage``
    names what was done to it and ``county`` the code of the right county. With ``kinds`` only these are made, and
    addresses that they cannot be done to are left out.

    Raises:
        UsageError: no counties, an unknown kind, or too few addresses that allow these kinds.
    """
    check_kinds(counties, kinds, OF_REGION)
    shares = {kind: OF_REGION[kind] for kind in kinds}
    usual, sparse = by_density(counties)
    turn = usual
    rng, seen, tries, made = random.Random(seed), SeenInputs(), 0, 0
    while made < count:
        if made % len(turn) == 0:
            if sparse and usual is not sparse:
                turn = [*usual, *rng.sample(sparse, math.ceil(len(sparse) / SPARSE))]
            rng.shuffle(turn)
        kind = draw_kind(rng, shares)
        # A county whose kinds fail is passed over, so that one that allows none does not hold up the others.
        address = invent(turn[(made + tries) % len(turn)], rng, town_first=kind == "town_first")
        damaged = damage(address, kind, rng)
        if (damaged.kind not in shares and len(shares) < len(OF_REGION)) or not seen.add(damaged.text):
            tries += 1
            if tries > 200 + 50 * count:
                raise UsageError(f"only {made} of {count} rows allow {', '.join(kinds)} in these counties")
            continue
        made += 1
        meta = {"damage": damaged.kind, "county": address.path.codes.get("county", address.path.codes.get("city", ""))}
        yield Row((ADDRESS.prompt(damaged.text),), (damaged.answer,), meta=meta, where=f"row {made}")


def invent(county: Division, rng: random.Random, town_first: bool = False) -> FullAddress:
    """Return an address that could stand in ``county``: half of them name a town.

    With ``town_first`` all do, and the town is one that no other county has, where there is such a town.
    """
    table = load_table()
    path = table.path(county.code)
    towns = table.children.get(county.code, [])
    if town_first:
        towns = [town for town in towns if town.name in unique_names()["town"]] or towns
    if towns and (town_first or rng.random() < 0.5):
        path = DivisionPath((*path.divisions, rng.choice(towns)))
    return FullAddress(path, place(rng) + number(rng))
