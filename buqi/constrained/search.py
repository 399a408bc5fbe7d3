"""Finds the likeliest county: the best of all beginnings that are left is gone on with until none may be better."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from buqi.constrained.county_tree import CountyTree, Tokens
from buqi.engine.protocol import Chosen

MOST_TRIES = 4  # beginnings of one address that are gone on with


@dataclass(frozen=True)
class Likely:
    """A division and what speaks for it.

    Attributes:
        code: of a county or city.
        share: how likely it is among all that may be meant, the model and the names taken together; 0 to 1.
        weight: log-probability (nats) that the model writes it.
    """

    code: str
    share: float
    weight: float


class CountySearch:
    """Best-first search over the counties' names for one address (branch and bound).

    A beginning is never less likely than what it goes on to, so the best county found is the likeliest of all once it
    is likelier than each beginning that is left.

    Attributes:
        found: log-probability (nats) of each county reached.
        open: beginnings that were not gone on with, a heap: the negative of the most that may be said for a county
            behind it, log-probability and tokens.
    """

    def __init__(self, tree: CountyTree) -> None:
        self.tree, self.tries = tree, 0
        self.found: dict[str, float] = {}
        self.open: list[tuple[float, float, Tokens]] = [(0.0, 0.0, ())]

    @property
    def best(self) -> float:
        """What most speaks for a county so far: log-probability and support."""
        return max((self._said(code) for code in self.found), default=-math.inf)

    @property
    def done(self) -> bool:
        """Whether no county that was not reached may be better than the best, or enough was tried."""
        return not self.open or -self.open[0][0] <= self.best or self.tries >= MOST_TRIES

    def begin(self) -> Tokens:
        """Return the best beginning, which is gone on with now."""
        _, self.weight, self.begun = heapq.heappop(self.open)
        self.tries += 1
        return self.begun

    def take(self, chosen: Chosen) -> None:
        """Take what the model chose behind the beginning, and what else it might have chosen."""
        written, weight = self.begun, self.weight
        for token, step in zip(chosen.tokens, chosen.steps, strict=True):
            for other, more in step.items():
                if other != token or (*written, other) in self.tree.counties:
                    self._put((*written, other), weight + more)
            written, weight = (*written, token), weight + step[token]

    def _put(self, written: Tokens, weight: float) -> None:
        county = self.tree.counties.get(written)
        if county is None:
            heapq.heappush(self.open, (-weight - self.tree.bound[written], weight, written))
        else:
            self.found[county] = weight

    def _said(self, code: str) -> float:
        return self.found[code] + self.tree.support.get(code, 0.0)

    def likeliest(self) -> list[Likely]:
        """Return the counties found, the likeliest first."""
        said = {code: self._said(code) for code in self.found}
        total = _sum([*said.values(), *(-least for least, _, _ in self.open)])
        found = [Likely(code, math.exp(said[code] - total), self.found[code]) for code in said]
        return sorted(found, key=lambda one: -one.share)

    def cities(self) -> list[Likely]:
        """Return what counties lie in, cities or provinces without any, the likeliest first."""
        parts: dict[str, list[tuple[float, float]]] = {}
        for code, weight in self.found.items():
            parts.setdefault(self.tree.above[code], []).append((self._said(code), weight))
        for least, weight, written in self.open:
            parts.setdefault(self.tree.within[written], []).append((-least, weight))
        total = _sum([said for group in parts.values() for said, _ in group])
        found = [
            Likely(code, math.exp(_sum([said for said, _ in group]) - total), _sum([weight for _, weight in group]))
            for code, group in parts.items()
            if code
        ]
        return sorted(found, key=lambda one: -one.share)


def _sum(logarithms: list[float]) -> float:
    """Return the logarithm of a sum, given those of its parts."""
    top = max(logarithms, default=-math.inf)
    return top if top == -math.inf else top + math.log(sum(math.exp(one - top) for one in logarithms))
