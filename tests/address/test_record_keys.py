"""Tests of `buqi.address.record_keys`."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ('{"province":"河北省","city":"保定市","district":"高碑店市","detail":"白沟镇五一路"}', "五一路"),
        ("province=云南省;city=大理白族自治州;county=鹤庆县;addr=新华村银都水乡", "新华村银都水乡"),
        ("[city:杭州市,county:余杭区,addr:文一西路969号]", "文一西路969号"),
    ],
)
def test_keys_of_a_record_are_left_out(completer: Completer, text: str, detail: str) -> None:
    answer = completer.complete(text)
    assert (answer.detail, answer.lead) == (detail, "")
    assert answer.full == answer.path.full + detail


@pytest.mark.parametrize("text", ["ADD:湖南省株洲市醴陵市白兔潭镇 TEL:13812341234", "湖南省株洲市醴陵市白兔潭镇A=1"])
def test_what_is_no_key_of_an_address_stays(completer: Completer, text: str) -> None:
    assert completer.complete(text).detail == text.partition("白兔潭镇")[2].strip()
