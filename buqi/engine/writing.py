"""How an answer is written: which tokens may come next, and who is told meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from buqi.engine.protocol import Written
from buqi.task import plain, tokens


class TokenRule(Protocol):
    """Which token may follow in an answer.

    Attributes:
        end: the token that ends an answer.
    """

    end: int

    def after(self, written: Sequence[int]) -> Sequence[int]:
        """Return the tokens that may follow, in order; the end token alone where the answer is whole."""


class AllowedTokens:
    """Which token may follow in an answer that must be one of a list."""

    def __init__(self, tokenizer: Any, answers: Sequence[str]) -> None:
        self.end: int = tokenizer.eos_token_id
        self.next: dict[tuple[int, ...], set[int]] = {}
        for answer in answers:
            ids = [*tokens(tokenizer, plain(tokenizer, answer)), self.end]
            for at, token in enumerate(ids):
                self.next.setdefault(tuple(ids[:at]), set()).add(token)

    def after(self, written: Sequence[int]) -> list[int]:
        """Return the tokens that may follow; behind the end token only itself."""
        return sorted(self.next.get(tuple(written), {self.end}))


class AnswerStreamer:
    """Tells what is written while it is written; characters whose bytes are not all there yet wait."""

    def __init__(self, tokenizer: Any, row: int, written: Written) -> None:
        self.tokenizer, self.row, self.written = tokenizer, row, written
        self.told, self.seen = "", 0

    def put(self, ids: Sequence[int]) -> None:
        """Take all tokens written so far. Nothing is held back that the whole answer does not say."""
        while self.seen < len(ids):
            self.seen += 1
            self._tell(ids[: self.seen])

    def _tell(self, ids: Sequence[int]) -> None:
        text = self.tokenizer.decode(ids, skip_special_tokens=True).lstrip()
        whole = text.rstrip("\ufffd").rstrip()
        if len(whole) > len(self.told) and whole.startswith(self.told):
            self.written(self.row, whole[len(self.told) :])
            self.told = whole
