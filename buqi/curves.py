"""Draws every curve: of a run as PNG and on the studio's page, of answers in the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from buqi.files import whole_file

Points = Sequence[tuple[float, float]]
COLOURS = {
    "loss": "#5b83cf", "eval_loss": "#d1495b", "eval_accuracy": "#2e9e67", "eval_exact_match": "#d98a12",
    "learning_rate": "#8a8a8a",
}  # fmt: skip
AVERAGED = "#1f4e9c"  # the moving average of a loss
MOST_POINTS = 600  # of a line on the page; a longer one is thinned
AVERAGE_FROM = 10  # points; fewer have no moving average
AVERAGE_DECAY = 0.8


@dataclass(frozen=True)
class Axes:
    """The axes of an SVG drawing: its size and margins in pixels, the lowest and highest (x, y) of the values."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int
    low: tuple[float, float]
    high: tuple[float, float]

    def at(self, across: float, up: float) -> tuple[float, float]:
        """Return the place of a point in pixels."""
        x, y = ((v - low) / (high - low) for v, low, high in zip((across, up), self.low, self.high, strict=True))
        inner, tall = self.width - self.left - self.right, self.height - self.top - self.bottom
        return self.left + x * inner, self.top + (1 - y) * tall

    def line(self, points: Points, attributes: str, inside: str = "") -> str:
        """Return a line through points; ``inside`` is what the element holds."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        return f'<polyline {attributes} points="{path}">{inside}</polyline>'

    def dots(self, points: Points, attributes: str) -> str:
        """Return a dot for each point."""
        places = (self.at(*point) for point in points)
        return "".join(f'<circle {attributes} cx="{x:.1f}" cy="{y:.1f}"/>' for x, y in places)

    def grid(self, parts: int, across: Callable[[float], str], up: Callable[[float], str]) -> str:
        """Return a grid of so many parts, with labels: ``across`` writes the values of x, ``up`` those of y."""
        found = []
        for part in range(parts + 1):
            x, y = (low + (high - low) * part / parts for low, high in zip(self.low, self.high, strict=True))
            found.append(self.line([(self.low[0], y), (self.high[0], y)], 'class="grid"'))
            down, right = self.at(x, y)[1], self.at(x, y)[0]
            found.append(f'<text x="{self.left - 5}" y="{down + 4:.1f}" text-anchor="end">{up(y)}</text>')
            anchor = "end" if part == parts else "middle"
            found.append(
                f'<text x="{right:.1f}" y="{self.height - self.bottom + 15}" text-anchor="{anchor}">{across(x)}</text>'
            )
        return "".join(found)

    def svg(self, title: str, parts: Sequence[str], attributes: str = "") -> Markup:
        """Return the drawing."""
        begin = f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(title)}"{attributes}>'
        return Markup(f"{begin}{''.join(parts)}</svg>")


def coverage_curve(contestants: dict[str, Any]) -> Markup:
    """Return the accuracy among answered rows, by the share of rows that are answered."""
    lines = {n: [(p["coverage"], p["accuracy"]) for p in c["coverage"]] for n, c in contestants.items()}
    low = min((y for line in lines.values() for _, y in line), default=0.0)
    return _shares(lines, "share answered 作答比例", "share right among them 其中正确", min(0.95, int(low * 20) / 20))


def calibration_curve(contestants: dict[str, Any]) -> Markup:
    """Return how often answers are right, by their confidence; the diagonal is perfect."""
    lines = {n: [(p["said"], p["right"]) for p in c["calibration"]] for n, c in contestants.items()}
    return _shares(lines, "confidence 置信度", "share right 实际正确", 0.0, diagonal=True)


def _shares(lines: Mapping[str, Points], across: str, up: str, low: float, diagonal: bool = False) -> Markup:
    axes = Axes(420, 280, left=44, top=14, right=12, bottom=34, low=(0.0, low), high=(1.0, 1.0))
    parts = [axes.grid(4, lambda x: f"{100 * x:.0f}", lambda y: f"{100 * y:.0f}")]
    parts += [axes.line([(0, 0), (1, 1)], 'class="ideal"')] if diagonal else []
    for number, (name, points) in enumerate(lines.items()):
        inside = [(x, max(y, low)) for x, y in points]
        parts.append(axes.line(inside, f'class="l{number % 6}"', f"<title>{escape(name)}</title>"))
        parts.append(axes.dots(inside if diagonal else inside[-1:], f'class="l{number % 6}" r="3"'))
    parts.append(f'<text x="{(axes.width + axes.left) / 2}" y="276" text-anchor="middle">{escape(across)} %</text>')
    parts.append(f'<text x="{axes.left}" y="10">{escape(up)} %</text>')
    return axes.svg(f"{up}; {across}", parts, ' class="curve"')


def run_curve(title: str, lines: Mapping[str, Points], labels: Mapping[str, str], steps: int) -> Markup:
    """Return a drawing of what a run logged, by the keys of `COLOURS`.

    Gradio's own plots (Vega) use a core at each update, which the training needs.

    Args:
        lines: (step, value) of each.
        labels: the name of each.
        steps: length of the axis of steps, if longer than the lines.
    """
    values = [value for points in lines.values() for _, value in points]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    last = max([float(steps), 1.0, *(step for points in lines.values() for step, _ in points)])
    if high - low < 1e-12:  # one value only
        low, high = (low - abs(low) / 10, high + abs(high) / 10) if abs(high) > 1e-12 else (0.0, 1.0)
    axes = Axes(320, 170, left=46, top=8, right=6, bottom=20, low=(0.0, low), high=(last, high))
    parts = [axes.grid(2, lambda step: f"{step:g}", lambda value: f"{value:.3g}")]
    for key, points in lines.items():
        thin = points[:: math.ceil(len(points) / MOST_POINTS) or 1]
        whole = thin if thin[-1:] == points[-1:] else [*thin, points[-1]]
        parts.append(axes.line(whole, f'class="line" stroke="{COLOURS[key]}"'))
        parts.append(axes.dots(points if len(points) < 30 else (), f'r="1.8" fill="{COLOURS[key]}"'))
    legend = "".join(f'<span><i style="background:{COLOURS[key]}"></i>{escape(labels[key])}</span>' for key in lines)
    caption = f"<figcaption><b>{escape(title)}</b>{legend}</figcaption>"
    return Markup(f'<figure class="curve">{caption}{axes.svg(title, parts)}</figure>')


def draw_curve(records: Sequence[dict[str, Any]], path: Path) -> None:
    """Write ``curve.png`` with loss, accuracy, exact match and learning rate, out of the records of ``log.jsonl``."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6), layout="constrained")
    losses, scores, rate = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1))
    _line(losses, records, "loss", "train loss")
    _line(losses, records, "eval_loss", "dev loss", marker="o")
    losses.set_ylabel("loss (nats per token)")
    _line(scores, records, "eval_accuracy", "token accuracy (teacher-forced)", marker="o")
    _line(scores, records, "eval_exact_match", "exact match (generated)", marker="s")
    scores.set_ylim(-0.02, 1.02)
    scores.set_ylabel("share of dev")
    _line(rate, records, "learning_rate", "learning rate")
    rate.set_xlabel("optimizer step")
    rate.ticklabel_format(axis="y", scilimits=(0, 0))
    for axes in (losses, scores, rate):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
    with whole_file(path) as draft:
        figure.savefig(draft, format="png", dpi=110)


def _line(axes: Any, records: Sequence[dict[str, Any]], key: str, label: str, marker: str | None = None) -> None:
    points = [(record["step"], record[key]) for record in records if key in record]
    if not points:
        return
    steps, values = zip(*points, strict=True)
    if key != "loss" or len(points) < AVERAGE_FROM:
        marker = marker or ("." if len(points) == 1 else None)  # one point has no line
        axes.plot(steps, values, color=COLOURS[key], marker=marker, label=label)
        return
    axes.plot(steps, values, color=COLOURS[key], linewidth=0.8, alpha=0.6)
    axes.plot(steps, _moving_average(values), color=AVERAGED, label=f"{label} (moving average)")


def _moving_average(values: Sequence[float]) -> list[float]:
    """Return the exponential moving average, corrected for its start."""
    mean, averages = 0.0, []
    for count, value in enumerate(values, start=1):
        mean = AVERAGE_DECAY * mean + (1 - AVERAGE_DECAY) * value
        averages.append(mean / (1 - AVERAGE_DECAY**count))
    return averages
