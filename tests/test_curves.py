"""Curves lie inside their drawing, with a line for each thing that is drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from buqi.curves import MOST_POINTS, calibration_curve, coverage_curve, draw_curve, run_curve

WIDTH, HEIGHT, LEFT = 420, 280, 44  # of the report's drawings


def points(line: ElementTree.Element) -> list[tuple[float, ...]]:
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]


def lines_of(drawn: ElementTree.Element) -> list[ElementTree.Element]:
    return [line for line in drawn.findall("polyline") if line.attrib["class"] not in ("grid", "ideal")]


def test_coverage_has_a_line_for_each_contestant_and_a_dot_at_its_end():
    one = [{"coverage": 0.5, "accuracy": 1.0}, {"coverage": 1.0, "accuracy": 0.9}]
    other = [{"coverage": 0.25, "accuracy": 0.8}]
    drawn = ElementTree.fromstring(coverage_curve({"<a>": {"coverage": one}, "b": {"coverage": other}}))
    lines = lines_of(drawn)
    assert [line.findtext("title") for line in lines] == ["<a>", "b"]
    assert [len(points(line)) for line in lines] == [2, 1] and len(drawn.findall("circle")) == 2
    (first, last), _ = map(points, lines)
    assert LEFT < first[0] < last[0] < WIDTH and first[1] < last[1] < HEIGHT, "less is right, lower on the chart"
    assert drawn.findall("text")[0].text == "80", "the axis begins below the lowest share"


def test_calibration_has_the_diagonal_and_a_dot_for_each_confidence():
    bins = [{"said": 0.0, "right": 0.0}, {"said": 0.5, "right": 0.5}, {"said": 1.0, "right": 1.0}]
    drawn = ElementTree.fromstring(calibration_curve({"a": {"calibration": bins}}))
    (ideal,) = [line for line in drawn.findall("polyline") if line.attrib["class"] == "ideal"]
    (line,) = lines_of(drawn)
    found = points(line)
    assert [found[0], found[2]] == points(ideal)
    assert len(drawn.findall("circle")) == 3


def test_nobody_is_drawn_too():
    assert lines_of(ElementTree.fromstring(coverage_curve({}))) == []


def test_a_run():
    points = [(step, 1 / step) for step in range(1, 2000)]
    made = run_curve("Loss", {"loss": points, "eval_loss": [(5, 0.2)]}, {"loss": "a", "eval_loss": "b"}, 2500)
    lines = re.findall(r'class="line" [^>]*points="([^"]*)"', made)
    assert len(lines) == 2 and 300 < len(lines[0].split()) <= MOST_POINTS + 1 and "2500" in made and ">1<" in made
    flat = run_curve("Rate", {"learning_rate": [(1, 0.0), (2, 0.0)]}, {"learning_rate": "r"}, 0)
    assert not re.search(r"\b(nan|inf)\b", flat) and "e-" not in flat and ">1<" in flat


def test_labels_are_text():
    made = run_curve("<b>", {"loss": [(1, 2.0)]}, {"loss": "<b>"}, 3)
    assert "<b>" not in made.replace("<b>&lt;b&gt;</b>", "")


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: figures.append(self) or save(self, *a, **k))
    return figures


def test_every_value_has_its_line(tmp_path, drawn):
    records = [{"step": step, "loss": 1 / step, "learning_rate": 1e-4} for step in range(1, 21)]
    records += [{"step": 20, "eval_loss": 0.1, "eval_accuracy": 0.9, "eval_exact_match": 0.5}]
    draw_curve(records, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")
    losses, scores, rate = drawn[0].axes
    assert losses.get_legend_handles_labels()[1] == ["train loss (moving average)", "dev loss"]
    assert losses.lines[0].get_ydata().tolist() == [1 / step for step in range(1, 21)]
    assert losses.lines[1].get_ydata()[0] == 1, "the average begins at the first value"
    assert scores.get_legend_handles_labels()[1] == ["token accuracy (teacher-forced)", "exact match (generated)"]
    assert len(rate.lines) == 1


def test_a_short_or_empty_log_is_drawn_too(tmp_path, drawn):
    draw_curve([], tmp_path / "none.png")
    draw_curve([{"step": 1, "loss": 2.0}, {"step": 1, "warning": "x"}], tmp_path / "one.png")
    assert [len(figure.axes[0].lines) for figure in drawn] == [0, 1]
    assert drawn[1].axes[0].lines[0].get_marker() == ".", "a line through one point cannot be seen"
