"""Chooses the engine that answers: by the user's choice, by the file, and by measurements on this machine."""

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

ENGINES = ("auto", "torch", "torch-fp32", "torch-bf16", "torch-int8", "llamacpp", "openvino")
ASKED = "asked for"  # why an engine answers
MODULES = {"llamacpp": "xllamacpp", "openvino": "openvino_genai"}  # what an engine imports
PRECISIONS = {"torch-fp32": "float32", "torch-bf16": "bfloat16", "torch-int8": "int8"}


Seconds = dict[str, Annotated[float, Field(gt=0)]]


class Measured(Foreign):
    """The file that `remember` writes: by engine, seconds for an address that is asked alone, and among many."""

    seconds: Seconds
    at_once: Seconds = Field(default_factory=dict)


def measured(many: bool = False) -> dict[str, float]:
    """Return seconds for one address by engine, as ``buqi bench engines`` last measured them on this machine.

    Args:
        many: for an address among many that are asked at once, if that was measured.
    """
    try:
        found = parsed(_record(), Measured)
    except BuqiError:  # measured anew when asked
        return {}
    return (many and found.at_once) or found.seconds


def remember(seconds: dict[str, float], at_once: dict[str, float] | None = None) -> Path:
    """Save the measured seconds for ``--engine auto``."""
    path = _record()
    write_json(path, {"seconds": seconds, "at_once": at_once or {}})
    return path


def _record() -> Path:
    return cache_dir() / f"engines-{platform.node() or 'here'}.json"


def check_engine(asked: str) -> None:
    """Refuse an engine that does not exist or is not installed; asked before a base is fetched.

    Args:
        asked: what the user named: one of `ENGINES`.

    Raises:
        UsageError: no such engine.
        BuqiError: it is not installed.
    """
    if asked not in ENGINES:
        raise UsageError(f"--engine {asked}: expected one of {', '.join(ENGINES)}")
    if asked in MODULES and not _installed(asked):
        raise BuqiError(f"--engine {asked} needs {MODULES[asked].replace('_', '-')}: {install(asked)}")


def pick(asked: str, model: Path | str, many: bool = False) -> tuple[str, str]:
    """Return ``torch``, ``llamacpp`` or ``openvino``, and why.

    ``auto`` takes OpenVINO only for many prompts, because no adapters can be added to it.

    Args:
        asked: what the user named: one of `ENGINES`.
        model: what answers; a ``.gguf`` file or anything else.
        many: whether many prompts are asked at once.

    Raises:
        UsageError: no such engine.
        BuqiError: the engine asked for is not installed.
    """
    check_engine(asked)
    if asked != "auto":
        return asked.partition("-")[0], ASKED
    default, why = _default(model)
    others = [kind for kind in MODULES if _installed(kind) and (many or kind != "openvino")]
    seconds = measured(many)
    if default in seconds:
        best = min((kind for kind in (default, *others) if kind in seconds), key=lambda kind: seconds[kind])
        if best != default:
            return best, f"{seconds[default] / seconds[best]:.1f} times as fast here (buqi bench engines)"
        why = why or "fastest here (buqi bench engines)"
    return default, why or "buqi bench engines may find a faster one"


def _installed(kind: str) -> bool:
    return find_spec(MODULES[kind]) is not None


def _default(model: Path | str) -> tuple[str, str]:
    """Return the engine for a model where nothing was measured, and the reason if there is no other."""
    if not _installed("llamacpp"):
        return "torch", "xllamacpp is not installed"
    return ("llamacpp", "a .gguf file") if str(model).endswith(".gguf") else ("torch", "")


def precision(asked: str, many: bool = False) -> tuple[str, str]:
    """Return the type that torch computes in (``float32``, ``bfloat16`` or ``int8``), and why.

    Args:
        asked: what the user named: one of `ENGINES`.
        many: whether many prompts are asked at once.
    """
    if asked in PRECISIONS:
        return PRECISIONS[asked], ASKED
    if gpu():
        return "float32", "on a GPU"
    seconds = {kind: taken for kind, taken in measured(many).items() if kind in PRECISIONS}
    if len(seconds) > 1:
        return PRECISIONS[min(seconds, key=lambda kind: seconds[kind])], "fastest here (buqi bench engines)"
    if fast_bf16():
        return "bfloat16", "this CPU has units for it; --engine torch-fp32 for fp32"
    return "float32", "this CPU has no units for bf16; buqi bench engines tries 8 bits"
