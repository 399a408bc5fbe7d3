"""Labels of a form around the names of an address."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.form_labels import FormLabels, without_label
from buqi.divisions import load_table


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "place", "detail"),
    [
        ("省份:广东 城市:深圳 区县:南山 街道:粤海街道 地址:科苑路15号", "广东省深圳市南山区粤海街道", "科苑路15号"),
        ("省：江苏 市：苏州 县：昆山 镇：花桥 地址：绿地大道12号", "江苏省苏州市昆山市花桥镇", "绿地大道12号"),
        ("【省】福建【市】泉州【区】晋江【详细】陈埭镇花厅口村", "福建省泉州市晋江市陈埭镇", "花厅口村"),
        (
            "省：江苏省 市：苏州市 区：昆山市 街道：花桥镇 详细：绿地大道12号",
            "江苏省苏州市昆山市花桥镇",
            "绿地大道12号",
        ),
    ],
)
def test_an_address_is_read_without_its_labels(completer: Completer, text: str, place: str, detail: str) -> None:
    answer = completer.complete(text)
    assert (answer.path.full, answer.detail, answer.input) == (place, detail, text)
    assert answer.full == place + detail


def test_a_sure_answer_and_a_text_without_a_form_are_not_read_again() -> None:
    def complete(text: str) -> Completion:
        raise AssertionError(text)

    forms, path = FormLabels(complete), load_table().path("320583")
    sure = Completion.known("省：江苏 市：昆山市", path, "", 0.99)
    assert forms.read(sure) is sure
    for text in ("地址：人民路", "市区人民路", "电话:1 备注:2"):
        refused = Completion.nothing(text)
        assert forms.read(refused) is refused


@pytest.mark.parametrize(
    ("detail", "left"),
    [
        ("详细地址：文一西路969号", "文一西路969号"),
        (" 详细：人民路", "人民路"),
        ("门牌号：969号", "969号"),
        ("详细地址 科苑路15号", "科苑路15号"),
        ("地址大厦5号", "地址大厦5号"),
        ("街道工厂", "街道工厂"),
        ("文一西路 地址：5号", "文一西路 地址：5号"),
    ],
)
def test_only_a_label_before_the_detail_is_left_out(detail: str, left: str) -> None:
    path = load_table().path("320583")
    answer = without_label(Completion.known(path.full + detail, path, detail, 0.99))
    assert (answer.detail, answer.full) == (left, path.full + left)
