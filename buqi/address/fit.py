"""Fit the chooser's numbers: ``python -m buqi.address.fit ROWS.jsonl --memory FOLDER --out chooser.json``.

Rows are addresses with the right answer: ``{"input", "province", "city", "county", "slice"}``; without ``county`` only
province and city are known to be right. Every slice weighs the same, a row in it 1 or its own ``weight``. All
rows are fitted; for the calibration each half is predicted by a fit of the other. Then ``python -m buqi.address.risk``
chooses the thresholds.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from buqi.address.choose import KEPT, LEVELS, terms
from buqi.address.propose import FEATURES, KINDS, Proposer
from buqi.address.settled import plain_kind
from buqi.divisions import load_matcher
from buqi.places.memory import Memory, empty_memory, load_memory

# Only to choose the counties that compete in the first fit.
FIRST = {
    "named": 2.2, "any": 2.3, "mistyped": -0.5, "short": 0.2, "former": 0.2, "against": -1.0, "town": 1.0, "clear": 0.5,
    "mention": 2.0, "mention_short": 1.5, "stem": 2.0, "mention_town": 1.0, "town_zone": 1.0, "mention_village": 1.0,
    "zone": 2.0, "road": 1.0, "road_akin": 0.5, "road_share": 1.0, "landmark": 2.0, "zone_road": 2.0,
    "pieces": 0.3, "size": 0.3, "names": 0.25, "parts": 0.4, "likeness": 0.5,
}  # fmt: skip
RIDGE = 1e-3
PULL = 3.0  # rows that a line of the calibration is drawn to 1 and 0 by
UNSET = 0.6


@dataclass
class Sample:
    """Rows as numbers: N rows, K counties each.

    Attributes:
        values: (N, K, terms).
        right: (N, K) bool, whether a county is right as far as the row's answer goes.
        places: (N, K, 3) codes as numbers: county, city, province of each.
        gold: (N, 3) the right ones; -1 where not known.
        weight: (N,).
        kinds: (N,) of the proposals.
    """

    values: NDArray[np.float32]
    right: NDArray[np.bool_]
    places: NDArray[np.int64]
    gold: NDArray[np.int64]
    weight: NDArray[np.float64]
    kinds: NDArray[np.str_]

    def of(self, on: NDArray[np.bool_]) -> Sample:
        """Return the rows where ``on`` is true."""
        return Sample(*(getattr(self, field.name)[on] for field in fields(self)))


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
        weights: of `terms`, to choose the counties that compete; `FIRST` if not given.
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
        values.append(every[top].astype(np.float32))
        places.append(numbers[top])
        answer = (row["province"], row["city"], row["county"])
        known = county.get(answer, -1) if row["county"] or not row["city"] else -1
        gold.append((known, city.get(answer[:2], -1), province.get(answer[0], -1)))
    found, wanted = np.array(places), np.array(gold)
    exact = wanted[:, :1] >= 0
    right = np.where(exact, found[:, :, 0] == wanted[:, :1], found[:, :, 1] == wanted[:, 1:2])
    weight = np.array([row.get("weight", 1.0) * len(rows) / len(counts) / counts[row["slice"]] for row in rows])
    return Sample(np.array(values), right, found, wanted, weight, np.array(kinds))


def fit(of: Sample) -> tuple[NDArray[np.float64], float]:
    """Return weights and the utility of "none", by maximum likelihood (L-BFGS)."""
    import torch

    values, right = torch.tensor(of.values), torch.tensor(of.right)
    weight = torch.tensor(of.weight, dtype=torch.float32)
    parameters = torch.zeros(values.shape[-1] + 1, requires_grad=True)
    optimizer = torch.optim.LBFGS([parameters], max_iter=400, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimizer.zero_grad()
        utility = torch.cat([values @ parameters[:-1], parameters[-1:].expand(len(values), 1)], 1)
        wanted = torch.cat([right, ~right.any(1, keepdim=True)], 1)
        logprob = utility.log_softmax(1).masked_fill(~wanted, -1e9).logsumexp(1)
        total = -(logprob * weight).sum() / weight.sum() + RIDGE * (parameters[:-1] ** 2).sum()
        total.backward()  # type: ignore[no-untyped-call, unused-ignore]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call, unused-ignore]
    found = parameters.detach().numpy().astype(np.float64)
    return found[:-1], float(found[-1])


def likeliest(of: Sample, weights: NDArray[np.float64], outside: float) -> dict[str, tuple[Any, Any, Any]]:
    """Return for each level: probability of the likeliest division, whether it is right, and which rows know."""
    utility = np.concatenate([of.values @ weights, np.full((len(of.values), 1), outside)], 1)
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


def platt(p: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept that make the log-odds of ``p`` those of being right.

    Drawn to 1 and 0 as by `PULL` rows, so that a handful of rows, or rows that are all right, say little.
    """
    import torch

    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    odds = torch.tensor(np.log(clipped / (1 - clipped)))
    gold, w = torch.tensor(right, dtype=torch.float64), torch.tensor(weight / max(float(weight.mean()), 1e-9))
    line = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([line], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimizer.zero_grad()
        total = torch.nn.functional.binary_cross_entropy_with_logits(line[0] * odds + line[1], gold, w, reduction="sum")
        total = total + PULL * ((line[0] - 1.0) ** 2 + line[1] ** 2)
        total.backward()  # type: ignore[no-untyped-call, unused-ignore]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call, unused-ignore]
    slope, intercept = line.detach().tolist()
    return slope, intercept


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


def fitted(rows: Sequence[dict[str, Any]], proposer: Proposer) -> dict[str, Any]:
    """Return one model's JSON record, fitted on the rows that are not plain and calibrated by cross-fitting."""
    open_rows = [r for r in rows if plain_kind(proposer.matcher.match(r["input"]), proposer.matcher) is None]
    counts = Counter(row["slice"] for row in rows)
    first, _ = fit(sample(open_rows, proposer, counts))
    whole = sample(open_rows, proposer, counts, first)
    weights, outside = fit(whole)
    found: dict[str, list[tuple[Any, Any, Any]]] = {level: [] for level in LEVELS}
    halves = [np.arange(len(open_rows)) % 2 == half for half in (0, 1)]
    for on, held in (halves, halves[::-1]):  # each half is predicted by a fit of the other
        for level, (p, right, known) in likeliest(whole.of(held), *fit(whole.of(on))).items():
            found[level].append((p, right, known))
    order = np.concatenate([np.flatnonzero(halves[1]), np.flatnonzero(halves[0])])
    calibration = {}
    for level, parts in found.items():
        p, right, known = (np.concatenate(part) for part in zip(*parts, strict=True))
        for kind in KINDS:
            on = known & (whole.kinds[order] == kind)
            line = platt(p[on], right[on], whole.weight[order][on]) if on.any() else (1.0, 0.0)
            calibration[f"{level} {kind}"] = tuple(round(x, 4) for x in line)
    names = terms(np.zeros(len(FEATURES)))[0]
    return {
        "rows": len(open_rows),
        "weights": {name: round(float(w), 4) for name, w in zip(names, weights, strict=True)},
        "outside": round(outside, 4),
        "calibration": calibration,
        "thresholds": dict.fromkeys(KINDS, UNSET),  # chosen by buqi.address.risk
    }


def main(
    rows: Annotated[Path, typer.Argument(help="Rows with input, province, city, county, slice.")],
    out: Annotated[Path, typer.Option(help="Where chooser.json goes.")],
    memory: Annotated[Path, typer.Option(help="A memory that has not seen these rows.")],
    judge: Annotated[tuple[float, float], typer.Option(help="Weights of what is known and of a judge.")] = (1.0, 0.05),
) -> None:
    """Fit and write the chooser's numbers."""
    read = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    matcher = load_matcher()
    empty = Proposer(matcher, empty_memory())
    learnt = load_memory(memory)
    record = {
        "table": fitted(read, empty),
        "memory": fitted(read, Proposer(matcher, Memory(learnt.frame))),
        "large": fitted(read, Proposer(matcher, learnt)),
        "certain": certain_shares(read, empty),
        "judge": {"table": judge, "memory": judge},
    }
    out.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
