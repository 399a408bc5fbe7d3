"""``curve.png``: how loss, accuracy, exact match and learning rate went."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from buqi.files import whole_file


def draw_curve(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw what ``log.jsonl`` holds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    losses, scores, rate = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1))
    _line(losses, records, "loss", "train loss", "#9db4d8", smooth="#1f4e9c")
    _line(losses, records, "eval_loss", "dev loss", "#d1495b", marker="o")
    losses.set_ylabel("loss (nats per token)")
    _line(scores, records, "eval_accuracy", "token accuracy (teacher-forced)", "#2e8b57", marker="o")
    _line(scores, records, "eval_exact_match", "exact match (generated)", "#e08e0b", marker="s")
    scores.set_ylim(-0.02, 1.02)
    scores.set_ylabel("share of dev")
    _line(rate, records, "learning_rate", "learning rate", "#555555")
    rate.set_xlabel("optimizer step")
    rate.ticklabel_format(axis="y", scilimits=(0, 0))
    for axes in (losses, scores, rate):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
    with whole_file(path) as draft:
        figure.savefig(draft, format="png", dpi=110)


def _line(
    axes: Any,
    records: Sequence[dict[str, Any]],
    key: str,
    label: str,
    colour: str,
    marker: str | None = None,
    smooth: str | None = None,
) -> None:
    points = [(record["step"], record[key]) for record in records if key in record]
    if not points:
        return
    steps, values = zip(*points, strict=True)
    if smooth is None or len(points) < 10:
        axes.plot(steps, values, color=smooth or colour, marker=marker, label=label)
        return
    axes.plot(steps, values, color=colour, linewidth=0.8)
    axes.plot(steps, _moving_average(values), color=smooth, label=f"{label} (moving average)")


def _moving_average(values: Sequence[float], weight: float = 0.8) -> list[float]:
    """Exponential moving average, corrected for its start."""
    mean, out = 0.0, []
    for count, value in enumerate(values, start=1):
        mean = weight * mean + (1 - weight) * value
        out.append(mean / (1 - weight**count))
    return out
