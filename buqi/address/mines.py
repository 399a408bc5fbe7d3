"""Mines of a firm that is named after a city: 大同煤矿集团塔山矿. They are in that city."""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.divisions import Table
from buqi.divisions.words import HAN
from buqi.expressions import expression

END = "矿"
MINE = expression(rf"(?:煤矿|煤业|煤炭|矿业|矿务)(?:股份|有限|责任|集团|公司|局)+{HAN}{{1,6}}矿")


def read_mine(answer: Completion, table: Table, short: Callable[[], ShortNames]) -> Completion:
    """Return the answer of the city of a mine for a refusal, else ``answer`` itself.

    Args:
        answer: the first one.
        table: the divisions.
        short: the short names.
    """
    text = answer.input
    if text[-1:] != END or answer.status not in REFUSALS:
        return answer  # most addresses
    name = short().at(text, 0)
    cities = short().by_name.get(name, {}).get("city", ())
    if len(cities) != 1 or MINE.fullmatch(text, len(name)) is None:
        return answer
    return Completion.known(text, table.path(cities[0]), text, LESS_SURE, BY_TABLE)
