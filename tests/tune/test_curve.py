from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from buqi.tune.curve import draw_curve


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
