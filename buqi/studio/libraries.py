"""Libraries that take seconds to import, so only what needs them waits."""

from __future__ import annotations

import threading
from importlib import import_module

_turn = threading.Lock()


def import_libraries() -> None:
    """Import what reads tokens and estimates runs; other visitors wait.

    transformers cannot be imported by two threads at once: one of them finds it half made.
    """
    with _turn:
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: F401 (made when they are asked for)

        for name in ("buqi.tune.estimate", "buqi.tune.plan"):
            import_module(name)
