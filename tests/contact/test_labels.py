"""Labels of forms: where they stand and what they ask for."""

from __future__ import annotations

import pytest

from buqi.contact import labels
from buqi.contact.labels import Label


def kinds(line: str) -> list[tuple[str, str]]:
    return [(line[label.start : label.end], label.kind) for label in labels.labels(line)]


def test_the_labels_of_a_form_in_order():
    line = "收货人:张三 手机号码:13800000000 所在地区:陕西省西安市 详细地址:长乐路1号 邮编:710000 备注:放门口"
    assert kinds(line) == [
        ("收货人:", labels.NAME),
        ("手机号码:", labels.PHONE),
        ("所在地区:", labels.ADDRESS),
        ("详细地址:", labels.ADDRESS),
        ("邮编:", labels.POSTCODE),
        ("备注:", labels.REMARK),
    ]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("name: Zhang San", [("name:", labels.NAME)]),
        ("Tel 02988881234", [("Tel ", labels.PHONE)]),
        ("[收件人] 张三", [("[收件人]", labels.NAME)]),
        ("姓　　名:张三", [("姓　　名:", labels.NAME)]),
        ("省:陕西省|市:西安市", [("省:", labels.ADDRESS), ("市:", labels.ADDRESS)]),
        ("订单号:20261128", [("订单号:", labels.NUMBER)]),
        ("电话13800000000", [("电话", labels.PHONE)]),
        ("数量:3", [("数量:", labels.WORD)]),
    ],
)
def test_other_writings(line, found):
    assert kinds(line) == found


@pytest.mark.parametrize("line", ["碑林区长乐路1号", "电话局家属院", "邮编不详", "西安市: 碑林区"])
def test_words_of_addresses_are_no_labels(line):
    assert kinds(line) == []


def test_a_label_has_a_place():
    assert next(labels.labels("张三 电话:1")) == Label(3, 6, labels.PHONE)
