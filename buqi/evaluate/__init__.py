"""Measuring answers: metrics, contestants side by side, the report."""

from buqi.evaluate.compare import Comparison, Contestant, compare_rows
from buqi.evaluate.metrics import Score, score_answer

__all__ = ["Comparison", "Contestant", "Score", "compare_rows", "score_answer"]
