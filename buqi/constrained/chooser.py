"""A model chooses where each address lies, among the counties that the names in the address leave open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from buqi.address.placed import candidate_in
from buqi.constrained.county_tree import CountyTree, county_names
from buqi.constrained.search import CountySearch
from buqi.divisions import Match, load_table
from buqi.task import Task

if TYPE_CHECKING:
    from buqi.engine import TorchEngine

NATS_PER_POINT = 2.0  # of support, by point of the matcher; 1 to 4 were about as good on rows of neither benchmark


class CountyChooser:
    """Asks a model for the likeliest county of each address.

    Args:
        adapter: name of the weights that choose.
    """

    def __init__(self, engine: TorchEngine, task: Task, adapter: str) -> None:
        self.engine, self.task, self.adapter, self.table = engine, task, adapter, load_table()
        self.names = county_names(engine.tokenizer, self.table)
        self.end: int = engine.tokenizer.eos_token_id
        self.above = {c: self.table.by_code[c].parent if len(c) > 4 else c for c in self.names}
        self.below: dict[str, list[str]] = {}  # counties in each county, city and province
        for code in self.names:
            for division in self.table.path(code).divisions:
                self.below.setdefault(division.code, []).append(code)

    @cached_property
    def country(self) -> CountyTree:
        """All counties."""
        return CountyTree(self.names, self.end, self.above)

    def tree(self, match: Match) -> CountyTree:
        """Return the counties that the names in an address may mean; all counties if it has no such name."""
        around = {self.table.county_of(candidate.code) for candidate in match.candidates if match.equal}
        codes = {code for division in around for code in self.below.get(division, ())}
        if not codes:
            return self.country
        readings = {code: candidate_in(match, code, self.table) for code in codes}
        support = {code: NATS_PER_POINT * reading.named for code, reading in readings.items() if reading is not None}
        return CountyTree({code: self.names[code] for code in sorted(codes)}, self.end, self.above, support)

    def search(self, matches: Sequence[Match], progress: Callable[[int], None] = lambda _: None) -> list[CountySearch]:
        """Return a finished search for each address.

        Each round asks the engine once: it continues one prefix of every search that is not finished.
        """
        tokenizer = self.engine.tokenizer
        prompts = [self.task.prompt_ids(tokenizer, match.text) for match in matches]
        searches = [CountySearch(self.tree(match)) for match in matches]
        left = list(range(len(searches)))
        while left:
            prefixes, trees = [searches[i].next_prefix() for i in left], [searches[i].tree for i in left]
            answers = self.engine.choose([prompts[i] for i in left], prefixes, trees, self.adapter)
            for i, chosen in zip(left, answers, strict=True):
                searches[i].expand(chosen)
            before, left = len(left), [i for i in left if not searches[i].done]
            progress(before - len(left))
        return searches
