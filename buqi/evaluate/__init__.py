"""Measuring answers: contestants side by side, metrics, significance, the report."""

from buqi.evaluate.compare import Comparison, compare_rows
from buqi.evaluate.contestants import Contestant, ModelContestant
from buqi.evaluate.gold import read_gold
from buqi.evaluate.metrics import Score, score_answer
from buqi.evaluate.prediction import Prediction

__all__ = [
    "Comparison",
    "Contestant",
    "ModelContestant",
    "Prediction",
    "Score",
    "compare_rows",
    "read_gold",
    "score_answer",
]
