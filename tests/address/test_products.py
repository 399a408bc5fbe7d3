"""Dishes, goods and brands that are named after another place, beside an address."""

from __future__ import annotations

import pytest

from buqi.address.completer import Completer


@pytest.fixture(scope="module")
def completer() -> Completer:
    return Completer()


@pytest.mark.parametrize(
    ("text", "code", "lead", "detail"),
    [
        ("兰州拉面昆山玉山镇人民路1号", "320583100", "兰州拉面", "人民路1号"),
        ("福建沙县小吃广州天河区天河路1号", "440106", "福建沙县小吃", "天河路1号"),
        ("苏州昆山沙县小吃店", "320583", "", "沙县小吃店"),
        ("杭州沙县小吃", "3301", "", "沙县小吃"),
        ("福建沙县小吃", "", "", "福建沙县小吃"),  # a place around its own
        ("青岛啤酒厂登州路56号", "3702", "", "啤酒厂登州路56号"),  # a works, and no ware
        ("郑州市金水区花园路 兰州拉面", "410105", "", "花园路 兰州拉面"),  # a road, and no subdistrict
        ("兰州拉面朝阳店", "", "", "兰州拉面朝阳店"),
    ],
)
def test_the_address_beside_a_ware_is_read(completer: Completer, text: str, code: str, lead: str, detail: str) -> None:
    answer = completer.complete(text)
    assert (answer.code, answer.lead, answer.detail) == (code, lead, detail)
