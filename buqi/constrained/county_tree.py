"""The names of counties as a prefix tree of tokens: which token may follow while a model writes a county's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from buqi.divisions import Table
from buqi.task import tokens

Tokens = tuple[int, ...]


def county_names(tokenizer: Any, table: Table) -> dict[str, Tokens]:
    """Return the tokens by which a model chooses each county (and each city without counties), by code.

    They are the shortest prefix of the full name (province, city and county) that no other county has. The model does
    not write the rest of the name. The three names are tokenised together, as in an answer, so a token may cross from
    one name into the next.
    """
    codes = [code for code in table.names if len(code) == 6 or (len(code) == 4 and not table.has_counties(code))]
    whole = {code: (*tokens(tokenizer, table.path(code).full), tokenizer.eos_token_id) for code in codes}
    times = Counter(ids[:size] for ids in whole.values() for size in range(1, len(ids) + 1))
    return {
        code: next(ids[:size] for size in range(1, len(ids) + 1) if times[ids[:size]] == 1)
        for code, ids in whole.items()
    }


class CountyTree:
    """Which token may follow so that one of some counties is chosen; a `buqi.engine.writing.TokenRule`.

    Args:
        names: the tokens of these counties, as `county_names` returns them.
        end: the model's end token.
        above: by county, the code of its city, or of its province if that has no cities. 东莞市, a city without
            counties, has its own.
        support: by county, the evidence (nats) that is added to the model's log-probability; 0 for those left out.

    Attributes:
        counties: codes by tokens.
        bound: by prefix, the highest support of its counties.
        within: by prefix, the code above all its counties; "" if they lie in several cities.
        next: by prefix, the tokens that may follow.
    """

    def __init__(
        self,
        names: Mapping[str, Tokens],
        end: int,
        above: Mapping[str, str],
        support: Mapping[str, float] | None = None,
    ) -> None:
        self.end, self.above, self.support = end, above, support or {}
        self.counties = {ids: code for code, ids in names.items()}
        self.bound: dict[Tokens, float] = {}
        self.within: dict[Tokens, str] = {}
        following: dict[Tokens, set[int]] = {}
        for code, ids in names.items():
            known, city = self.support.get(code, 0.0), above[code]
            for size in range(len(ids) + 1):
                prefix = ids[:size]
                self.bound[prefix] = max(known, self.bound.get(prefix, known))
                self.within[prefix] = city if self.within.get(prefix, city) == city else ""
                if size < len(ids):
                    following.setdefault(prefix, set()).add(ids[size])
        self.next = {prefix: sorted(found) for prefix, found in following.items()}

    def after(self, written: Sequence[int]) -> list[int]:
        """Return the tokens that may follow; the end token where a county is chosen."""
        return self.next.get(tuple(written), [self.end])
