"""buqi (补齐): teach Qwen2.5-0.5B one job with LoRA, prove that it learned it, run it on a CPU.

``buqi.complete`` completes a text, a list, or a polars or pandas column; see `buqi.bulk.frames.complete`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buqi.bulk.frames import complete as complete

__all__ = ["complete"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is: ``import buqi`` alone takes no time."""
    if name != "complete":
        raise AttributeError(f"module 'buqi' has no attribute {name!r}")
    frames = importlib.import_module("buqi.bulk.frames")
    frames.register_pandas()
    return frames.complete
