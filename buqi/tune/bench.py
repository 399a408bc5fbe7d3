"""How fast a training step is: packs with a shared prefix against ordinary padded batches, on the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from buqi.engine.pack import make_pack
from buqi.task import IGNORED, Encoded
from buqi.tune.plan import packs
from buqi.tune.trainer import pack_loss


@dataclass(frozen=True)
class Speed:
    """Seconds of each timed step of one way of batching, and the losses it gave (nats per trained token)."""

    name: str
    seconds: list[float]
    losses: list[float]
    rows: int

    @property
    def rows_per_second(self) -> float:
        """Rows a second at the median step."""
        return self.rows / sorted(self.seconds)[len(self.seconds) // 2]


def padded_step(model: Any, rows: Sequence[Encoded], pad: int, micro: int) -> float:
    """Forward and backward of right-padded micro-batches with all logits, as a plain trainer does it."""
    count = sum(sum(row.trained) for row in rows)
    total = 0.0
    for start in range(0, len(rows), micro):
        batch = rows[start : start + micro]
        width = max(len(row.ids) for row in batch)
        gaps = [width - len(row.ids) for row in batch]
        ids = torch.tensor([row.ids + [pad] * gap for row, gap in zip(batch, gaps, strict=True)])
        mask = torch.tensor([[1] * len(row.ids) + [0] * gap for row, gap in zip(batch, gaps, strict=True)])
        labels = torch.where(
            torch.tensor([row.trained + [False] * gap for row, gap in zip(batch, gaps, strict=True)]), ids, IGNORED
        )
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits.float()
        loss = cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten(), reduction="sum")
        torch.autograd.backward(loss / count)
        total += loss.item()
    return total / count


def packed_step(model: Any, rows: Sequence[Encoded], budget: int) -> float:
    """Forward and backward of the same rows as packs."""
    count = sum(sum(row.trained) for row in rows)
    total = 0.0
    for group in packs(rows, budget):
        loss, _ = pack_loss(model, make_pack([rows[i] for i in group]))
        torch.autograd.backward(loss / count)
        total += loss.item()
    return total / count


def compare_steps(
    model: Any,
    batches: Sequence[Sequence[Encoded]],
    pad: int,
    budget: int,
    micro: int,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Speed]:
    """Time both ways in turn over ``batches``, the first of which only warms up.

    Args:
        model: base with an adapter; its weights are not changed.
        batches: the rows of each step.
        pad: the padding token.
        budget: most tokens of a pack.
        micro: rows of a padded micro-batch.
        progress: called with 1 after every step.
    """
    model.train()
    ways: dict[str, Callable[[Sequence[Encoded]], float]] = {
        "padded": lambda rows: padded_step(model, rows, pad, micro),
        "packed": lambda rows: packed_step(model, rows, budget),
    }
    speeds = {name: Speed(name, [], [], len(batches[0])) for name in ways}
    for number, rows in enumerate(batches):
        for name, step in ways.items():
            model.zero_grad()
            started = time.perf_counter()
            loss = step(rows)
            if number:
                speeds[name].seconds.append(time.perf_counter() - started)
                speeds[name].losses.append(loss)
            progress(1)
    return list(speeds.values())
