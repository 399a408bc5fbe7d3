"""Curves as SVG."""

from __future__ import annotations

import re

from buqi.studio.curves import drawing


def test_drawing():
    points = [(step, 1 / step) for step in range(1, 2000)]
    made = drawing("Loss", {"loss": points, "eval_loss": [(5, 0.2)]}, {"loss": "a", "eval_loss": "b"}, 2500)
    lines = re.findall(r'class="line" points="([^"]*)"', made)
    assert len(lines) == 2 and 300 < len(lines[0].split()) < 700 and "2500" in made and ">1<" in made
    flat = drawing("Rate", {"learning_rate": [(1, 0.0), (2, 0.0)]}, {"learning_rate": "r"}, 0)
    assert not re.search(r"\b(nan|inf)\b", flat)


def test_labels_are_text():
    made = drawing("<b>", {"loss": [(1, 2.0)]}, {"loss": "<b>"}, 3)
    assert "<b>" not in made.replace("<b>&lt;b&gt;</b>", "")
