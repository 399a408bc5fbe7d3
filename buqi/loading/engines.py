"""Which engine answers: what was asked for, what the file allows, what was measured on this machine."""

from __future__ import annotations

import platform
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from pydantic import Field

from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.files import cache_dir, write_json
from buqi.foreign import Foreign, parsed
from buqi.machine import fast_bf16, gpu

ENGINES = ("auto", "torch", "torch-fp32", "torch-bf16", "torch-int8", "llamacpp")
ASKED = "asked for"  # why an engine answers
PRECISIONS = {"torch-fp32": "float32", "torch-bf16": "bfloat16", "torch-int8": "int8"}


class Measured(Foreign):
    """The file that `remember` writes: seconds by engine."""

    seconds: dict[str, Annotated[float, Field(gt=0)]]


def measured() -> dict[str, float]:
    """Return seconds for one address by engine, as ``buqi bench engines`` last measured them on this machine."""
    try:
        return parsed(_record(), Measured).seconds
    except BuqiError:  # measured anew when asked
        return {}


def remember(seconds: dict[str, float]) -> Path:
    """Keep what was measured, for ``--engine auto``."""
    path = _record()
    write_json(path, {"seconds": seconds})
    return path


def _record() -> Path:
    return cache_dir() / f"engines-{platform.node() or 'here'}.json"


def pick(asked: str, model: Path | str) -> tuple[str, str]:
    """Return ``torch`` or ``llamacpp``, and why.

    Args:
        asked: what the user named: one of `ENGINES`.
        model: what answers; a ``.gguf`` file or anything else.

    Raises:
        UsageError: no such engine.
        BuqiError: llama.cpp is asked for and not installed.
    """
    if asked not in ENGINES:
        raise UsageError(f"--engine {asked}: expected one of {', '.join(ENGINES)}")
    there = find_spec("xllamacpp") is not None
    if asked == "llamacpp" and not there:
        raise BuqiError(f"--engine llamacpp needs xllamacpp: {install('llamacpp')}")
    if asked != "auto":
        return asked.partition("-")[0], ASKED
    if not there:
        return "torch", "xllamacpp is not installed"
    if str(model).endswith(".gguf"):
        return "llamacpp", "a .gguf file"
    seconds = measured()
    if {"torch", "llamacpp"} <= seconds.keys() and seconds["llamacpp"] < seconds["torch"]:
        return "llamacpp", f"{seconds['torch'] / seconds['llamacpp']:.1f} times as fast here (buqi bench engines)"
    return (
        "torch",
        "fastest here (buqi bench engines)" if seconds else "buqi bench engines may find a faster one",
    )


def precision(asked: str) -> tuple[str, str]:
    """Return the type that torch computes in (``float32``, ``bfloat16`` or ``int8``), and why.

    Args:
        asked: what the user named: one of `ENGINES`.
    """
    if asked in PRECISIONS:
        return PRECISIONS[asked], ASKED
    if gpu():
        return "float32", "on a GPU"
    seconds = {kind: taken for kind, taken in measured().items() if kind in PRECISIONS}
    if len(seconds) > 1:
        return PRECISIONS[min(seconds, key=lambda kind: seconds[kind])], "fastest here (buqi bench engines)"
    if fast_bf16():
        return "bfloat16", "this CPU has units for it; --engine torch-fp32 for fp32"
    return "float32", "this CPU has no units for bf16; buqi bench engines tries 8 bits"
