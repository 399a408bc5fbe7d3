"""Pieces of a file."""

from __future__ import annotations

from buqi.bulk.table_file import Piece


def test_a_piece_has_as_many_rows_as_numbers():
    assert len(Piece([2, 3, 7], {"a": [1, 2, 3]})) == 3
