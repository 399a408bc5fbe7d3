"""Curves lie inside their chart, one line for each contestant."""

from __future__ import annotations

from xml.etree import ElementTree

from buqi.evaluate.curves import HEIGHT, LEFT, WIDTH, calibration_curve, coverage_curve


def points(line: ElementTree.Element) -> list[tuple[float, ...]]:
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]


def test_coverage_has_a_line_for_each_contestant_and_a_dot_at_its_end():
    one = [{"coverage": 0.5, "accuracy": 1.0}, {"coverage": 1.0, "accuracy": 0.9}]
    other = [{"coverage": 0.25, "accuracy": 0.8}]
    drawn = ElementTree.fromstring(coverage_curve({"<a>": {"coverage": one}, "b": {"coverage": other}}))
    lines = drawn.findall("polyline")
    assert [line.findtext("title") for line in lines] == ["<a>", "b"]
    assert [len(points(line)) for line in lines] == [2, 1] and len(drawn.findall("circle")) == 2
    (first, last), _ = map(points, lines)
    assert LEFT < first[0] < last[0] < WIDTH and first[1] < last[1] < HEIGHT, "less is right, lower on the chart"
    assert not [line for line in drawn.findall("line") if line.attrib["class"] == "ideal"]
    assert drawn.findall("text")[0].text == "80", "the axis begins below the lowest share"


def test_calibration_has_the_diagonal_and_a_dot_for_each_confidence():
    bins = [{"said": 0.0, "right": 0.0}, {"said": 0.5, "right": 0.5}, {"said": 1.0, "right": 1.0}]
    drawn = ElementTree.fromstring(calibration_curve({"a": {"calibration": bins}}))
    (ideal,) = [line for line in drawn.findall("line") if line.attrib["class"] == "ideal"]
    (line,) = drawn.findall("polyline")
    found = points(line)
    assert found[0] == (float(ideal.attrib["x1"]), float(ideal.attrib["y1"]))
    assert found[2] == (float(ideal.attrib["x2"]), float(ideal.attrib["y2"]))
    assert len(drawn.findall("circle")) == 3


def test_nobody_is_drawn_too():
    assert ElementTree.fromstring(coverage_curve({})).findall("polyline") == []
