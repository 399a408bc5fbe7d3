"""One process of several: torchrun starts them, gloo joins them on CPUs, nccl on GPUs."""

from __future__ import annotations

import os
from typing import Any

from buqi.machine import gpu


def rank() -> int:
    """Return the number of this process, from 0."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def join() -> None:
    """Join the other processes, if there are any."""
    if world_size() > 1:
        from accelerate import PartialState

        PartialState(cpu=not gpu())


def add_gradients(model: Any) -> None:
    """Add up the gradients of all processes in one message. A process without rows has no gradient; it counts as 0."""
    import torch

    trained = [p for p in model.parameters() if p.requires_grad]
    flat = torch.cat([(p.new_zeros(p.numel()) if p.grad is None else p.grad.flatten()) for p in trained])
    torch.distributed.all_reduce(flat)
    for parameter, part in zip(trained, torch.split(flat, [p.numel() for p in trained]), strict=True):
        parameter.grad = part.view_as(parameter)


def barrier() -> None:
    """Wait until all processes have come to this point."""
    if world_size() > 1:
        import torch.distributed

        torch.distributed.barrier()
