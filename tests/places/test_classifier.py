"""The classifier of a source: what it reads, keeps and says, and how several are weighed."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.errors import BuqiError
from buqi.places.classifier import Likeness, load_classifier, pieces_of, plain_text
from buqi.places.training import train
from tests.places.examples import HANGZHOU, NANJING

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
