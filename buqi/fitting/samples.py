"""Rows to fit the model on, from real addresses: ``python -m buqi.fitting.samples ADDRESSES.tsv --out FOLDER``.

Full addresses (columns province, city, county, town, rest, original) are cut short as people cut them; a second file
(form, province, city, address) has addresses that people wrote short themselves. A part of the full ones becomes rows,
except those that begin like one of the rest. The rest is written to ``memory.csv``, for ``buqi places learn``.
``--without`` keeps out what is to be measured on.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import polars as pl
import typer

from buqi.address.evidence.named_after import ShortNames
from buqi.address.settled import plain_kind
from buqi.divisions import Matcher, load_matcher
from buqi.divisions.names import short_name
from buqi.divisions.words import ANY_ZONE
from buqi.fitting.command import read_rows, read_table, run
from buqi.fitting.no_places import no_places
from buqi.fitting.recipe import RECIPE
from buqi.fitting.shares import names_of, resources_of
from buqi.gazetteer.place_names import place_names
from buqi.gazetteer.places import ListedPlaces
from buqi.gazetteer.zones import USUAL_SIZE, kind_at_front, load_zone_roads, load_zone_sizes
from buqi.synthesis.characters import homophones

ROWS_SHARE = 0.2  # of the full addresses: rows are made of them; the others are for the memory
BEGINNING = 8  # characters: an address that begins with the same ones as one of the memory is no row
CROWDING = 0.7  # a row weighs as its county's communities (or, behind a zone, the zones' size) to this power
MOST_WEIGHT = 5.0
ZONE_PUT = ("zone_with_its_road", "zone_with_another_road")  # ways that put a zone before the address
ZONE_NAME = re.compile(r"开发区|高新区|经开区|保税区|度假区|管理区|合作区|试验区|(?<!城)新区|经济区")
ROAD_FRONT = re.compile(r"^[\u4e00-\u9fff]{1,7}?(?:大道|大街|路|街(?!道)|巷|道(?!口))")
ESTATE_FRONT = re.compile(
    r"^[^\W\d_镇乡市县区路街巷办团侧]{2,8}?(?:小区|花园|家园|公寓|新村|花苑|苑|新城|城(?![区关南北东西])|府|庭|湾|大厦|国际|社区|村(?!委)|屯|里)"
    r"(?![路街道巷弄])"
)
WRITTEN = {  # how people write a zone without a name
    "high-tech": ("高新区", "高新区", "高新技术产业开发区", "高新技术开发区", "高新开发区", "市高新区"),
    "economic": ("开发区", "开发区", "经济技术开发区", "经济开发区", "经开区", "市开发区"),
}


@dataclass(frozen=True)
class Address:
    """A full address: its levels, what stands behind the county, and all of it."""

    province: str
    city: str
    county: str
    town: str
    rest: str
    original: str


@dataclass
class FittingRow:
    """An address as people write it, and where it lies.

    Attributes:
        county: ``""`` if it is not known.
        zone: the kind of the zone that was put before it; ``""`` if none was.
    """

    input: str
    province: str
    city: str
    county: str
    slice: str
    weight: float = 1.0
    zone: str = ""


class Shortener:
    """Cuts full addresses short.

    Attributes:
        made: how many rows were made in each way.
        unseen: (province, city, name) of places that the memory must not have seen.
    """

    def __init__(self, matcher: Matcher, seed: int = 0) -> None:
        table = matcher.table
        self.rng = random.Random(seed)
        self.made: Counter[str] = Counter()
        self.unseen: set[tuple[str, str, str]] = set()
        self.counties = Counter(d.name for d in table.at("county"))
        self.known = {names_of(table.path(d.code)) for d in table.at("county")}
        bare = [table.path(d.code) for d in table.at("city") if not table.has_counties(d.code)]
        self.without_counties = {(p.name("province"), p.name("city")) for p in bare}
        self.places = ListedPlaces()
        self.named = ShortNames(resources_of(matcher))
        self.zone_roads: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for code, kind, road in load_zone_roads():
            self.zone_roads[names_of(table.path(code))[:2]][road] = kind

    def row(self, address: Address) -> FittingRow | None:
        """Return a row made of ``address``, in the first way that fits and is still wanted; ``None`` if none does."""
        undivided = (address.province, address.city) in self.without_counties and address.county in ("", address.city)
        if undivided:
            address = replace(address, county=address.city, rest=address.rest.removeprefix(address.city))
        elif (address.province, address.city, address.county) not in self.known:
            return None
        if not address.rest:
            return None
        for name, text in self._ways(address):
            way = RECIPE.ways[name]
            if self.made[name] < way.most:
                self.made[name] += 1
                if way.unseen and self.made[name] % 2:
                    self.unseen |= {(address.province, address.city, road) for road in place_names(address.rest)}
                zone = kind_at_front(text) if name in ZONE_PUT else ""
                slice_ = RECIPE.slice_of(name)
                county = "" if undivided else address.county
                return FittingRow(text, address.province, address.city, county, slice_, way.weight, zone)
        return None

    def _ways(self, address: Address) -> Iterator[tuple[str, str]]:
        """Yield (way, text) of the ways to shorten an address, the rarest first."""
        rest, county = address.rest, address.county
        district = county.endswith("区") or county == address.city
        if address.town and rest.startswith(address.town) and len(rest) > len(address.town) + 1:
            yield "town_first", rest
        bare_road = ROAD_FRONT.match(rest) and not address.town
        if bare_road and district:
            yield from self._in_zone(address)
        zone = None if address.town else ZONE_NAME.search(rest[:12])
        if zone and (district or not ANY_ZONE.match(rest)) and not re.search("[0-9]", rest[: zone.start()]):
            yield "zone_first", rest
        if self.rng.random() < 0.06 and (typo := self._mistyped(county)):
            yield "county_typo", typo + rest
        if (place := self._place(rest)) and self.rng.random() < 0.5:
            yield "place_first", place
        if not address.town and ESTATE_FRONT.match(rest) and self.rng.random() < 0.5:
            yield "estate_first", rest
        if self.counties[county] > 1:
            yield "county_ambiguous", county + rest
        if bare_road:
            if district:
                yield "road_first", rest
            if address.city:
                yield "city_road", self.rng.choice((address.city, address.city, address.city.removesuffix("市"))) + rest
        if self.counties[county] == 1:
            short = short_name(county)
            if self.rng.random() < 0.5 and short != county and len(short) > 1:
                yield "county_short", short + rest
            yield "county_first", county + rest

    def is_seen(self, address: Address) -> bool:
        """Whether the memory may have seen ``address``."""
        return not any((address.province, address.city, name) in self.unseen for name in place_names(address.rest))

    def _in_zone(self, address: Address) -> Iterator[tuple[str, str]]:
        """Yield the address with a zone for its districts: where its road is known to lie in one, and elsewhere.

        Half of each, since a list of roads knows about half of what people write behind such a zone.
        """
        roads = self.zone_roads[address.province, address.city]
        kind = next((roads[name] for name in place_names(address.rest[:14])[:1] if name in roads), None)
        if kind:
            yield "zone_with_its_road", self.rng.choice(WRITTEN[kind]) + address.rest
        elif self.rng.random() < 0.15:
            written = WRITTEN[self.rng.choice(("economic", "economic", "high-tech"))]
            yield "zone_with_another_road", self.rng.choice(written) + address.rest

    def _place(self, rest: str) -> str:
        """Return ``rest`` from the first listed place or name that holds a division's name; ``""`` if there is none."""
        at = self.places.first(rest)
        if at is None:
            named = self.named.named_after(rest)
            at = next((at for at, kind, _ in named if kind not in ("road", "home", "zone")), None)
        return rest[at:] if at is not None and not rest[at:].endswith(("内", "省")) else ""

    def _mistyped(self, county: str) -> str:
        """Return a county with one character replaced by a homophone; ``""`` if the character has none."""
        short = short_name(county)
        at = self.rng.randrange(len(short))
        others = homophones().get(short[at])
        return short[:at] + self.rng.choice(others) + short[at + 1 :] + county[len(short) :] if others else ""


