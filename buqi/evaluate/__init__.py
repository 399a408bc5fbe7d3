"""Measuring answers: contestants side by side, metrics, significance, the report."""

from buqi.evaluate.answers import Given
from buqi.evaluate.compare import Comparison, compare_rows
from buqi.evaluate.contestants import Contestant, Model
from buqi.evaluate.gold import read_gold
from buqi.evaluate.metrics import Score, score_answer

__all__ = ["Comparison", "Contestant", "Given", "Model", "Score", "compare_rows", "read_gold", "score_answer"]
