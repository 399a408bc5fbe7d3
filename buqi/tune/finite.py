"""Whether the loss and the gradient of each step are finite. Reading them makes the program wait for a GPU."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from buqi.task import Encoded


@dataclass(frozen=True)
class BadStep:
    """The first step that was not finite: its number, its rows, ``loss`` or ``gradient``, and the value."""

    number: int
    rows: Sequence[Encoded]
    what: str
    value: float


class FiniteCheck:
    """Keeps the loss and the gradient's norm of each step on their device until `first_bad` reads them."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Sequence[Encoded]]] = []
        self.values: list[torch.Tensor] = []

    def add(self, number: int, rows: Sequence[Encoded], loss: torch.Tensor, parameters: Iterable[torch.Tensor]) -> None:
        """Note a step whose gradients are computed."""
        gradients = [p.grad for p in parameters if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        self.waiting.append((number, rows))
        self.values.append(torch.stack([loss.detach().float(), norm.to(loss.device).float()]))

    def first_bad(self) -> BadStep | None:
        """Return the first step since the last call that was not finite, or ``None``."""
        if not self.waiting:
            return None
        steps, values = self.waiting, torch.stack(self.values).cpu()
        self.waiting, self.values = [], []
        bad = (~values.isfinite()).any(1).nonzero()
        if not len(bad):
            return None
        at = int(bad[0, 0])
        loss, norm = values[at].tolist()
        what = ("gradient", norm) if values[at, 0].isfinite() else ("loss", loss)
        return BadStep(*steps[at], *what)