def natural_rows(path: Path, matcher: Matcher, without: set[str], rng: random.Random) -> Iterator[FittingRow]:
    """Yield the rows that people wrote short, less those that name another place in full than their record has."""
    records = list(read_table(path, ("form", "province", "city", "address")).iter_rows(named=True))
    rng.shuffle(records)
    made: Counter[str] = Counter()
    for record in records:
        slice_, text = RECIPE.natural.forms.get(record["form"][:1], ""), record["address"]
        if not slice_ or text in without or made[slice_] >= RECIPE.natural.most:
            continue
        match, city = matcher.match(text), (record["province"], record["city"])
        if plain_kind(match, matcher) == "full" and names_of(match.candidates[0].path)[:2] != city:
            continue
        made[slice_] += 1
        weight = RECIPE.natural.weights.get(slice_, 1.0)
        yield FittingRow(text, *city, "", slice_, weight)


def weigh(rows: Iterable[FittingRow], matcher: Matcher) -> list[FittingRow]:
    """Return the rows with their weights, 1 on average in each slice."""
    rows = list(rows)
    numbered = zip(matcher.small_names.number, np.exp(matcher.small_names.size), strict=True)
    sizes = {names_of(matcher.table.path(code)): float(size) for code, size in numbered}
    usual = float(np.median(list(sizes.values())))
    zones = _zone_weights(rows, matcher)
    total: dict[tuple[str, bool], list[float]] = defaultdict(list)
    for row in rows:
        if row.zone:
            row.weight = zones[row.province, row.city, row.zone]
        elif RECIPE.slices[row.slice].by_people:
            row.weight = (sizes.get((row.province, row.city, row.county), usual) / usual) ** CROWDING
        total[row.slice, bool(row.zone)].append(row.weight)
    for row in rows:
        row.weight = round(min(MOST_WEIGHT, row.weight / float(np.mean(total[row.slice, bool(row.zone)]))), 3)
    return rows


