"""One number for a piece, whether it is asked for alone or with many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buqi.divisions.piece_numbers import code_points, number_of, numbers_of, piece_keys

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
