"""buqi (补齐): teach Qwen2.5-0.5B one job with LoRA, prove that it learned it, run it on a CPU.

``buqi.complete`` completes a text, a list, or a polars or pandas column; see `buqi.bulk.frames.complete`.
``buqi.load`` opens a model of any task; see `buqi.answering.load`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buqi.answering import load as load
    from buqi.bulk.frames import complete as complete

    __version__: str

__all__ = ["__version__", "complete", "load"]


def __getattr__(name: str) -> Any:
    """Import an attribute at its first use, so that ``import buqi`` alone is fast."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("buqi")
    if name == "load":
        return importlib.import_module("buqi.answering").load
    if name != "complete":
        raise AttributeError(f"module 'buqi' has no attribute {name!r}")
    frames = importlib.import_module("buqi.bulk.frames")
    frames.register_pandas()
    return frames.complete


def __dir__() -> list[str]:
    """List the attributes that are imported at their first use too, for completion in editors and prompts."""
    return sorted({*globals(), *__all__})
