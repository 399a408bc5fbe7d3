"""Guesses the next tokens of an answer without the model (speculative decoding).

The model checks several guessed tokens in one pass, which takes hardly longer than a pass over one token.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

LONGEST_GRAM = 3  # tokens of the longest n-gram that is looked up; shorter ones are tried after it
MOST_NGRAMS = 20_000  # n-grams kept of earlier answers


class AnswerNgrams:
    """Which token followed each n-gram in earlier answers of one adapter; those seen last are kept."""

    def __init__(self) -> None:
        self.next: OrderedDict[tuple[int, ...], int] = OrderedDict()

    def learn(self, written: Sequence[int]) -> None:
        """Add the n-grams of an answer; the empty one is followed by its first token."""
        for at, token in enumerate(written):
            ngram = tuple(written[max(0, at - LONGEST_GRAM + 1) : at])
            self.next[ngram] = token
            self.next.move_to_end(ngram)
        while len(self.next) > MOST_NGRAMS:
            self.next.popitem(last=False)


class Drafter:
    """Guesses the next tokens of one answer: as the text went on after the same tokens, or as earlier answers did.

    Attributes:
        ids: tokens of the prompt and of the answer so far.
        after: for each n-gram of `ids`, the index of the token that followed it last.
    """

    def __init__(self, prompt: Sequence[int], ngrams: AnswerNgrams) -> None:
        self.ngrams, self.prompt_length = ngrams, len(prompt)
        self.ids: list[int] = []
        self.after: dict[tuple[int, ...], int] = {}
        self.extend(prompt)

    def extend(self, more: Sequence[int]) -> None:
        """Add tokens that the prompt or the model's answer really has."""
        for token in more:
            self.ids.append(token)
            for size in range(1, LONGEST_GRAM + 1):
                if len(self.ids) > size:
                    self.after[tuple(self.ids[-size - 1 : -1])] = len(self.ids) - 1

    def guess(self, most: int) -> list[int]:
        """Return up to ``most`` tokens that may come next."""
        ids = list(self.ids)
        for _ in range(most):
            token = self._next(ids)
            if token is None:
                break
            ids.append(token)
        return ids[len(self.ids) :]

    def _next(self, ids: list[int]) -> int | None:
        """Return the likely next token: by three or two tokens of the text, by earlier answers, by one token."""
        for size in range(LONGEST_GRAM, 1, -1):
            if (at := self.after.get(tuple(ids[-size:]))) is not None:
                return self.ids[at]
        written = ids[self.prompt_length :]
        if (token := self.ngrams.next.get(tuple(written[-LONGEST_GRAM + 1 :]))) is not None:
            return token
        at = self.after.get(tuple(ids[-1:]))
        return None if at is None else self.ids[at]
