"""Fit by maximum likelihood: weights, a network, and the line that calibrates probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.address.network import UtilityNetwork

RIDGE = 1e-3
PRIOR = 3.0  # rows that slope 1 and intercept 0 of a calibration count as
# The utilities of several networks, trained from different random weights, are averaged.
HIDDEN, NETWORKS_OF_ONE = 40, 3
PASSES, BATCH, RATE, LINEAR_RATE, DECAY, DROPPED = 50, 256, 3e-3, 1e-3, 0.01, 0.2


@dataclass
class Sample:
    """Rows as numbers: N rows, K counties each.

    Attributes:
        values: (N, K, D): the terms, or the network's inputs (:mod:`buqi.address.layout`).
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

    def where(self, on: NDArray[np.bool_]) -> Sample:
        """Return the rows where ``on`` is true."""
        return Sample(*(getattr(self, field.name)[on] for field in fields(self)))


def loss_of(utility: Any, outside: Any, right: Any, weight: Any) -> Any:
    """Return the mean negative log-probability of the right counties, or of "none" where no county is right (torch)."""
    import torch

    every = torch.cat([utility, outside.expand(len(utility), 1)], 1)
    wanted = torch.cat([right, ~right.any(1, keepdim=True)], 1)
    logprob = every.log_softmax(1).masked_fill(~wanted, -1e9).logsumexp(1)
    return -(logprob * weight).sum() / weight.sum()


def _least(loss_at: Callable[[Any], Any], start: Any, steps: int) -> NDArray[np.float64]:
    """Return the parameters at which a loss is least, sought from ``start`` (L-BFGS; torch)."""
    import torch

    optimizer = torch.optim.LBFGS([start.requires_grad_()], max_iter=steps, line_search_fn="strong_wolfe")

    def loss() -> Any:
        optimizer.zero_grad()
        total = loss_at(start)
        total.backward()
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call, unused-ignore]
    found: NDArray[np.float64] = start.detach().numpy().astype(np.float64)
    return found


def fit(rows: Sample, scale: NDArray[np.float32] | None = None) -> tuple[NDArray[np.float64], float]:
    """Return weights and the utility of "none", by maximum likelihood; the values are divided by ``scale`` (D,)."""
    import torch

    values, right = torch.tensor(rows.values if scale is None else rows.values / scale), torch.tensor(rows.right)
    weight = torch.tensor(rows.weight, dtype=torch.float32)

    def loss_at(parameters: Any) -> Any:
        total = loss_of(values @ parameters[:-1], parameters[-1:], right, weight)
        return total + RIDGE * (parameters[:-1] ** 2).sum()

    found = _least(loss_at, torch.zeros(values.shape[-1] + 1), 400)
    return found[:-1], float(found[-1])


def network_of(rows: Sample) -> UtilityNetwork:
    """Return the network of maximum likelihood; training begins at the linear model of the same inputs."""
    scale = rows.values.reshape(-1, rows.values.shape[-1]).std(0) + np.float32(1e-6)
    linear, outside = fit(rows, scale)
    return together([_trained(rows, scale, linear, outside, seed) for seed in range(NETWORKS_OF_ONE)])


def _trained(rows: Sample, scale: NDArray[np.float32], linear: Any, outside: float, seed: int) -> UtilityNetwork:
    import torch

    torch.manual_seed(seed)
    values, right = torch.tensor(rows.values / scale), torch.tensor(rows.right)
    weight = torch.tensor(rows.weight, dtype=torch.float32)
    width = values.shape[-1]
    hidden, out = torch.nn.Linear(width, HIDDEN), torch.nn.Parameter(torch.zeros(HIDDEN))
    straight = torch.nn.Parameter(torch.tensor(linear, dtype=torch.float32))
    none = torch.nn.Parameter(torch.tensor([outside], dtype=torch.float32))
    groups = [
        {"params": [*hidden.parameters(), out], "lr": RATE, "weight_decay": DECAY},
        {"params": [straight, none], "lr": LINEAR_RATE, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, PASSES)
    for _ in range(PASSES):
        for batch in torch.split(torch.randperm(len(values)), BATCH):  # type: ignore[no-untyped-call, unused-ignore]
            x = values[batch]
            units = torch.nn.functional.gelu(hidden(x), approximate="tanh")
            utility = x @ straight + torch.nn.functional.dropout(units, DROPPED) @ out
            loss = loss_of(utility, none, right[batch], weight[batch])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            optimizer.step()
        schedule.step()
    arrays = (straight, hidden.weight.T, hidden.bias, out, none[0])
    return UtilityNetwork(scale, *(np.array(a.detach().numpy(), dtype=np.float32) for a in arrays))


def together(networks: Sequence[UtilityNetwork]) -> UtilityNetwork:
    """Return one network whose utilities are the mean of those of several networks of the same scale."""
    share = np.float32(1.0 / len(networks))
    return UtilityNetwork(
        networks[0].scale,
        share * sum((n.linear for n in networks[1:]), networks[0].linear),
        np.concatenate([n.hidden for n in networks], 1),
        np.concatenate([n.bias for n in networks]),
        share * np.concatenate([n.out for n in networks]),
        share * sum((n.outside for n in networks[1:]), networks[0].outside),
    )


def platt(p: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64]) -> tuple[float, float]:
    """Return slope and intercept that make the log-odds of ``p`` those of being right.

    Slope 1 and intercept 0 count as `PRIOR` rows, so a handful of rows, or rows that are all right, change little.
    """
    import torch

    clipped = np.clip(p, 1e-6, 1 - 1e-6)
    odds = torch.tensor(np.log(clipped / (1 - clipped)))
    gold, w = torch.tensor(right, dtype=torch.float64), torch.tensor(weight / max(float(weight.mean()), 1e-9))

    def loss_at(line: Any) -> Any:
        total = torch.nn.functional.binary_cross_entropy_with_logits(line[0] * odds + line[1], gold, w, reduction="sum")
        return total + PRIOR * ((line[0] - 1.0) ** 2 + line[1] ** 2)

    slope, intercept = _least(loss_at, torch.tensor([1.0, 0.0], dtype=torch.float64), 200).tolist()
    return slope, intercept
