"""Fits how sure a model's choice of a county is: ``python -m buqi.fitting.choices ROWS.jsonl --out FILE``.

The rows are those of ``python -m buqi.fitting.samples``: addresses that neither benchmark holds. The adapter that ships
chooses for each; a logistic regression (Platt 1999) for county and city says how often such a choice is right. The
threshold is the lowest at which no more than `MOST_WRONG` of the rows are answered wrongly.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from buqi.answering import AnswerOptions, open_model
from buqi.artefact import read_run
from buqi.constrained.calibration import Calibration, answers, terms
from buqi.constrained.chooser import CountyChooser
from buqi.constrained.search import CountySearch
from buqi.divisions import Table, load_matcher, load_table
from buqi.engine import TorchEngine
from buqi.files import write_json
from buqi.fitting.command import read_rows, run
from buqi.loading import SHIPPED, TUNED

MOST_WRONG = 0.02  # of all rows
CHOICE_RIDGE = 1e-2  # weight of the squared numbers
NEWTON_STEPS = 50  # Newton's; ten are enough
CHOSEN_LEVELS = ("county", "city")
Row = dict[str, Any]


def is_right(row: Row, code: str, table: Table) -> bool:
    """Whether a division, and all above it, is what a row says, as far as it says it."""
    path, deepest = table.path(code), "county" if row.get("county") else "city"
    levels = ("province", "city", "county")[: 3 if deepest == "county" and len(code) > 4 else 2]
    return all(path.name(level) == (row.get(level) or "") for level in levels)


def logistic(x: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of a logistic regression with a little ridge, by Newton's method.

    ``x`` is (rows, terms), ``right`` (rows,) 1 or 0.
    """
    weights = np.zeros(x.shape[1])
    for _ in range(NEWTON_STEPS):
        p = 1.0 / (1.0 + np.exp(-x @ weights))
        slope = x.T @ (right - p) - CHOICE_RIDGE * weights
        curve = (x * (p * (1.0 - p))[:, None]).T @ x + CHOICE_RIDGE * np.eye(x.shape[1])
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def calibrated(rows: Sequence[Row], searches: Sequence[CountySearch], identity: str) -> Calibration:
    """Return the calibration of the choices that an adapter, of the run ``identity``, made for rows."""
    table, weights = load_table(), {}
    best = [[(level, likely) for level, likely, _ in answers(search, None)] for search in searches]
    for level in CHOSEN_LEVELS:
        told = [
            (terms(likely), is_right(row, likely.code, table))
            for row, found in zip(rows, best, strict=True)
            for known, likely in found
            if known == level
        ]
        numbers = logistic(np.array([term for term, _ in told]), np.array([float(right) for _, right in told]))
        weights[level] = tuple(np.round(numbers, 4).tolist())
    return threshold(rows, searches, Calibration(identity, 0.0, weights))


def threshold(rows: Sequence[Row], searches: Sequence[CountySearch], known: Calibration) -> Calibration:
    """Return a calibration with the lowest threshold, from 0.5 on, at which few enough rows are answered wrongly."""
    table = load_table()
    told = [
        [(confidence, is_right(row, likely.code, table)) for _, likely, confidence in answers(search, known)]
        for row, search in zip(rows, searches, strict=True)
    ]
    for step in range(50, 100):
        given = [next((right for confidence, right in one if confidence >= step / 100), None) for one in told]
        if given.count(False) <= MOST_WRONG * len(rows):
            break
    return replace(known, threshold=step / 100)


def main(
    rows: Annotated[Path, typer.Argument(help="Rows of buqi.fitting.samples.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    limit: Annotated[int, typer.Option(help="Rows drawn for it.", min=100)] = 1800,
) -> None:
    """Let the adapter that ships choose for rows, and fit how often it is right."""
    found = read_rows(rows, ("input", "province", "city"))
    found = random.Random(0).sample(found, min(limit, len(found)))
    opened = open_model(AnswerOptions("generate", engine="torch"))
    assert isinstance(opened.engine, TorchEngine)
    matches = [load_matcher().match(row["input"]) for row in found]
    searches = CountyChooser(opened.engine, opened.task, TUNED).search(matches)
    known = calibrated(found, searches, read_run(SHIPPED)["identity"])
    write_json(out, asdict(known) | {"rows": len(found)})
    print(f"{len(found)} rows, threshold {known.threshold}")


if __name__ == "__main__":
    run(main)
