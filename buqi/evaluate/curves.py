"""Curves of the report as inline SVG: coverage against accuracy, and calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 280, 44, 34
Point = tuple[float, float]


def coverage_curve(contestants: dict[str, Any]) -> Markup:
    """Return accuracy among answered rows as more rows are answered."""
    lines = {n: [(p["coverage"], p["accuracy"]) for p in c["coverage"]] for n, c in contestants.items()}
    low = min((y for line in lines.values() for _, y in line), default=0.0)
    return _chart(lines, "share answered 作答比例", "share right among them 其中正确", min(0.95, int(low * 20) / 20))


def calibration_curve(contestants: dict[str, Any]) -> Markup:
    """Return how often answers of a confidence are right; the diagonal is perfect."""
    lines = {n: [(p["said"], p["right"]) for p in c["calibration"]] for n, c in contestants.items()}
    return _chart(lines, "confidence 置信度", "share right 实际正确", 0.0, diagonal=True)


def _chart(lines: Mapping[str, Sequence[Point]], across: str, up: str, low: float, diagonal: bool = False) -> Markup:
    def x(value: float) -> float:
        return LEFT + value * (WIDTH - LEFT - 12)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (value - low) / (1 - low) * (HEIGHT - BOTTOM - 14)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(up)}; {escape(across)}" class="curve">'
    ]
    for k in range(5):
        value = low + (1 - low) * k / 4
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - 12}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{100 * value:.0f}</text>')
        parts.append(f'<text x="{x(k / 4):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{25 * k}</text>')
    if diagonal:
        parts.append(f'<line class="ideal" x1="{x(0)}" y1="{y(0):.1f}" x2="{x(1):.1f}" y2="{y(1):.1f}"/>')
    for number, (name, points) in enumerate(lines.items()):
        path = " ".join(f"{x(a):.1f},{y(max(b, low)):.1f}" for a, b in points)
        parts.append(f'<polyline class="l{number % 6}" points="{path}"><title>{escape(name)}</title></polyline>')
        for a, b in points if diagonal else points[-1:]:
            parts.append(f'<circle class="l{number % 6}" cx="{x(a):.1f}" cy="{y(max(b, low)):.1f}" r="3"/>')
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">{escape(across)} %</text>')
    parts.append(f'<text x="{LEFT}" y="10">{escape(up)} %</text></svg>')
    return Markup("".join(parts))
