"""How an answer is written: which tokens may come next, and who is told meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buqi.engine.protocol import Written
from buqi.task import plain, tokens


class AllowedTokens:
    """Which token may follow in an answer that must be one of a list.

    Args:
        tokenizer: the model's.
        answers: the list.
    """

    def __init__(self, tokenizer: Any, answers: Sequence[str]) -> None:
        self.end: int = tokenizer.eos_token_id
        self.next: dict[tuple[int, ...], set[int]] = {}
        for answer in answers:
            ids = [*tokens(tokenizer, plain(tokenizer, answer)), self.end]
            for at, token in enumerate(ids):
                self.next.setdefault(tuple(ids[:at]), set()).add(token)

    def after(self, written: list[int]) -> list[int]:
        """Return the tokens that may follow; behind the end token only itself."""
        return sorted(self.next.get(tuple(written), {self.end}))


class AnswerStreamer:
    """Tells what is written while it is written; characters whose bytes are not all there yet wait.

    It is handed to transformers as the streamer, which gets the tokens of the whole batch.
    """

    def __init__(self, tokenizer: Any, rows: Sequence[int], written: Written) -> None:
        self.tokenizer, self.rows, self.written = tokenizer, rows, written
        self.ids: list[list[int]] = [[] for _ in rows]
        self.told = [""] * len(rows)
        self.ended = [False] * len(rows)
        self.first = True

    def put(self, tokens: Any) -> None:
        """Take the next token of every row."""
        if self.first:  # the prompts
            self.first = False
            return
        for at, token in enumerate(tokens.tolist()):
            self.ended[at] = self.ended[at] or token == self.tokenizer.eos_token_id
            if self.ended[at]:
                continue
            self.ids[at].append(token)
            text = self.tokenizer.decode(self.ids[at], skip_special_tokens=True).lstrip()
            whole = text.rstrip("\ufffd").rstrip()
            if len(whole) > len(self.told[at]) and whole.startswith(self.told[at]):
                self.written(self.rows[at], whole[len(self.told[at]) :])
                self.told[at] = whole

    def end(self) -> None:
        """Nothing is held back that the whole answer does not say."""
