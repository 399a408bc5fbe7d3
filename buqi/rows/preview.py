"""A row as the model sees it, the trained tokens coloured."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from rich.text import Text

from buqi.task import Encoded


def coloured(tokenizer: Any, row: Encoded) -> Text:
    """Return the row's tokens, those that are trained green; tokens alternate in brightness so that borders show.

    A character that is spread over several tokens is shown once, with the number of tokens it takes.
    """
    text = Text()
    shade = 0
    for trained, run in groupby(zip(row.ids, row.trained, strict=True), key=lambda pair: pair[1]):
        waiting: list[int] = []
        for token, _ in run:
            waiting.append(token)
            piece = tokenizer.decode(waiting)
            if piece.endswith("\ufffd"):
                continue
            colour = ("bold green", "bold bright_green") if trained else ("grey62", "grey42")
            text.append(piece, style=colour[shade % 2] + (" underline" if len(waiting) > 1 else ""))
            waiting, shade = [], shade + 1
        if waiting:
            text.append(tokenizer.decode(waiting), style="red")
    return text
