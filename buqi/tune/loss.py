"""The loss of a pack or of single rows: cross-entropy over a large vocabulary, a few positions at a time.

The plain way keeps three copies of (T, 151,936) logits in 32 bits: the logits, the log-probabilities and the gradients.
Here the logits are read in slices that fit the processor's cache. Only the gradient is kept, in the logits' precision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch.nn.functional import cross_entropy, linear

from buqi.engine.packs import Pack
from buqi.task import Encoded
from buqi.tune.compiled import elementwise
from buqi.tune.memory import gpu_positions, product_positions
from buqi.tune.products import normed, normed_gradient

SLICE_POSITIONS = 16  # positions: 10 MB in 32 bits


def summed_cross_entropy(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed cross-entropy in nats of (T, V) ``logits`` and how many of (T,) ``targets`` they rank first."""
    loss, hits = _SummedCrossEntropy.apply(logits, targets)  # type: ignore[no-untyped-call]
    return loss, hits


def vocabulary_loss(
    last: torch.Tensor, norm: torch.Tensor, eps: float, vocabulary: torch.Tensor, targets: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the same for (T, D) hidden states before the last norm. Logits are computed in parts and not kept."""
    loss, hits = _VocabularyLoss.apply(last, norm, eps, vocabulary, targets)  # type: ignore[no-untyped-call]
    return loss, hits


def _zeros(device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a loss and a number of hits to add to: float32 and int64 scalars, both 0."""
    return torch.zeros((), device=device), torch.zeros((), dtype=torch.int64, device=device)


def _sliced_loss(logits: torch.Tensor, targets: torch.Tensor, gradient: torch.Tensor | None) -> tuple[Any, Any]:
    """Return loss and hits, float32 and int64 scalars; fill ``gradient`` if given, which may be ``logits`` itself."""
    total, hits = _zeros(logits.device)
    size = SLICE_POSITIONS if logits.device.type == "cpu" else len(targets)
    for start in range(0, len(targets), size):
        at = slice(start, start + size)
        if gradient is None:
            scores, right = logits[at].float(), targets[at, None]
            total += (scores.logsumexp(1, keepdim=True) - scores.gather(1, right)).sum()
            hits += (scores.argmax(1, keepdim=True) == right).sum()
        else:
            loss, more, gradient[at] = _slice_gradient(logits[at], targets[at])
            total, hits = total + loss, hits + more
    return total, hits


@elementwise
def _slice_gradient(logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return loss, hits and gradient of one slice; all three are made of the same exponentials."""
    scores, right = logits.float(), targets[:, None]
    best, first = scores.max(1, keepdim=True)
    of_right = scores.gather(1, right) - best
    weights = (scores - best).exp_()
    mass = weights.sum(1, keepdim=True)
    weights /= mass
    weights.scatter_add_(1, right, torch.full_like(of_right, -1.0))
    return (mass.log() - of_right).sum(), (first == right).sum(), weights.to(logits.dtype)


class _SummedCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[0] else None
        total, hits = _sliced_loss(logits, targets, gradient)
        ctx.save_for_backward(*([] if gradient is None else [gradient]))
        ctx.mark_non_differentiable(hits)
        return total, hits

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[torch.Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None


class _VocabularyLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, last: torch.Tensor, norm: torch.Tensor, eps: float, vocabulary: torch.Tensor, targets: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        states, wanted = normed(last, norm, eps), ctx.needs_input_grad[0]
        gradient = torch.empty_like(states) if wanted else None
        total, hits = _zeros(last.device)
        size = (product_positions if last.device.type == "cpu" else gpu_positions)(len(vocabulary))
        for start in range(0, len(targets), size):
            at = slice(start, start + size)
            logits = linear(states[at], vocabulary)
            loss, more = _sliced_loss(logits, targets[at], logits if wanted else None)
            total, hits = total + loss, hits + more
            if gradient is not None:
                gradient[at] = logits @ vocabulary
        if gradient is not None:
            gradient = normed_gradient(gradient, last, norm, eps)
        ctx.save_for_backward(*([] if gradient is None else [gradient]))
        ctx.mark_non_differentiable(hits)
        return total, hits

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> tuple[torch.Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient * upstream[0].to(gradient.dtype), None, None, None, None


@contextmanager
def in_half(model: Any, dtype: torch.dtype) -> Iterator[None]:
    """Compute products in ``dtype`` if it has 16 bits. Trained weights stay in 32 bits; their products do not.

    PEFT by itself converts each layer's input to 32 bits for the adapter, and the result back. That takes a third of a
    step on a CPU with units for 16 bits.
    """
    if dtype == torch.float32:
        yield
        return
    from peft.helpers import disable_input_dtype_casting

    casting = disable_input_dtype_casting(model) if hasattr(model, "peft_config") else nullcontext()
    with torch.autocast(next(model.parameters()).device.type, dtype), casting:
        yield


def pack_loss(model: Any, pack: Pack, dtype: torch.dtype = torch.float32) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the summed cross-entropy over a pack's targets, in nats, and how many of them the model ranks first.

    Products are computed in ``dtype``.
    """
    with in_half(model, dtype):
        logits = model(**pack.inputs(model)).logits[0]
    return summed_cross_entropy(logits, pack.targets.to(logits.device))


def plain_loss(
    model: Any, rows: Sequence[Encoded], dtype: torch.dtype = torch.float32
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the same for ``rows``, each computed alone, as other trainers do."""
    total, hits = _zeros(next(model.parameters()).device)
    for row in rows:
        ids = torch.tensor([row.ids], device=total.device)
        with in_half(model, dtype):
            logits = model(input_ids=ids[:, :-1], use_cache=False).logits[0].float()
        on = torch.tensor(row.trained[1:], device=total.device)
        targets = ids[0, 1:][on]
        total = total + cross_entropy(logits[on], targets, reduction="sum")
        hits = hits + (logits[on].argmax(-1) == targets).sum()
    return total, hits
