"""The classifier of a source: what it reads, keeps and says; and how it is learnt, forgotten and joined."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from buqi.address.completer import Completer
from buqi.address.evidence import FEATURES
from buqi.divisions import load_matcher, load_table
from buqi.errors import BuqiError
from buqi.places import learn, learning, load_memory
from buqi.places.classifier import KNOWN, Likeness, load_classifier, pieces_of, plain_text
from buqi.places.learning import forget
from buqi.places.memory import CLASSIFIER, empty_memory
from buqi.places.training import train
from tests.places.examples import ADDRESSES, HANGZHOU, NANJING

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("文一西路969号3幢502室", "^文一西路0号0幢0室"),
        ("文一西路１２Ａ号", "^文一西路0号"),
        ("幸福路8号 收件人张三丰", "^幸福路0号"),
        ("", "^"),
    ],
)
def test_what_is_read(text, plain):
    assert plain_text(text) == plain


def test_pieces_stay_within_their_text():
    keys, owners = pieces_of(["中央", "央路"])
    assert sorted(owners.tolist()) == [0, 0, 0, 1, 1, 1]
    both = set(keys[owners == 0].tolist()) & set(keys[owners == 1].tolist())
    assert len(both) == 1  # 央; no piece 央央 or 中央央路


def test_what_it_says(trained):
    here, there = trained.counties.index(HANGZHOU), trained.counties.index(NANJING)
    evidence = trained.evidence(["荆长大道55号"])[0]
    assert evidence[here] > 0.3 > 0 > evidence[there]
    assert trained.evidence(["湖南路"])[0] @ np.eye(len(evidence))[there] > 0
    assert np.abs(trained.evidence(["犇犇"])[0]).max() < evidence[here]  # nothing known: hardly anything said


def test_it_is_written_and_read_whole(trained, tmp_path):
    trained.save(tmp_path / "c.safetensors")
    again = load_classifier(tmp_path / "c.safetensors")
    assert again.counties == trained.counties and again.addresses == trained.addresses
    np.testing.assert_array_equal(again.evidence(["中央路"])[0], trained.evidence(["中央路"])[0])
    (tmp_path / "c.safetensors").write_bytes(b"broken")
    with pytest.raises(BuqiError, match=r"c\.safetensors: broken"):
        load_classifier(tmp_path / "c.safetensors")


def test_several_sources_are_weighed_by_their_addresses(trained):
    number = {HANGZHOU: 0, NANJING: 1, "110101": 2}
    said = trained.evidence(["中央路"])[0][trained.counties.index(NANJING)]
    alone = Likeness([trained], number).weigh(["中央路"])[0]
    np.testing.assert_allclose(alone[1], said, rtol=1e-6)
    assert alone[2] == 0  # nothing for or against a county that no source knows
    other = train(["文二路1号", "文二路", "文二路院"], [HANGZHOU] * 3)
    both = Likeness([trained, other], number).weigh(["中央路"])[0]
    share = trained.addresses / (trained.addresses + other.addresses)
    np.testing.assert_allclose(both[1], np.log(share * np.exp(said) + (1 - share)), rtol=1e-5)


CELLS = [load_table().path(code).full + text for text, code in ADDRESSES]


@pytest.fixture
def large(tmp_path, monkeypatch) -> Path:
    """A memory that counts as one of the whole country."""
    monkeypatch.setattr(learning, "COVERED", 0.0)
    learn(CELLS, "orders", tmp_path / "places")
    return tmp_path / "places"


def test_learnt_with_the_names_and_forgotten_with_them(large):
    assert (large / "orders" / CLASSIFIER).exists() and learning.sources(large)[0].classifier
    assert len(load_memory(large).classifiers) == 1
    forget("orders", large)
    assert not list(large.rglob(CLASSIFIER)) and not load_memory(large).classifiers


def test_only_names_where_that_is_asked_or_addresses_are_of_a_region(large, monkeypatch):
    learn(CELLS, "orders", large, passes=None)
    assert not (large / "orders" / CLASSIFIER).exists()
    monkeypatch.setattr(learning, "COVERED", 0.75)
    learn(CELLS, "orders", large)
    assert not (large / "orders" / CLASSIFIER).exists()


def test_one_address_many_times_is_no_country(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "COVERED", 1 / 2000)
    learn([CELLS[0]] * KNOWN + [CELLS[-1]] * KNOWN, "orders", tmp_path)
    assert not learning.sources(tmp_path)[0].classifier


def test_what_covers_the_country():
    matcher = load_matcher()
    counties = sorted({town.parent for town in matcher.table.at("town")})
    assert learning.covers([code for code in counties for _ in range(KNOWN)], matcher)
    assert not learning.covers([code for code in counties for _ in range(KNOWN - 1)], matcher)
    assert not learning.covers([code for code in counties[: len(counties) // 2] for _ in range(KNOWN)], matcher)


def test_the_passes_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "COVERED", 0.0)
    told: list[tuple[int, int]] = []
    learn(CELLS, "orders", tmp_path, passes=lambda done, of: told.append((done, of)))
    assert told == [(n + 1, 30) for n in range(30)]


def test_a_completer_weighs_it(large):
    completer = Completer(large)
    assert completer.model is completer.chooser.large
    proposals = completer.proposer.propose(load_matcher().match("荆长大道55号"))
    likeness = proposals.features[:, FEATURES.index("likeness")]
    assert completer.proposer.counties[int(likeness.argmax())] == HANGZHOU
    assert Completer(empty_memory()).model is completer.chooser.table
