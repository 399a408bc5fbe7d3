"""Fit the chooser's numbers: ``python -m buqi.address.fit ROWS.jsonl --memory FOLDER --out FOLDER``.

Rows are addresses with the right answer: ``{"input", "province", "city", "county", "slice"}``; without ``county`` only
province and city are known to be right. Every slice weighs the same, a row in it 1 or its own ``weight``. All
rows are fitted; for the calibration and the thresholds (:mod:`buqi.address.risk`) each quarter of the rows is judged by
a fit of the others.
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

from buqi.address.answer import Completer
from buqi.address.choose import FILE, KEPT, LEVELS, NETWORKS, Chooser, Model, array_name, inputs, load_chooser, terms
from buqi.address.likelihood import Sample, fit, network_of, platt
from buqi.address.network import Network
from buqi.address.propose import FEATURES, KINDS, Proposer
from buqi.address.risk import CAPS, MEMORY_CAPS, chosen, outcomes, spared
from buqi.address.settled import plain_kind
from buqi.divisions import load_matcher
from buqi.errors import UsageError
from buqi.places.memory import Memory, empty_memory, load_memory

# Only to choose the counties that compete in the first fit.
FIRST = {
    "named": 2.2, "any": 2.3, "mistyped": -0.5, "short": 0.2, "former": 0.2, "against": -1.0, "town": 1.0, "clear": 0.5,
    "mention": 2.0, "mention_short": 1.5, "stem": 2.0, "mention_town": 1.0, "town_zone": 1.0, "mention_village": 1.0,
    "zone": 2.0, "road": 1.0, "road_akin": 0.5, "road_share": 1.0, "landmark": 2.0, "zone_road": 2.0, "zone_size": 0.3,
    "pieces": 0.3, "size": 0.3, "names": 0.25, "parts": 0.4, "likeness": 0.5, "doors": 0.5,
}  # fmt: skip
FOLDS = 4
NAMES = ("large", "memory", "table")  # the longest first


def sample(
    rows: Sequence[dict[str, Any]],
    proposer: Proposer,
    counts: Mapping[str, int],
    weights: NDArray[np.float64] | None = None,
) -> Sample:
    """Return the features of ``rows``.

    Args:
        rows: the rows.
        proposer: says what speaks for each county.
        counts: how many rows each slice has, plain ones included.
        weights: of `terms`, to choose the counties that compete, whose `inputs` are returned; without them `FIRST`
            chooses, and `terms` are.
    """
    table = proposer.matcher.table
    paths = [table.path(code) for code in proposer.counties]
    names = [tuple(path.name(level) for level in ("province", "city", "county")) for path in paths]
    province = {name: i for i, name in enumerate(dict.fromkeys(n[0] for n in names))}
    city = {name: i for i, name in enumerate(dict.fromkeys(n[:2] for n in names))}
    county = {name: i for i, name in enumerate(names)}
    numbers = np.array([[county[n], city[n[:2]], province[n[0]]] for n in names])
    first = np.array([FIRST.get(name, 0.0) for name in FEATURES])
    values, places, gold, kinds = [], [], [], []
    for row in rows:
        proposals = proposer.propose(proposer.matcher.match(row["input"]))
        features = proposals.features
        kinds.append(proposals.kind)
        every = terms(features)[1]
        utility = features @ first if weights is None else every @ weights
        top = np.argsort(-utility)[:KEPT]
        values.append(every[top].astype(np.float32) if weights is None else inputs(features[top], proposals.kind))
        places.append(numbers[top])
        answer = (row["province"], row["city"], row["county"])
        known = county.get(answer, -1) if row["county"] or not row["city"] else -1
        gold.append((known, city.get(answer[:2], -1), province.get(answer[0], -1)))
    found, wanted = np.array(places), np.array(gold)
    exact = wanted[:, :1] >= 0
    right = np.where(exact, found[:, :, 0] == wanted[:, :1], found[:, :, 1] == wanted[:, 1:2])
    weight = np.array([row.get("weight", 1.0) * len(rows) / len(counts) / counts[row["slice"]] for row in rows])
    return Sample(np.array(values), right, found, wanted, weight, np.array(kinds))


def likeliest(of: Sample, network: Network) -> dict[str, tuple[Any, Any, Any]]:
    """Return for each level: probability of the likeliest division, whether it is right, and which rows know."""
    utility = np.concatenate([network.utilities(of.values), np.full((len(of.values), 1), network.outside)], 1)
    odds = np.exp(utility - utility.max(1, keepdims=True))
    p = (odds / odds.sum(1, keepdims=True))[:, :-1]
    found = {}
    for at, level in enumerate(LEVELS):
        best, share = [], []
        for row in range(len(p)):
            sums = np.bincount(of.places[row, :, at], p[row])
            best.append(int(sums.argmax()))
            share.append(float(sums.max()))
        gold = of.gold[:, at]
        found[level] = (np.array(share), np.array(best) == gold, gold >= 0)
    return found


def certain_shares(rows: Sequence[dict[str, Any]], proposer: Proposer) -> dict[str, float]:
    """Return the share of plain readings that are right, by kind (one wrong and one right added: Laplace)."""
    counts: dict[str, list[int]] = defaultdict(lambda: [1, 2])
    for row in rows:
        match = proposer.matcher.match(row["input"])
        kind = plain_kind(match, proposer.matcher)
        if kind is None:
            continue
        path = match.candidates[0].path
        levels = ("province", "city", "county") if row["county"] else ("province", "city")
        counts[kind][0] += all(path.name(level) == row[level] for level in levels)
        counts[kind][1] += 1
    return {kind: round(right / of, 4) for kind, (right, of) in sorted(counts.items())}


@dataclass(frozen=True)
class Fitted:
    """A model, and `FOLDS` more: the first has not seen rows 0, `FOLDS`, …, the second not 1, `FOLDS` + 1, …"""

    model: Model
    folds: tuple[Model, ...]


def fitted(rows: Sequence[dict[str, Any]], proposer: Proposer) -> Fitted:
    """Return what is fitted on the rows that are not plain, calibrated by the folds; no thresholds yet."""
    numbered = [
        (number % FOLDS, row)
        for number, row in enumerate(rows)
        if plain_kind(proposer.matcher.match(row["input"]), proposer.matcher) is None
    ]
    fold = np.array([number for number, _ in numbered])
    open_rows = [row for _, row in numbered]
    counts = Counter(row["slice"] for row in rows)
    first, _ = fit(sample(open_rows, proposer, counts))
    whole = sample(open_rows, proposer, counts, first)
    networks = [network_of(whole.of(fold != at)) for at in range(FOLDS)]
    judged = [likeliest(whole.of(fold == at), network) for at, network in enumerate(networks)]
    order = np.argsort(fold, kind="stable")
    calibration = {}
    for level in LEVELS:
        p, right, known = (np.concatenate(part) for part in zip(*(found[level] for found in judged), strict=True))
        for kind in KINDS:
            on = known & (whole.kinds[order] == kind)
            line = platt(p[on], right[on], whole.weight[order][on]) if on.any() else (1.0, 0.0)
            calibration[f"{level} {kind}"] = (round(line[0], 4), round(line[1], 4))
    models = [Model(first, network, calibration, {}) for network in (network_of(whole), *networks)]
    return Fitted(models[0], tuple(models[1:]))


def settled_model(name: str, rows: Path, memory: Path, certain: dict[str, float]) -> Model:
    """Return the model of a name with its thresholds.

    Args:
        name: ``table``, ``memory`` or ``large``.
        rows: what it is fitted on.
        memory: a memory that has not seen them.
        certain: shares of plain readings that are right.
    """
    read = _read(rows)
    learnt = load_memory(memory)
    known = {"table": empty_memory(), "memory": Memory(learnt.frame), "large": learnt}[name]
    found = fitted(read, Proposer(load_matcher(), known))
    completer = Completer(known, chooser=Chooser(found.model, found.model, found.model, certain))
    caps = spared(CAPS if name == "table" else MEMORY_CAPS, read)
    thresholds = chosen(outcomes(read, completer, found.folds), caps)
    print(name, thresholds, flush=True)
    return replace(found.model, thresholds=thresholds)


def record_of(model: Model) -> dict[str, Any]:
    """Return a model's JSON record; its networks are kept apart."""
    names = terms(np.zeros(len(FEATURES)))[0]

    def named(weights: NDArray[np.float64]) -> dict[str, float]:
        return {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)}

    record = {"weights": named(model.weights), "calibration": model.calibration, "thresholds": model.thresholds}
    own = {kind: named(weights) for kind, (weights, _) in model.own.items()}
    return record | ({"own": own} if own else {})


