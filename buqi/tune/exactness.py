"""Whether a model gives rows in a pack the loss that it gives each of them alone.

The question is whether rows of a pack attend to each other. It is asked in fp32, because in bf16 rounding alone changes
the loss of a few short rows by up to 0.05 nats a token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from buqi.engine.packs import Pack, make_pack
from buqi.task import Encoded
from buqi.tune.loss import pack_loss, plain_loss

CHECKED_ROWS = 4
ALLOWED_DEVIATION = 1e-4  # nats a trained token, in fp32; seen on the 0.5B model: 2e-5


def deviation(model: Any, rows: Sequence[Encoded], fused: Callable[[Pack], Any] | None = None) -> float:
    """Return the difference, in nats per trained token, between the loss of a pack and the losses of its rows alone.

    Args:
        rows: the `CHECKED_ROWS` shortest of them are taken.
        fused: computes the pack's loss; without it the model does. It is called while the model is in 32 bits.
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
    """Convert the 16-bit parameters of ``model`` to 32 bits, without TF32; afterwards each is what it was before."""
    tf32, torch.backends.cuda.matmul.allow_tf32 = torch.backends.cuda.matmul.allow_tf32, False
    rounded = [(p, p.dtype) for p in model.parameters() if p.dtype in (torch.bfloat16, torch.float16)]
    for parameter, _ in rounded:  # one by one, so that only one parameter exists in both types
        parameter.data = parameter.data.float()
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32 = tf32
        for parameter, dtype in rounded:
            parameter.data = parameter.data.to(dtype)
