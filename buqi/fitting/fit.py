"""Fit the model's numbers: ``python -m buqi.fitting.fit ROWS.jsonl --memory FOLDER --out FOLDER``.

Rows are addresses with the right answer: ``{"input", "province", "city", "county", "slice"}``; without ``county`` only
province and city are known to be right. Every slice weighs the same, a row in it 1 or its own ``weight``. All
rows are fitted; for the calibration and the thresholds (:mod:`buqi.fitting.thresholds`) each quarter of the rows is
judged by a fit of the others.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from buqi.address.completer import Completer
from buqi.address.layout import LAYOUT
from buqi.address.model import (
    ANSWER_LEVELS,
    CHOOSER_FILE,
    COMPETING,
    MODELS,
    NETWORKS_FILE,
    Chooser,
    CountyModel,
    load_chooser,
)
from buqi.address.network import UtilityNetwork
from buqi.address.proposal_kinds import PROPOSAL_KINDS
from buqi.address.proposals import Proposer
from buqi.address.settled import plain_kind
from buqi.divisions import LEVELS, load_matcher
from buqi.errors import UsageError
from buqi.fitting.command import read_rows, run
from buqi.fitting.likelihood import Sample, fit, network_of, platt
from buqi.fitting.recipe import RECIPE
from buqi.fitting.record import arrays_of, record_of, replaced
from buqi.fitting.shares import names_of
from buqi.fitting.thresholds import chosen, outcomes, with_margin
from buqi.places.memory import Memory, empty_memory, load_memory

FOLDS = 4
FIELDS = ("input", "province", "city", "county", "slice")


class Places:
    """Counties, their cities and provinces as ``numbers`` (counties, 3), and the right ones of a row."""

    def __init__(self, proposer: Proposer) -> None:
        paths = [proposer.matcher.table.path(code) for code in proposer.counties]
        names = [names_of(path) for path in paths]
        self.province = {name: i for i, name in enumerate(dict.fromkeys(n[0] for n in names))}
        self.city = {name: i for i, name in enumerate(dict.fromkeys(n[:2] for n in names))}
        self.county = {name: i for i, name in enumerate(names)}
        self.numbers = np.array([[self.county[n], self.city[n[:2]], self.province[n[0]]] for n in names])

    def gold(self, row: Mapping[str, Any]) -> tuple[int, int, int]:
        """Return the right county, city and province; -1 where not known."""
        answer = (row["province"], row["city"], row["county"])
        county = self.county.get(answer, -1) if row["county"] or not row["city"] else -1
        return county, self.city.get(answer[:2], -1), self.province.get(answer[0], -1)


def sample(
    rows: Sequence[dict[str, Any]],
    proposer: Proposer,
    counts: Mapping[str, int],
    weights: NDArray[np.float64] | None = None,
) -> Sample:
    """Return the features of ``rows``.

    Args:
        counts: how many rows each slice has, plain ones included.
        weights: of the terms, to choose the counties that compete, whose network inputs are returned; without them the
            recipe's first weights choose, and the terms are returned.
    """
    known = Places(proposer)
    first = np.array([RECIPE.first_weights.get(name, 0.0) for name in LAYOUT.terms])
    values, places, gold, kinds = [], [], [], []
    for row in rows:
        proposals = proposer.propose(proposer.matcher.match(row["input"]))
        features, kind = proposals.features, proposals.kind
        terms = LAYOUT.terms_of(features)
        top = np.argsort(-(terms @ (first if weights is None else weights)))[:COMPETING]
        terms = terms[top]
        values.append(terms.astype(np.float32) if weights is None else LAYOUT.inputs_of(features[None, top], [kind])[0])
        places.append(known.numbers[top])
        gold.append(known.gold(row))
        kinds.append(kind)
    found, wanted = np.array(places), np.array(gold)
    exact = wanted[:, :1] >= 0
    right = np.where(exact, found[:, :, 0] == wanted[:, :1], found[:, :, 1] == wanted[:, 1:2])
    weight = np.array([row.get("weight", 1.0) * len(rows) / len(counts) / counts[row["slice"]] for row in rows])
    return Sample(np.array(values), right, found, wanted, weight, np.array(kinds))


def likeliest(rows: Sample, network: UtilityNetwork) -> dict[str, tuple[Any, Any, Any]]:
    """Return by level three arrays (N,): the likeliest division's probability, if it is right, if that is known."""
    utility = np.concatenate([network.utilities(rows.values), np.full((len(rows.values), 1), network.outside)], 1)
    odds = np.exp(utility - utility.max(1, keepdims=True))
    p = (odds / odds.sum(1, keepdims=True))[:, :-1]
    found = {}
    for at, level in enumerate(ANSWER_LEVELS):
        sums = [np.bincount(places[:, at], shares) for places, shares in zip(rows.places, p, strict=True)]
        best, gold = np.array([int(row.argmax()) for row in sums]), rows.gold[:, at]
        found[level] = (np.array([float(row.max()) for row in sums]), best == gold, gold >= 0)
    return found


