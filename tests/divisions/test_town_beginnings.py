"""Towns of a county by how they begin: as the index has them, and as the table says."""

from collections.abc import Mapping

import pytest

from buqi.divisions.stems import without_county
from buqi.divisions.table import Table, load_table
from buqi.divisions.town_beginnings import TownBeginnings

NAMES: Mapping[str, str] = {
    "41": "河南省", "4109": "濮阳市", "410928": "濮阳县", "410928100": "城关镇", "410928200": "濮阳县鲁河镇",
    "410928201": "鲁河乡",
}  # fmt: skip


def test_towns_are_found_by_their_own_name_and_by_the_county_before_it() -> None:
    towns = TownBeginnings(Table(NAMES))
    assert towns.towns("410928", "鲁河") == [("410928200", "濮阳县鲁河镇"), ("410928201", "鲁河乡")]
    assert towns.towns("410928", "濮阳") == [("410928200", "濮阳县鲁河镇")]
    assert towns.towns("4109", "城关") == [("410928100", "城关镇")] == towns.towns("41", "城关")


@pytest.mark.parametrize(
    ("code", "beginning"), [("410928", "城"), ("410928", ""), ("410928", "关镇"), ("110101", "城关")]
)
def test_nothing_else_is_found(code: str, beginning: str) -> None:
    assert TownBeginnings(Table(NAMES)).towns(code, beginning) == []


@pytest.mark.parametrize("code", ["110101", "4419", "6101", "659008", "44"])
def test_every_town_is_found_in_the_shipped_table(code: str) -> None:
    table = load_table()
    towns, known = TownBeginnings(table), table.town_names(code)
    assert known
    for town, name in known.items():
        for beginning in (name[:2], without_county(name)[:2]):
            assert (town, name) in towns.towns(code, beginning)
    assert {found for name in known.values() for found in towns.towns(code, name[:2])} <= set(known.items())
