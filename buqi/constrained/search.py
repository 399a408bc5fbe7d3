"""Best-first search (branch and bound) for the county that a model and the names in an address make likeliest."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from buqi.constrained.county_tree import CountyTree, Tokens
from buqi.engine.protocol import Chosen

MOST_EXPANSIONS = 4  # prefixes of one address that the model continues


@dataclass(frozen=True)
class ScoredDivision:
    """A county or city with its probabilities.

    Attributes:
        code: of the division.
        posterior: its probability among all counties of the tree, by the model and the names together; 0 to 1.
        logprob: log-probability (nats) that the model writes it.
    """

    code: str
    posterior: float
    logprob: float


class CountySearch:
    """The search for one address, over the tokens of the counties' names.

    A prefix is never less likely than a name that it begins. So the search is over when the best county that was
    reached is at least as likely as every open prefix.

    Attributes:
        reached: log-probability (nats) of each county that was reached.
        frontier: a heap of the prefixes that were not continued: (-bound, log-probability, tokens). The bound is the
            highest score that a county behind the prefix can have.
        expansions: how many prefixes the model has continued.
    """

    def __init__(self, tree: CountyTree) -> None:
        self.tree, self.expansions = tree, 0
        self._prefix: Tokens = ()  # the one that the model continues now
        self._logprob = 0.0  # its own
        self.reached: dict[str, float] = {}
        self.frontier: list[tuple[float, float, Tokens]] = [(0.0, 0.0, ())]

    @property
    def best(self) -> float:
        """The highest score (nats) of the counties that were reached: log-probability plus support."""
        return max((self._score(code) for code in self.reached), default=-math.inf)

    @property
    def done(self) -> bool:
        """Whether no open prefix can lead to a better county, or enough prefixes were continued."""
        return not self.frontier or -self.frontier[0][0] <= self.best or self.expansions >= MOST_EXPANSIONS

    def next_prefix(self) -> Tokens:
        """Return the open prefix with the highest bound. The model continues it, and `expand` takes the result."""
        _, self._logprob, self._prefix = heapq.heappop(self.frontier)
        self.expansions += 1
        return self._prefix

    def expand(self, chosen: Chosen) -> None:
        """Add what the model wrote behind the prefix, and open each token that it might have written instead."""
        written, logprob = self._prefix, self._logprob
        for token, step in zip(chosen.tokens, chosen.steps, strict=True):
            for other, more in step.items():
                if other != token or (*written, other) in self.tree.counties:
                    self._add((*written, other), logprob + more)
            written, logprob = (*written, token), logprob + step[token]

    def _add(self, written: Tokens, logprob: float) -> None:
        county = self.tree.counties.get(written)
        if county is None:
            heapq.heappush(self.frontier, (-logprob - self.tree.bound[written], logprob, written))
        else:
            self.reached[county] = logprob

    def _score(self, code: str) -> float:
        return self.reached[code] + self.tree.support.get(code, 0.0)

    def counties(self) -> list[ScoredDivision]:
        """Return the counties that were reached, the likeliest first."""
        scores = {code: self._score(code) for code in self.reached}
        total = _log_sum_exp([*scores.values(), *(-negative for negative, _, _ in self.frontier)])
        found = [ScoredDivision(code, math.exp(scores[code] - total), self.reached[code]) for code in scores]
        return sorted(found, key=lambda county: -county.posterior)

    def cities(self) -> list[ScoredDivision]:
        """Return the cities (or provinces without cities) that the counties lie in, the likeliest first.

        An open prefix counts for the city that all its counties lie in, if there is one.
        """
        parts: dict[str, list[tuple[float, float]]] = {}  # score and log-probability
        for code, logprob in self.reached.items():
            parts.setdefault(self.tree.above[code], []).append((self._score(code), logprob))
        for negative, logprob, written in self.frontier:
            parts.setdefault(self.tree.within[written], []).append((-negative, logprob))
        total = _log_sum_exp([score for group in parts.values() for score, _ in group])
        found = []
        for code, group in parts.items():
            if code:
                scores, logprobs = map(list, zip(*group, strict=True))
                found.append(ScoredDivision(code, math.exp(_log_sum_exp(scores) - total), _log_sum_exp(logprobs)))
        return sorted(found, key=lambda city: -city.posterior)


def _log_sum_exp(logarithms: list[float]) -> float:
    """Return the logarithm of a sum, given the logarithms of its parts."""
    top = max(logarithms, default=-math.inf)
    return top if top == -math.inf else top + math.log(sum(math.exp(one - top) for one in logarithms))
