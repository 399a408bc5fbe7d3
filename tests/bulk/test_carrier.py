"""Pieces of a file."""

from __future__ import annotations

from buqi.bulk.carrier import Piece, whole


def test_a_piece_has_as_many_rows_as_numbers():
    assert len(Piece([2, 3, 7], {"a": [1, 2, 3]})) == 3


def test_halves_of_characters_do_not_leave_their_cell():
    assert whole("西安\ud83d") == "西安?" and whole("西安") == "西安" and whole("abc") == "abc"
    assert whole(3) == 3 and whole(None) is None
