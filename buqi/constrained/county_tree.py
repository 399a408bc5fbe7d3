"""The names of counties as tokens: what may follow while a model writes down to a county."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from buqi.divisions import Table
from buqi.task import tokens

Tokens = tuple[int, ...]


def county_names(tokenizer: Any, table: Table) -> dict[str, Tokens]:
    """Return the tokens by which a model chooses each county (and each city without counties), by code.

    They are the first tokens of province, city and county in full, as many as tell it from all others: what is left of
    a name is not the model's to write. Names are tokenised together, as in an answer: tokens cross their borders.
    """
    codes = [code for code in table.names if len(code) == 6 or (len(code) == 4 and not table.has_counties(code))]
    whole = {code: (*tokens(tokenizer, table.path(code).full), tokenizer.eos_token_id) for code in codes}
    begins = Counter(ids[:at] for ids in whole.values() for at in range(1, len(ids) + 1))
    return {
        code: next(ids[:at] for at in range(1, len(ids) + 1) if begins[ids[:at]] == 1) for code, ids in whole.items()
    }


class CountyTree:
    """Which token may follow so that one of some counties is chosen; a `buqi.engine.writing.TokenRule`.

    Args:
        names: the tokens of these counties, as `county_names` returns them.
        end: the model's end token.
        above: the code of what each lies in: its city, or the province of one without (of 东莞市: itself).
        support: what speaks for counties beside the model, by code, in nats; 0 for those left out.

    Attributes:
        counties: codes by tokens.
        bound: by tokens, the highest support of the counties that begin so.
        within: by tokens, what all counties that begin so lie in; "" if they lie in several.
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
            for at in range(len(ids) + 1):
                first = ids[:at]
                self.bound[first] = max(known, self.bound.get(first, known))
                self.within[first] = city if self.within.get(first, city) == city else ""
                if at < len(ids):
                    following.setdefault(first, set()).add(ids[at])
        self.next = {first: sorted(found) for first, found in following.items()}

    def after(self, written: Sequence[int]) -> list[int]:
        """Return the tokens that may follow; the end token where a county is chosen."""
        return self.next.get(tuple(written), [self.end])
