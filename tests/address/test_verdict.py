"""An answer goes as deep as it is sure."""

from __future__ import annotations

import numpy as np
import pytest

from buqi.address.completer import Completer
from buqi.address.verdict import LEAST_SHOWN, needed
from buqi.places import learn, load_memory
from buqi.places.memory import empty_memory


@pytest.fixture(scope="module")
def plain() -> Completer:
    return Completer(empty_memory())


@pytest.fixture(scope="module")
def remembering(tmp_path_factory) -> Completer:
    folder = tmp_path_factory.mktemp("places")
    learn([f"吉林省长春市朝阳区珠玑大街{n}号" for n in range(20)], "own", folder)
    return Completer(load_memory(folder))


def test_no_level_is_surer_than_the_one_above(remembering):
    for text in ("鼓楼区中央路1号", "珠玑大街8号", "高新区珠玑大街8号", "城关镇人民路", "陇西线巩昌镇1号"):
        proposals = remembering.read(text)
        p = remembering.model.probabilities(proposals.features, proposals.kind)
        found = {code: sure for _, code, sure in remembering.verdicts.depths(proposals, p)}
        pairs = [(above, code) for code in found for above in found if code != above and code.startswith(above)]
        assert pairs and all(found[code] <= found[above] for above, code in pairs), text


def test_an_answer_goes_no_deeper_than_it_is_likely(plain):
    match = plain.matcher.match("鼓楼区新路9号")
    proposals = plain.proposer.propose(match)
    numbers = {code: i for i, code in enumerate(plain.proposer.counties)}
    p = np.zeros(len(numbers))
    p[[numbers["320106"], numbers["320104"], numbers["320105"]]] = 0.33  # three counties of 南京市, one of them named
    found = plain.verdicts.verdict(proposals, p)
    assert (found.path.full, found.detail) == ("江苏省南京市", "鼓楼区新路9号")
    # the city with the largest sum need not hold the likeliest county: names in the text are still said once
    match = plain.matcher.match("南京市新路9号")
    p = np.zeros(len(numbers))
    p[numbers["350102"]], p[[numbers["320104"], numbers["320105"], numbers["320106"]]] = 0.3, 0.23
    found = plain.verdicts.verdict(plain.proposer.propose(match), p)
    assert (found.full, found.detail) == ("江苏省南京市新路9号", "新路9号")


@pytest.mark.parametrize(("text", "sure"), [("江北区人民路", 0.89), ("江北区北滨路", 0.89), ("江北区大庆南路", 0.9)])
def test_a_road_of_both_places_of_a_name_decides_nothing(plain, text, sure):
    found = plain.complete(text)
    assert (found.path.name("city"), found.confidence) == ("宁波市", sure)


def test_unlikely_places_are_no_alternatives(plain):
    proposals = plain.read("人民路1号")
    p = np.zeros(len(plain.proposer.counties))
    p[:8], p[3] = LEAST_SHOWN / 2, 0.02
    found = plain.verdicts.verdict(proposals, p)
    assert [other["confidence"] for other in found.alternatives] == [0.02] and found.status == "ambiguous"


def test_a_province_alone_must_be_nearly_certain():
    assert needed(0.6, "city") == 0.6 and needed(0.6, "province") == 0.9 and needed(0.95, "province") == 0.95


@pytest.mark.parametrize(("text", "sure"), [("新市区府友巷47号", False), ("新市区北京路5号", True)])
def test_a_road_that_the_city_lacks_makes_a_name_of_two_counties_less_sure(text, sure):
    assert ((Completer(empty_memory()).complete(text).confidence or 0.0) > 0.9) is sure
