"""What is learnt from addresses: pieces that several of them share, counties that are known well enough."""

from __future__ import annotations

import pytest

from buqi.places import training
from buqi.places.classifier import pieces_of, plain_text
from buqi.places.training import train
from tests.places.examples import ADDRESSES, HANGZHOU, NANJING

pytestmark = pytest.mark.usefixtures("quick")


def test_a_piece_that_one_address_has_is_not_kept():
    texts = ["中央路1号", "中央路2号院", "中央路3号王小明家"]
    found = train(texts, [NANJING] * 3)
    keys = set(found.keys.tolist())
    assert set(pieces_of(["中央路"])[0].tolist()) <= keys
    assert not set(pieces_of(["王小明"])[0].tolist()) & keys


def test_the_same_address_twice_counts_once():
    found = train(["中央路1号王小明"] * 5 + ["中央路1号"], [NANJING] * 6)
    assert not set(pieces_of(["王小明"])[0].tolist()) & set(found.keys.tolist())


def test_a_county_with_few_addresses_is_not_told_from_others(monkeypatch):
    monkeypatch.setattr(training, "KNOWN", 3)
    found = train(
        [*(text for text, _ in ADDRESSES), "平江路1号", "平江路2号"], [*(c for _, c in ADDRESSES), *["320508"] * 2]
    )
    assert found.counties == (NANJING, HANGZHOU)
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.addresses == len({plain_text(text) for text, _ in ADDRESSES})


def test_the_same_addresses_teach_the_same():
    texts, owners = zip(*ADDRESSES, strict=True)
    one, other = train(texts, owners), train(texts, owners)
    assert (one.vectors == other.vectors).all() and (one.outputs == other.outputs).all()
