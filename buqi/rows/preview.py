"""A row as the model sees it, the trained tokens coloured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from rich.text import Text

from buqi.task import Encoded


class TokenText(NamedTuple):
    """A token of a row as text, or the tokens that one character is spread over."""

    text: str
    trained: bool
    tokens: int
    whole: bool  # whether the tokens are whole characters


def pieces(tokenizer: Any, row: Encoded) -> Iterator[TokenText]:
    """Yield a row's tokens as pieces of text, in order."""
    for trained, run in groupby(zip(row.ids, row.trained, strict=True), key=lambda pair: pair[1]):
        waiting: list[int] = []
        for token, _ in run:
            waiting.append(token)
            text = tokenizer.decode(waiting)
            if not text.endswith("\ufffd"):
                yield TokenText(text, bool(trained), len(waiting), True)
                waiting = []
        if waiting:
            yield TokenText(tokenizer.decode(waiting), bool(trained), len(waiting), False)


def coloured(tokenizer: Any, row: Encoded) -> Text:
    """Return the row's tokens, those that are trained green; tokens alternate in brightness so that borders show.

    A character that is spread over several tokens is shown once, underlined; one that is not whole is red.
    """
    text = Text()
    for number, piece in enumerate(pieces(tokenizer, row)):
        colours = ("bold green", "bold bright_green") if piece.trained else ("grey62", "grey42")
        style = colours[number % 2] + (" underline" if piece.tokens > 1 else "")
        text.append(piece.text, style=style if piece.whole else "red")
    return text