def arrays_of(name: str, model: Model) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model's networks by their names in the file."""
    networks = {"": model.network} | {kind: network for kind, (_, network) in model.own.items()}
    return {
        key: array
        for kind, network in networks.items()
        for key, array in network.arrays(array_name(name, kind)).items()
    }


def replaced(shipped: Model, fresh: Model, kinds: Sequence[str]) -> Model:
    """Return ``shipped`` with the numbers of some kinds of proposals as they were fitted afresh."""
    ends = tuple(f" {kind}" for kind in kinds)
    return replace(
        shipped,
        calibration=shipped.calibration | {key: line for key, line in fresh.calibration.items() if key.endswith(ends)},
        thresholds=shipped.thresholds | {kind: fresh.thresholds[kind] for kind in kinds},
        own=dict(shipped.own) | dict.fromkeys(kinds, (fresh.weights, fresh.network)),
    )


def _read(rows: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]


def main(
    rows: Annotated[Path, typer.Argument(help="Rows with input, province, city, county, slice.")],
    out: Annotated[Path, typer.Option(help="Folder for chooser.json and chooser.safetensors.")],
    memory: Annotated[Path, typer.Option(help="A memory that has not seen these rows.")],
    only: Annotated[
        list[str] | None, typer.Option(help="Kinds of proposals to be fitted anew; the others keep what ships.")
    ] = None,
) -> None:
    """Fit and write the chooser's numbers.

    Raises:
        UsageError: no such kind of proposals.
    """
    from safetensors.numpy import save_file

    if unknown := sorted(set(only or ()) - set(KINDS)):
        raise UsageError(f"--only {unknown[0]}: expected one of {', '.join(KINDS)}")
    certain = certain_shares(_read(rows), Proposer(load_matcher(), empty_memory()))
    settle = partial(settled_model, rows=rows, memory=memory, certain=certain)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=_alone) as pool:
        models = list(pool.map(settle, NAMES))
    if only:
        shipped = load_chooser()
        models = [replaced(getattr(shipped, name), model, only) for name, model in zip(NAMES, models, strict=True)]
        certain = shipped.certain
    record: dict[str, Any] = {name: record_of(model) for name, model in zip(NAMES, models, strict=True)}
    record["certain"] = certain
    out.mkdir(parents=True, exist_ok=True)
    arrays = [arrays_of(name, model) for name, model in zip(NAMES, models, strict=True)]
    save_file({name: array for found in arrays for name, array in found.items()}, out / NETWORKS)
    (out / FILE).write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _alone() -> None:
    import torch

    torch.set_num_threads(1)


if __name__ == "__main__":
    typer.run(main)
