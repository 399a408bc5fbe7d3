"""Areas of free-trade zones, in every way they are written (``data/trade.tsv``, see ``data/PROVENANCE.md``)."""

from __future__ import annotations

from collections.abc import Iterator

from buqi.divisions.data_files import data_text
from buqi.divisions.names import short_names
from buqi.divisions.table import MUNICIPALITIES, Table

FILE = "trade.tsv"
WRITTEN = ("自由贸易试验区", "自贸试验区", "自贸区")


def trade_zones(table: Table) -> Iterator[tuple[str, str]]:
    """Yield (name, code of the place) of every area.

    中国(福建)自由贸易试验区厦门片区 is the official form; people leave out 中国, the province or the brackets. Where
    the province is all that is named it must be a municipality.
    """
    areas = [(name, code) for name, code in (line.split("\t") for line in data_text(FILE).splitlines())]
    areas += [("", code) for code in MUNICIPALITIES if code in table.by_code]
    for area, code in areas:
        if code not in table.by_code:
            continue
        short = short_names(table.by_code[code[:2]].name)[0]
        fronts = [f"中国({short})", f"({short})", f"中国{short}", short, *([""] if area else [])]
        for front in fronts:
            for zone in WRITTEN:
                yield f"{front}{zone}{area}", code