def certain_shares(rows: Sequence[dict[str, Any]], proposer: Proposer) -> dict[str, float]:
    """Return the share of plain readings that are right, by kind (one wrong and one right added: Laplace)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [1, 2])
    for row in rows:
        match = proposer.matcher.match(row["input"])
        if (kind := plain_kind(match, proposer.matcher)) is None:
            continue
        path = match.candidates[0].path
        counts[kind][0] += all(path.name(level) == row[level] for level in LEVELS[: 3 if row["county"] else 2])
        counts[kind][1] += 1
    return {kind: round(right / seen, 4) for kind, (right, seen) in sorted(counts.items())}


@dataclass(frozen=True)
class Fitted:
    """A model, and `FOLDS` more: the first has not seen rows 0, `FOLDS`, …, the second not 1, `FOLDS` + 1, …"""

    model: CountyModel
    folds: tuple[CountyModel, ...]


def fitted(rows: Sequence[dict[str, Any]], proposer: Proposer) -> Fitted:
    """Return what is fitted on the rows that are not plain, calibrated by the folds; no thresholds yet."""
    kinds = [plain_kind(proposer.matcher.match(row["input"]), proposer.matcher) for row in rows]
    at_open = [number for number, kind in enumerate(kinds) if kind is None]
    fold, open_rows = np.array(at_open) % FOLDS, [rows[number] for number in at_open]
    counts = Counter(row["slice"] for row in rows)
    first, _ = fit(sample(open_rows, proposer, counts))
    whole = sample(open_rows, proposer, counts, first)
    networks = [network_of(whole.where(fold != at)) for at in range(FOLDS)]
    judged = [likeliest(whole.where(fold == at), network) for at, network in enumerate(networks)]
    order = np.argsort(fold, kind="stable")
    calibration = {}
    for level in ANSWER_LEVELS:
        p, right, known = (np.concatenate(part) for part in zip(*(found[level] for found in judged), strict=True))
        for kind in PROPOSAL_KINDS:
            on = known & (whole.kinds[order] == kind)
            line = platt(p[on], right[on], whole.weight[order][on]) if on.any() else (1.0, 0.0)
            calibration[f"{level} {kind}"] = (round(line[0], 4), round(line[1], 4))
    model, *folds = (CountyModel(first, network, calibration, {}) for network in (network_of(whole), *networks))
    return Fitted(model, tuple(folds))


def settled_model(name: str, rows: Path, memory: Path, certain: dict[str, float]) -> CountyModel:
    """Return the model of a name (``table``, ``memory`` or ``large``) with its thresholds.

    ``memory`` has not seen the rows; ``certain`` are the shares of plain readings that are right.
    """
    read = read_rows(rows, FIELDS)
    learnt = load_memory(memory)
    known = {"table": empty_memory(), "memory": Memory(learnt.arrays), "large": learnt}[name]
    found = fitted(read, Proposer(load_matcher(), known))
    completer = Completer(known, chooser=Chooser(found.model, found.model, found.model, certain))
    caps = with_margin(RECIPE.caps(memory=name != "table"), read)
    thresholds = chosen(outcomes(read, completer, found.folds), caps)
    print(name, thresholds, flush=True)
    return replace(found.model, thresholds=thresholds)


def main(
    rows: Annotated[Path, typer.Argument(help="Rows with input, province, city, county, slice.")],
    out: Annotated[Path, typer.Option(help="Folder for chooser.json and chooser.safetensors.")],
    memory: Annotated[Path, typer.Option(help="A memory that has not seen these rows.")],
    only: Annotated[
        list[str] | None, typer.Option(help="Kinds of proposals to be fitted anew; the others keep what ships.")
    ] = None,
) -> None:
    """Fit and write the model's numbers.

    Raises:
        UsageError: no such kind of proposals, no rows, or a memory that knows nothing.
    """
    from safetensors.numpy import save_file

    if unknown := sorted(set(only or ()) - set(PROPOSAL_KINDS)):
        raise UsageError(f"--only {unknown[0]}: expected one of {', '.join(PROPOSAL_KINDS)}")
    known = read_rows(rows, FIELDS)
    if not load_memory(memory):
        raise UsageError(f"{memory}: an empty memory; buqi places learn memory.csv --memory {memory} fills it")
    certain = certain_shares(known, Proposer(load_matcher(), empty_memory()))
    settle = partial(settled_model, rows=rows, memory=memory, certain=certain)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_in_one_thread) as pool:
        models = dict(zip(MODELS, pool.map(settle, MODELS), strict=True))
    if only:
        shipped = load_chooser()
        models = {name: replaced(getattr(shipped, name), model, only) for name, model in models.items()}
        certain = shipped.certain
    record: dict[str, Any] = {name: record_of(model) for name, model in models.items()}
    record |= {"inputs": LAYOUT.inputs, "certain": certain}
    out.mkdir(parents=True, exist_ok=True)
    arrays = {key: array for name, model in models.items() for key, array in arrays_of(name, model).items()}
    save_file(arrays, out / NETWORKS_FILE)
    (out / CHOOSER_FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _in_one_thread() -> None:
    """Let torch compute in one thread in this process."""
    import torch

    torch.set_num_threads(1)


if __name__ == "__main__":
    run(main)
