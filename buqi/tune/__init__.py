"""Training: an adapter from rows."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from buqi.tune.plan import Plan as Plan
    from buqi.tune.plan import make_plan as make_plan
    from buqi.tune.run import Result as Result
    from buqi.tune.run import train as train

PLACES = {"Plan": "plan", "make_plan": "plan", "Result": "run", "train": "run"}
__all__ = ["Plan", "Result", "make_plan", "train"]


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is: what a run needs takes seconds to load."""
    if name not in PLACES:
        raise AttributeError(f"module 'buqi.tune' has no attribute {name!r}")
    return getattr(importlib.import_module(f"buqi.tune.{PLACES[name]}"), name)
