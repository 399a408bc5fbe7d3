"""What an answer may go on with, guessed without the model, which then checks several tokens in one pass."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

LONGEST_GRAM = 3  # equal tokens before a guess; fewer are tried where so many were not seen
MOST_NGRAMS = 20_000  # of earlier answers


class AnswerNgrams:
    """Which token followed each n-gram in earlier answers of one adapter; the newest are kept."""

    def __init__(self) -> None:
        self.next: OrderedDict[tuple[int, ...], int] = OrderedDict()

    def learn(self, written: Sequence[int]) -> None:
        """Take the n-grams of an answer."""
        for at, token in enumerate(written):
            self.next[tuple(written[max(0, at - LONGEST_GRAM + 1) : at])] = token
        while len(self.next) > MOST_NGRAMS:
            self.next.popitem(last=False)


class Drafter:
    """Guesses the next tokens of one answer: as the prompt goes on behind what was written last, or as answers did."""

    def __init__(self, prompt: Sequence[int], ngrams: AnswerNgrams) -> None:
        self.ngrams, self.asked = ngrams, len(prompt)
        self.ids: list[int] = []
        self.behind: dict[tuple[int, ...], int] = {}  # a piece of the text, and where it goes on (the last time)
        self.extend(prompt)

    def extend(self, more: Sequence[int]) -> None:
        """Take tokens that are certain."""
        for token in more:
            self.ids.append(token)
            for size in range(1, LONGEST_GRAM + 1):
                if len(self.ids) > size:
                    self.behind[tuple(self.ids[-size - 1 : -1])] = len(self.ids) - 1

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
        for size in range(LONGEST_GRAM, 1, -1):
            if (at := self.behind.get(tuple(ids[-size:]))) is not None:
                return self.ids[at]
        written = ids[self.asked :]
        if (known := self.ngrams.next.get(tuple(written[-LONGEST_GRAM + 1 :]))) is not None:
            return known
        at = self.behind.get(tuple(ids[-1:]))
        return None if at is None else self.ids[at]
