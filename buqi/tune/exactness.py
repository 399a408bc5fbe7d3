"""Whether a model gives rows in a pack the loss that it gives each of them alone.

The question is whether rows see each other, so it is asked in fp32: bf16 rounds by up to 0.05 nats a token on a few
short rows, which says nothing about it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from buqi.engine.packs import Pack, make_pack
from buqi.task import Encoded
from buqi.tune.loss import pack_loss, plain_loss

CHECKED_ROWS = 4  # the shortest of those given
ALLOWED_DEVIATION = 1e-4  # nats a trained token, in fp32; seen on the 0.5B model: 2e-5


def deviation(model: Any, rows: Sequence[Encoded], fused: Callable[[Pack], Any] | None = None) -> float:
    """Return by how many nats a trained token the loss of a pack of some ``rows`` differs from that of each alone.

    With ``fused`` it is asked for the pack's loss, while the model is in 32 bits.
    """
    some = sorted(rows, key=lambda row: len(row.ids))[:CHECKED_ROWS]
    training = model.training
    model.eval()
    with torch.no_grad(), in_fp32(model):
        pack = make_pack(some)
        gap = plain_loss(model, some)[0] - (fused(pack) if fused else pack_loss(model, pack))[0]
    model.train(training)
    return abs(float(gap)) / sum(sum(row.trained) for row in some)


@contextmanager
def in_fp32(model: Any) -> Iterator[None]:
    """Hold the 16-bit parameters of ``model`` in 32 bits, and compute in them; afterwards each is again what it was."""
    tf32, torch.backends.cuda.matmul.allow_tf32 = torch.backends.cuda.matmul.allow_tf32, False
    rounded = [(p, p.dtype) for p in model.parameters() if p.dtype in (torch.bfloat16, torch.float16)]
    for parameter, _ in rounded:  # one after the other, so that both copies exist of one parameter only
        parameter.data = parameter.data.float()
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        for parameter, dtype in rounded:
            parameter.data = parameter.data.to(dtype)
