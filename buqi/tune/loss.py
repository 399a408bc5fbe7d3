"""The loss of a pack or of single rows: cross-entropy over a large vocabulary, a few positions at a time.

The plain way keeps three copies of (T, 151,936) logits in 32 bits: converted, as log-probabilities, as gradients. Here
a slice of positions is read while it is in the processor's cache, and only its gradient is kept, in the logits' own
precision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch.nn.functional import cross_entropy

from buqi.engine.packs import Pack
from buqi.task import Encoded

SLICE_POSITIONS = 16  # positions: 10 MB in 32 bits


def summed_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed cross-entropy in nats of (T, V) ``logits`` and how many of (T,) ``targets`` they rank first."""
    loss, hits = _SummedCrossEntropy.apply(logits, targets)  # type: ignore[no-untyped-call]
    return loss, hits


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        # float32 and int64 scalars; each slice of the gradient is kept while its exponentials are at hand
        total = torch.zeros((), device=logits.device)
        hits = torch.zeros((), dtype=torch.int64, device=logits.device)
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[0] else None
        for start in range(0, len(targets), SLICE_POSITIONS):
            part = slice(start, start + SLICE_POSITIONS)
            scores, right = logits[part].float(), targets[part, None]
            best, first = scores.max(1, keepdim=True)
            hits += (first == right).sum()
            if gradient is None:
                total += (scores.logsumexp(1, keepdim=True) - scores.gather(1, right)).sum()
                continue
            of_right = scores.gather(1, right) - best
            weights = (scores - best).exp_()
            mass = weights.sum(1, keepdim=True)
            total += (mass.log() - of_right).sum()
            weights /= mass
            weights.scatter_add_(1, right, torch.full_like(of_right, -1.0))
            gradient[part] = weights
        ctx.save_for_backward(*([] if gradient is None else [gradient]))
        ctx.mark_non_differentiable(hits)
        return total, hits

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[torch.Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None


@contextmanager
def in_half(model: Any, half: bool) -> Iterator[None]:
    """Compute products in bfloat16 if ``half``: also those of trained weights, which stay in 32 bits themselves.

    PEFT alone would turn every layer's input into 32 bits for the adapter and its product back: a third of a step on a
    CPU with units for 16 bits.
    """
    if not half:
        yield
        return
    from peft.helpers import disable_input_dtype_casting

    casting = disable_input_dtype_casting(model) if hasattr(model, "peft_config") else nullcontext()
    with torch.autocast(next(model.parameters()).device.type, torch.bfloat16), casting:
        yield


def pack_loss(model: Any, pack: Pack, half: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed cross-entropy over a pack's targets, in nats, and how many of them the model ranks first.

    With ``half`` products are computed in bfloat16.
    """
    with in_half(model, half):
        logits = model(**pack.inputs(model)).logits[0]
    return summed_cross_entropy(logits, pack.targets.to(logits.device))


def plain_loss(model: Any, rows: Sequence[Encoded], half: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the same for ``rows``, each computed alone as any trainer would."""
    total = torch.zeros((), device=next(model.parameters()).device)
    hits = torch.zeros((), dtype=torch.int64, device=total.device)
    for row in rows:
        ids = torch.tensor([row.ids], device=total.device)
        with in_half(model, half):
            logits = model(input_ids=ids[:, :-1], use_cache=False).logits[0].float()
        on = torch.tensor(row.trained[1:], device=total.device)
        targets = ids[0, 1:][on]
        total = total + cross_entropy(logits[on], targets, reduction="sum")
        hits = hits + (logits[on].argmax(-1) == targets).sum()
    return total, hits
