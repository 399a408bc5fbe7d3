"""What the names of towns and villages say about the rest of an address (stub weights)."""
from __future__ import annotations
from collections.abc import Sequence
from buqi.divisions.table import Table


class Evidence:
    def __init__(self, table: Table) -> None:
        self.table = table

    def of(self, codes: Sequence[str], rest: str) -> list[tuple[float, tuple[str, ...]]]:
        return [(0.0, ()) for _ in codes]
