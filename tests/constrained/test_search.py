"""The search finds the likeliest county, and knows how likely it is among all."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from buqi.constrained import search as module
from buqi.constrained.county_tree import CountyTree
from buqi.constrained.search import CountySearch
from buqi.engine.protocol import Chosen

NAMES = {"1101": (1, 2), "1102": (1, 3), "1201": (4, 5), "1202": (4, 6)}
ABOVE = {code: code[:2] for code in NAMES}
# The likeliest first token (1) leads to two counties of 0.3; the likeliest county is behind the other (0.38).
SHARES = {(): {1: 0.6, 4: 0.4}, (1,): {2: 0.5, 3: 0.5}, (4,): {5: 0.95, 6: 0.05}}


def run(tree: CountyTree) -> CountySearch:
    """Search by `SHARES`, as an engine would answer."""
    found = CountySearch(tree)
    while not found.done:
        written = found.next_prefix()
        tokens, steps = [], []
        while (allowed := tree.after(written)) != [tree.end]:
            step = {token: math.log(SHARES[written][token]) for token in allowed}
            token = max(step, key=lambda one: step[one])
            tokens.append(token)
            steps.append(step)
            written = (*written, token)
        found.expand(Chosen(tokens, steps))
    return found


def test_the_likeliest_county_is_found_behind_a_less_likely_beginning():
    found = run(CountyTree(NAMES, 9, ABOVE))
    best = found.counties()
    assert best[0].code == "1201" and best[0].posterior == pytest.approx(0.38) and found.expansions == 2
    assert best[0].logprob == pytest.approx(math.log(0.38))
    assert all(one.posterior >= other.posterior for one, other in pairwise(best))
    cities = found.cities()
    assert [(one.code, round(one.posterior, 6)) for one in cities] == [("11", 0.6), ("12", 0.4)]


def test_support_counts_beside_the_model():
    found = run(CountyTree(NAMES, 9, ABOVE, {"1202": math.log(100)}))
    best = found.counties()[0]
    assert best.code == "1202" and best.posterior == pytest.approx(2.0 / 2.98)
    assert best.logprob == pytest.approx(math.log(0.02))
    assert found.cities()[0].code == "12"


def test_only_some_counties_may_be_meant():
    found = run(CountyTree({code: NAMES[code] for code in ("1102", "1202")}, 9, ABOVE))
    assert found.counties()[0].code == "1102" and found.counties()[0].posterior == pytest.approx(0.3 / 0.32)
    alone = run(CountyTree({"1202": NAMES["1202"]}, 9, ABOVE))
    assert [(one.code, one.posterior) for one in alone.counties()] == [("1202", 1.0)]
    assert alone.counties()[0].logprob == pytest.approx(math.log(0.02)), "how little the model likes it is known"


def test_no_more_is_tried_than_is_worth_it(monkeypatch):
    monkeypatch.setattr(module, "MOST_EXPANSIONS", 1)
    found = run(CountyTree(NAMES, 9, ABOVE))
    assert found.expansions == 1 and found.counties()[0].code in ("1101", "1102")
    assert sum(one.posterior for one in found.counties()) == pytest.approx(0.6), "what was not reached has its share"
