"""The laws of names, on all provinces and cities, and on some counties and towns."""

from __future__ import annotations

import pytest

from buqi.address import Completion
from buqi.bench.law_trials import Trial
from buqi.bench.laws import LESS, LOST, REFUSED, RIGHT, WRONG, Tally, count_violations, divisions_of, outcome
from buqi.divisions import DivisionPath, load_table

FEW, MANY, SEED = (100, 100), (500, 1000), 24  # counties and towns
TEXTS = {FEW: 20_000, MANY: 60_000}  # at least
SHORT_RIGHT, SHORT_WRONG = 0.99, 0.001  # shares of the short forms


@pytest.fixture(scope="module", params=[FEW, pytest.param(MANY, marks=pytest.mark.long)], ids=["few", "many"])
def drawn(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture(scope="module")
def tallies(drawn) -> dict[str, Tally]:
    counties, towns = drawn
    return count_violations(divisions_of(load_table(), towns, counties, SEED), processes=2 if drawn == MANY else 1)


def test_names_in_full_are_never_read_as_anything_else(tallies, drawn):
    broken = {law: tally.examples for law, tally in tallies.items() if not tally.refusable and tally.violations}
    assert not broken
    assert sum(tally.counts.total() for tally in tallies.values()) > TEXTS[drawn]


def test_short_names_are_right_or_refused(tallies):
    short = {law: tally for law, tally in tallies.items() if law.startswith("short")}
    assert len(short) == 3
    for tally in short.values():
        assert tally.counts[RIGHT] >= SHORT_RIGHT * tally.counts.total(), tally.examples
        assert tally.violations <= max(1, SHORT_WRONG * tally.counts.total()), tally.examples


def test_an_outcome_tells_what_went_wrong():
    table = load_table()
    trial = Trial("law", "中国碑林区1号", "610103", "1号", "中国")

    def answered(code: str, detail: str, lead: str = "中国", status: str = "partial") -> str:
        path = table.path(code) if code else DivisionPath()
        return outcome(trial, Completion(trial.text, path.full + detail, path, detail, lead=lead, status=status), table)

    assert answered("610103", "1号") == RIGHT
    assert answered("610102", "1号") == WRONG
    assert answered("6101", "1号") == LESS
    assert answered("610103", "号") == answered("610103", "1号", lead="") == LOST
    assert answered("", "中国碑林区1号", "", "unknown") == REFUSED
