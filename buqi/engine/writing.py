"""Rules for the tokens of an answer, and telling a caller its text while it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from buqi.engine.protocol import Written
from buqi.errors import UsageError
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
    """Which token may follow in an answer that must be one of a list; a `UsageError` if the list is empty.

    Attributes:
        next: the tokens that may follow each beginning of an answer.
    """

    def __init__(self, tokenizer: Any, answers: Sequence[str]) -> None:
        check_allowed(answers)
        self.end: int = tokenizer.eos_token_id
        self.next: dict[tuple[int, ...], set[int]] = {}
        for answer in answers:
            ids = [*tokens(tokenizer, plain(tokenizer, answer)), self.end]
            for at, token in enumerate(ids):
                self.next.setdefault(tuple(ids[:at]), set()).add(token)

    def after(self, written: Sequence[int]) -> list[int]:
        """Return the tokens that may follow; behind the end token only itself."""
        return sorted(self.next.get(tuple(written), {self.end}))


def grammar_of(allowed: Sequence[str]) -> str:
    """Return the grammar (GBNF, EBNF) of an answer that must be one of ``allowed``; a `UsageError` if there is none."""
    check_allowed(allowed)
    return "root ::= " + " | ".join(json.dumps(answer, ensure_ascii=False) for answer in allowed)


def check_allowed(allowed: Sequence[str]) -> None:
    """Raise a `UsageError` if no answer is allowed."""
    if not allowed:
        raise UsageError("allowed: expected one answer or more")


class AnswerStreamer:
    """Tells a caller the text of an answer as it grows.

    A character of several tokens is told with its last one, and a space with what follows it, so that the pieces
    together are the answer.
    """

    def __init__(self, tokenizer: Any, row: int, written: Written) -> None:
        self.tokenizer, self.row, self.written = tokenizer, row, written
        self.told, self.seen = "", 0

    def put(self, ids: Sequence[int]) -> None:
        """Tell what is new in all tokens written so far. They come one by one: a piece depends on no step's length."""
        while self.seen < len(ids):
            self.seen += 1
            self._tell(ids[: self.seen])

    def _tell(self, ids: Sequence[int]) -> None:
        text = self.tokenizer.decode(ids, skip_special_tokens=True).lstrip()
        whole = text.rstrip("\ufffd").rstrip()
        if len(whole) > len(self.told) and whole.startswith(self.told):
            self.written(self.row, whole[len(self.told) :])
            self.told = whole