def _zone_weights(rows: Iterable[FittingRow], matcher: Matcher) -> dict[tuple[str, str, str], float]:
    """Return the weights of rows with a zone put before them: all of a city and kind share the size of its zones."""
    counts = Counter((row.province, row.city, row.zone) for row in rows if row.zone)
    zones = load_zone_sizes().items()
    sizes = {(*names_of(matcher.table.path(code))[:2], kind): size for (code, kind), size in zones}
    usual = float(np.mean(list(counts.values()))) if counts else 1.0
    return {at: (sizes.get(at, USUAL_SIZE) / USUAL_SIZE) ** CROWDING * usual / n for at, n in counts.items()}


def main(
    addresses: Annotated[Path, typer.Argument(help="tsv (.gz): province, city, county, town, rest, original.")],
    out: Annotated[Path, typer.Option(help="Folder for rows.jsonl and memory.csv.")],
    natural: Annotated[Path | None, typer.Option(help="tsv (.gz): form, province, city, address.")] = None,
    without: Annotated[Path | None, typer.Option(help="jsonl with input: rows that are to be measured on.")] = None,
    seed: Annotated[int, typer.Option(help="Of the choices.")] = 20,
) -> None:
    """Write the rows to fit on, and the addresses for the memory that they are fitted with.

    Raises:
        UsageError: a file has other columns or fields than those that are named.
    """
    matcher, rng = load_matcher(), random.Random(seed)
    kept_out = {row["input"] for row in read_rows(without, ("input",))} if without else set()
    full = [Address(*values) for values in read_table(addresses, tuple(Address.__dataclass_fields__)).iter_rows()]
    rng.shuffle(full)
    cut = round(ROWS_SHARE * len(full))
    for_rows, remembered = full[:cut], full[cut:]
    beginnings = {address.rest[:BEGINNING] for address in remembered}
    shortener = Shortener(matcher, seed)
    fresh = (address for address in for_rows if address.rest[:BEGINNING] not in beginnings)
    rows = [row for row in map(shortener.row, fresh) if row is not None and row.input not in kept_out]
    remembered = list(filter(shortener.is_seen, remembered))
    if natural is not None:
        rows += natural_rows(natural, matcher, kept_out, rng)
    rows += [FittingRow(text, "", "", "", "no_place") for text in no_places(matcher, RECIPE.no_places, rng)]
    rng.shuffle(rows)
    out.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(asdict(row), ensure_ascii=False) for row in weigh(rows, matcher)]
    (out / "rows.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    pl.DataFrame({"address": [address.original for address in remembered]}).write_csv(out / "memory.csv")
    typer.echo(f"{len(rows)} rows: {dict(sorted(Counter(row.slice for row in rows).items()))}")


if __name__ == "__main__":
    run(main)
