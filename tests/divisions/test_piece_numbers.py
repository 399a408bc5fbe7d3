"""One number for a piece, whether it is asked for alone or with many."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions.piece_numbers import code_points, number_of, numbers_of, piece_keys, positions, ranges

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_no_piece_reaches_across_lines():
    _, inside = piece_keys(code_points("ab\ncd\n"), 2)
    assert inside.tolist() == [True, False, False, True, False]


@given(st.lists(TEXT))
def test_many_at_once_are_numbered_as_each(texts):
    assert numbers_of(texts).tolist() == [number_of(text) for text in texts]


@given(TEXT.filter(lambda text: len(text) > 1 and "\n" not in text))
def test_the_pieces_of_a_text_are_numbered_so_too(text):
    keys, inside = piece_keys(code_points(text + "\n"), 2)
    assert keys[inside].tolist() == [number_of(text[at : at + 2]) for at in range(len(text) - 1)]


@given(st.lists(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_positions_are_those_of_a_search(asked, known):
    ordered = np.array(sorted(known), dtype=np.int64)
    at, found = positions(ordered, np.array(asked, dtype=np.int64))
    assert found.tolist() == [number in known for number in asked]
    assert ordered[at[found]].tolist() == [number for number in asked if number in known]


def test_ranges_stand_in_a_row():
    assert ranges(np.array([5, 9, 2]), np.array([2, 0, 3])).tolist() == [5, 6, 2, 3, 4]
