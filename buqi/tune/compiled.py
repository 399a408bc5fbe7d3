"""Elementwise parts of a step: compiled by torch.compile on a GPU if the user asks for it, uncompiled if that fails."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import torch

Function = TypeVar("Function", bound=Callable[..., Any])


class Compiling:
    """The state of compiling functions marked with `elementwise`.

    Attributes:
        wanted: whether they are compiled.
        devices: types of devices whose tensors are computed by compiled functions.
        backend: of torch.compile.
        made: the compiled functions by name.
    """

    def __init__(self) -> None:
        self.wanted = False
        self.devices = {"cuda"}
        self.backend = "inductor"
        self.made: dict[str, Callable[..., Any]] = {}

    def give_up(self, error: Exception) -> None:
        """Compile nothing from here on, and warn."""
        self.wanted = False
        warnings.warn(f"torch.compile failed ({str(error).splitlines()[0][:200]}); going on without it", stacklevel=3)


compiling = Compiling()


def elementwise(function: Function) -> Function:
    """Return ``function``. Its first call with a tensor of a GPU compiles it, where that is wanted."""

    @wraps(function)
    def call(first: torch.Tensor, *others: Any, **named: Any) -> Any:
        if not compiling.wanted or first.device.type not in compiling.devices:
            return function(first, *others, **named)
        try:
            if function.__name__ not in compiling.made:
                compiling.made[function.__name__] = torch.compile(function, dynamic=True, backend=compiling.backend)
            return compiling.made[function.__name__](first, *others, **named)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:  # no Triton, no compiler, a kernel that cannot be built: torch raises many kinds
            compiling.give_up(error)
            return function(first, *others, **named)

    return cast(Function, call)
