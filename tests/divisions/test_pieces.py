"""Pieces of names speak for the counties where they are common."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.divisions.pieces import Pieces, piece_arrays


def pieces_of(texts: list[str], **options) -> Pieces:
    city = np.array([0, 0, 1])
    return Pieces(piece_arrays(texts, city, **options), city)


def test_pieces_count_by_county_and_city():
    pieces = pieces_of(["中央路\n", "中央街\n", "东城\n"])
    grams = pieces.numbers("中央")
    assert len(grams) == 1 and len(pieces.numbers("路 口")) == 0
    first, second, third = pieces.scores([grams])[0]
    assert first == pytest.approx(second) and first > third == 0
    assert len(pieces.numbers("中央", without="中央门")) == 0


def test_pieces_say_what_the_formula_says():
    names = ["中央路\n中央街\n", "中央街\n", "东城\n"]
    pieces = pieces_of(names, lengths=(2,), least=100.0)
    common = 4.0 * (3 + 1) / 100.0  # 中央 stands in three names
    around = 0.25 * np.log1p(3 / (common * (len(names[0]) + len(names[1]) + 2)))
    wanted = [
        0.4 * np.log1p(count / (common * (len(name) + 1))) + around for count, name in ((2, names[0]), (1, names[1]))
    ]
    assert pieces.scores([pieces.numbers("中央"), pieces.numbers("天地")]).tolist() == [[*wanted, 0.0], [0.0] * 3]
    assert pieces.scores([pieces.numbers("天地")]).dtype == np.float64
    assert pieces.said(pieces.numbers("中央"), np.array([2, 0])).tolist() == [0.0, wanted[0]]
    assert pieces.said(pieces.numbers("天地"), np.array([2, 0])).tolist() == [0.0, 0.0]
    assert 1 in pieces.rare(pieces.numbers("中央"), 2)
    assert 1 not in pieces.rare(pieces.numbers("中央"), 1)
    assert 1 not in pieces.rare(pieces.numbers("天地"), 2)
