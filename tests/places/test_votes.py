"""Names of a memory speak for the counties where they were seen."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from buqi.divisions import load_matcher, load_table
from buqi.places import Memory
from buqi.places.memory import memory_arrays, schema
from buqi.places.votes import Votes

YUHANG, XIHU, GULOU = "330110", "330106", "320106"
SEEN = [("文一西路", YUHANG, "", 30), ("文一西路", XIHU, "", 3), ("中央路", GULOU, "", 20), ("翠苑小区", XIHU, "", 10)]


@pytest.fixture(scope="module")
def votes() -> Votes:
    frame = pl.DataFrame(SEEN, schema=schema(), orient="row")
    return Votes(Memory(memory_arrays(frame, load_table())), load_matcher().small_names)


def at(values: np.ndarray, code: str) -> float:
    return float(values[load_matcher().small_names.number[code]])


def test_a_name_speaks_most_for_where_it_was_seen_most(votes):
    names = votes.names_of_all([["文一西路"]])[0]
    assert at(names, YUHANG) > at(names, XIHU) > at(names, GULOU)
    assert at(names, "330105") > at(names, "320105")  # nothing was seen in either, but one is of the same city


def test_pieces_speak_where_the_whole_name_was_never_seen(votes):
    names, parts = votes.names_of_all([["文一西街"]])[0], votes.parts(["文一西街"])[0]
    assert not names.any()
    assert at(parts, YUHANG) > at(parts, GULOU) >= 0


def test_what_was_never_seen_says_nothing(votes):
    names, parts = votes.names_of_all([["人民大道"]])[0], votes.parts(["人民大道"])[0]
    assert not names.any() and not parts.any()
    assert not votes.parts([""]).any()
