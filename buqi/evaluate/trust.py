"""How true confidences are, by group: lines that name a county, lines that name none, and each slice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from buqi.divisions import load_matcher
from buqi.evaluate.gold import Gold
from buqi.evaluate.metrics import Score
from buqi.evaluate.prediction import Prediction
from buqi.evaluate.statistics import calibration

COUNTY_NAMED, NONE_NAMED = "a county is named", "no county is named"
SURE = 0.9  # answers at this confidence and above count as sure


def group_of(text: str) -> str:
    """Return `COUNTY_NAMED` or `NONE_NAMED`, by the names that are read in a line; a town counts as a county."""
    match = load_matcher().match(text)
    named = bool(match.equal) and len(match.candidates[0].code) >= len("330106")
    return COUNTY_NAMED if named else NONE_NAMED


def can_judge(given: Prediction, gold: Gold) -> bool:
    """Whether a row tells if a confidence is true: of an answer with a county, only if the row knows the county."""
    return bool(gold.levels.get("county") or gold.nowhere or not (given.levels or {}).get("county"))


def trust(judged: Iterable[tuple[str, str, Prediction, Score, Gold]]) -> dict[str, dict[str, Any]]:
    """Return how true the confidences of each group are.

    Args:
        judged: text, slice (``""`` if it has none), answer, score and gold of each row.

    Returns:
        by group: ``rows`` answered; ``said``, ``right`` and ``error``, the calibration error, of those that
        `can_judge` allows; ``sure``, answered at `SURE` and above, and which share of them is ``sure_wrong``.
    """
    groups: dict[str, list[tuple[float, bool, bool]]] = defaultdict(list)
    for text, slice_, given, score, gold in judged:
        if given.confidence is not None:
            for group in filter(None, (group_of(text), slice_)):
                groups[group].append((given.confidence, not score.wrong, can_judge(given, gold)))
    order = [group for group in (COUNTY_NAMED, NONE_NAMED) if group in groups]
    return {group: _figures(groups[group]) for group in (*order, *sorted(groups.keys() - set(order)))}


def _figures(answers: list[tuple[float, bool, bool]]) -> dict[str, Any]:
    """Return the figures of answers: the confidence of each, whether it is right, whether the row can judge it."""
    told = [(said, right) for said, right, judged in answers if judged]
    sure = [right for said, right, _ in answers if said >= SURE]
    found: dict[str, Any] = {"rows": len(answers), "sure": len(sure)}
    if told:
        found |= {"said": _mean(said for said, _ in told), "right": _mean(right for _, right in told)}
        found["error"] = round(calibration(told)[0], 4)
    return found | ({"sure_wrong": _mean(not right for right in sure)} if sure else {})


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return round(sum(numbers) / len(numbers), 4)
