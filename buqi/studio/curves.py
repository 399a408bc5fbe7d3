"""Curves of a run as SVG. Vega, which Gradio's plots use, takes a core on each update, and that core trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buqi.studio.markup import Markup, text

COLOURS = {
    "loss": "#5b83cf", "eval_loss": "#d1495b", "eval_accuracy": "#2e9e67", "eval_exact_match": "#d98a12",
    "learning_rate": "#8a8a8a",
}  # fmt: skip
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 320, 170, 46, 20, 8  # units of the drawing
MOST_POINTS = 600  # of a line; a longer one is thinned
Points = Sequence[tuple[float, float]]


def drawing(title: str, lines: Mapping[str, Points], labels: dict[str, str], steps: int) -> Markup:
    """Return a drawing of some lines, by the keys of `COLOURS`.

    Args:
        lines: (step, value) of each.
        labels: what each is called.
        steps: how long the axis of steps is, if longer than the lines.
    """
    values = [value for points in lines.values() for _, value in points]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    last = max([float(steps), 1.0, *(step for points in lines.values() for step, _ in points)])
    if high - low < 1e-12:
        low, high = low - abs(low) / 10 - 1e-9, high + abs(high) / 10 + 1e-9

    def at(step: float, value: float) -> str:
        across = LEFT + (WIDTH - LEFT - 6) * step / last
        return f"{across:.1f},{TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low):.1f}"

    parts = [_axes(at, low, high, last)]
    for key, points in lines.items():
        thin = points[:: max(1, len(points) // MOST_POINTS)]
        path = " ".join(at(*point) for point in (thin if thin[-1:] == points[-1:] else [*thin, points[-1]]))
        parts.append(f'<polyline class="line" points="{path}" stroke="{COLOURS[key]}"/>')
        parts += [_dot(at(*point), COLOURS[key]) for point in points] if len(points) < 30 else []
    legend = "".join(f'<span><i style="background:{COLOURS[key]}"></i>{text(labels[key])}</span>' for key in lines)
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{text(title)}">{"".join(parts)}</svg>'
    return Markup(f'<figure class="curve"><figcaption><b>{text(title)}</b>{legend}</figcaption>{svg}</figure>')


def _axes(at: Any, low: float, high: float, last: float) -> str:
    parts = []
    for value in (low, (low + high) / 2, high):
        start, end = at(0, value), at(last, value)
        down = start.partition(",")[2]
        parts.append(f'<polyline class="grid" points="{start} {end}"/>')
        parts.append(f'<text x="{LEFT - 4}" y="{down}" text-anchor="end" dominant-baseline="middle">{value:.3g}</text>')
    for step in (0.0, last / 2, last):
        across, anchor = at(step, low).partition(",")[0], "end" if step == last else "middle"
        parts.append(f'<text x="{across}" y="{HEIGHT - 4}" text-anchor="{anchor}">{step:g}</text>')
    return "".join(parts)


def _dot(place: str, colour: str) -> str:
    across, _, down = place.partition(",")
    return f'<circle cx="{across}" cy="{down}" r="1.8" fill="{colour}"/>'
