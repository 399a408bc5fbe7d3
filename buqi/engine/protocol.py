"""What every engine can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from buqi.errors import UsageError

BASE = "base"  # the name under which the model answers without any adapter
MOST_ADAPTERS = 16
ADAPTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class TooManyAdaptersError(UsageError):
    """No more adapters may be loaded."""


def check_name(name: str, loaded: Sequence[str], most: int) -> None:
    """Raise a `UsageError` if no adapter may have this name, a `TooManyAdaptersError` if no more may be loaded."""
    if not ADAPTER_NAME.fullmatch(name) or name == BASE:
        raise UsageError(f"adapter name {name!r}: use letters, digits, '-' and '_', and not {BASE!r}")
    if name not in loaded and len(loaded) >= most:
        raise TooManyAdaptersError(f"{len(loaded)} adapters are loaded, no more than {most} may be")


def check_loaded(name: str, loaded: Sequence[str]) -> None:
    """Raise a `UsageError` if an adapter is not loaded."""
    if name not in loaded:
        raise UsageError(f"adapter {name!r} is not loaded; loaded: {', '.join([BASE, *loaded])}")


def adapter_of_each(adapter: str | Sequence[str], count: int, loaded: Sequence[str]) -> list[str]:
    """Return the adapter of each of ``count`` prompts; a `UsageError` if one is neither the base nor loaded."""
    names = [adapter] * count if isinstance(adapter, str) else list(adapter)
    for name in set(names) - {BASE}:
        check_loaded(name, loaded)
    return names


@dataclass(frozen=True)
class Answer:
    """A generated text, and whether the model ended it itself (rather than running out of tokens)."""

    text: str
    stopped: bool


@dataclass(frozen=True)
class Chosen:
    """What a model wrote where a rule says what may follow.

    Attributes:
        tokens: those written.
        steps: for each of them, the log-probability (nats, in the whole vocabulary) of each token that the rule
            allowed there.
    """

    tokens: list[int]
    steps: list[dict[int, float]]


Written = Callable[[int, str], None]  # number of a prompt, text of its answer since the last call


class Engine(Protocol):
    """One base in memory and any number of named adapters on it; every call names the one that answers."""

    title: str  # what people call it

    def generate(
        self,
        prompts: Sequence[str],
        max_new_tokens: int,
        adapter: str | Sequence[str] = BASE,
        progress: Callable[[int], None] | None = None,
        allowed: Sequence[str] | None = None,
        written: Written | None = None,
    ) -> list[Answer]:
        """Return the greedy continuation of every prompt, in order.

        Args:
            prompts: whole prompts, as `Task.prompt_text` makes them.
            max_new_tokens: most tokens written for one prompt.
            adapter: name of a loaded adapter, or ``base``; or one for each prompt.
            progress: called with the number of prompts answered since the last call.
            allowed: the only answers that may be written. On torch the likeliest as a whole is (`AnswerSearch`);
                elsewhere each step takes the likeliest token with which one of them can go on.
            written: called with the number of a prompt and its answer's text since the last call. On torch an answer
                of the allowed ones is told at once.
        """
        ...
