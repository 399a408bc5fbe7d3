"""Counting how doors are written."""

from __future__ import annotations

from buqi.address.evidence.doors import FORMS, forms_in, load_doors
from buqi.divisions import load_matcher
from buqi.fitting.doors import RATIO_RANGE, counted, main, ratios_of


def test_counting():
    texts = ["上海市黄浦区南京东路64弄26号", "上海市黄浦区北京东路8号", "江苏省南京市玄武区中山路1号", "no address"]
    codes, sizes, with_form = counted(texts, load_matcher())
    assert codes == ["31", "3201"] and sizes.tolist() == [2, 1]
    lane = next(number for number in forms_in("64弄") if "弄" in FORMS[number])
    assert with_form[lane].tolist() == [1, 0]
    ratios = ratios_of(codes, sizes, with_form)
    assert ratios[lane, 0] > 0 > ratios[lane, 1]


def test_the_shipped_numbers_lie_in_the_range():
    _, ratios = load_doors()
    assert ratios.min() >= RATIO_RANGE[0] and ratios.max() <= RATIO_RANGE[1]


def test_the_command_writes_a_line_for_each_form(tmp_path):
    (tmp_path / "a.csv").write_text("address\n上海市黄浦区南京东路64弄26号\n江苏省南京市玄武区中山路1号\n", "utf-8")
    main(tmp_path / "a.csv", tmp_path / "doors.tsv")
    lines = [line.split("\t") for line in (tmp_path / "doors.tsv").read_text("utf-8").splitlines()]
    assert lines[0] == ["form", "31", "3201"] and [line[0] for line in lines[1:]] == list(FORMS)
