"""How sure answers are to texts that begin with an institution: ``python -m buqi.fitting.institutions ROWS.jsonl``.

The models with a memory were fitted before there were rows that begin with works, an office or a station. A second
calibration (Platt 1999) of the confidence says how often such answers are right: 大庆汽修厂. It is fitted for a memory
of names and for one with a classifier, and written into a copy of the numbers that ship.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.address.model import CHOOSER_FILE, INSTITUTION, Chooser, CountyModel, load_chooser
from buqi.divisions import LEVELS
from buqi.errors import UsageError
from buqi.fitting.command import read_rows, run
from buqi.fitting.likelihood import platt
from buqi.places.memory import Memory, load_memory

FIELDS = ("input", "province", "city", "county")


def without_line(model: CountyModel) -> CountyModel:
    """Return a model without the line for institutions."""
    return replace(model, calibration={key: line for key, line in model.calibration.items() if key != INSTITUTION})


def told(rows: Sequence[dict[str, Any]], completer: Completer) -> list[tuple[float, bool]]:
    """Return the confidence of each county and city that could be answered, and whether it is right.

    Args:
        rows: with `FIELDS`; only those that begin with an institution and leave something open count.
        completer: with a memory that has not seen the rows.
    """
    found = []
    for row in rows:
        read = completer.read(row["input"])
        if isinstance(read, Completion) or not read.institution:
            continue
        p = completer.model.weighed([read])[0]
        for level, code, confidence in completer.verdicts.depths(read, p):
            above = LEVELS[: LEVELS.index(level) + 1]
            if level == "province" or (level == "county" and not row["county"]):
                continue
            path = completer.matcher.table.path(code)
            found.append((confidence, all(path.name(name) == row[name] for name in above)))
    return found


def line_of(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and intercept for confidences and whether they were right.

    Raises:
        UsageError: there are none.
    """
    if not pairs:
        raise UsageError("no row begins with an institution and leaves something open: give rows of place_first")
    confidence, right = (np.array(part) for part in zip(*pairs, strict=True))
    slope, intercept = platt(confidence.astype(float), right.astype(bool), np.ones(len(right)))
    return round(slope, 4), round(intercept, 4)


def main(
    rows: Annotated[Path, typer.Argument(help="Rows with input, province, city, county.")],
    memory: Annotated[Path, typer.Option(help="A memory that has not seen these rows.")],
    out: Annotated[Path, typer.Option(help="chooser.json to write: the shipped numbers with the new lines.")],
) -> None:
    """Fit the lines for institutions.

    Raises:
        UsageError: the rows lack a field, none begins with an institution, or the memory knows nothing.
    """
    known, learnt = read_rows(rows, FIELDS), load_memory(memory)
    if not learnt:
        raise UsageError(f"{memory}: an empty memory; buqi places learn memory.csv --memory {memory} fills it")
    shipped = load_chooser()
    chooser = Chooser(shipped.table, without_line(shipped.memory), without_line(shipped.large), shipped.certain)
    file = resources.files("buqi.address").joinpath("data", CHOOSER_FILE)
    record = json.loads(file.read_text(encoding="utf-8"))
    for name, one in {"memory": Memory(learnt.arrays), "large": learnt}.items():
        pairs = told(known, Completer(one, chooser=chooser))
        record[name]["calibration"][INSTITUTION] = line_of(pairs)
        typer.echo(f"{name}: {len(pairs)} answers, {line_of(pairs)}")
    out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
