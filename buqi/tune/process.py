"""One process of several: torchrun starts them, gloo joins them on CPUs, nccl on GPUs."""

from __future__ import annotations

import os


def rank() -> int:
    """Return this process's number, from 0."""
    return int(os.environ.get("RANK", "0"))


def world() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def join() -> None:
    """Join the other processes, if there are any."""
    if world() > 1:
        import torch
        from accelerate import PartialState

        PartialState(cpu=not torch.cuda.is_available())


def wait() -> None:
    """Return when all processes are here."""
    if world() > 1:
        import torch.distributed

        torch.distributed.barrier()
