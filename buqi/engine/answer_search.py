"""Finds the likeliest of the allowed answers as a whole.

The likeliest token at each step may begin many answers that are each unlikely. So beginnings that were left beside the
way are followed too, the likeliest first, as long as one is likelier than the best whole answer (branch and bound).
A tuned model needs one more at most; a model that knows nothing of the answers would need most of them.
"""

from __future__ import annotations

import heapq
import math

from buqi.engine.sequence import WrittenSequence

MOST_FOLLOWED = 4  # beginnings of one prompt's answer

Beginning = tuple[int, ...]  # first tokens of an answer


class AnswerSearch:
    """The search for the answer to one prompt.

    Attributes:
        best: the likeliest answer written so far; ``None`` before the first.
    """

    def __init__(self) -> None:
        self.best: WrittenSequence | None = None
        self._most = -math.inf  # log-probability of the best answer (nats)
        self._left: list[tuple[float, Beginning]] = []  # a heap by negative log-probability
        self._followed: dict[Beginning, float] = {(): 0.0}  # log-probabilities

    def take(self, row: WrittenSequence) -> None:
        """Take an answer that was written behind a beginning, and note the beginnings that it left beside its way."""
        begun, end = tuple(row.request.begun), row.request.end_token
        logprob = self._followed[begun]
        tokens = [*row.written[len(begun) :], end][: len(row.steps)]
        for at, (token, weights) in enumerate(zip(tokens, row.steps, strict=True)):
            if list(weights) == [end]:
                break  # not computed where an answer ends by itself, so never counted
            for other, weight in weights.items():
                if other != token:
                    heapq.heappush(self._left, (-logprob - weight, (*begun, *tokens[:at], other)))
            logprob += weights[token]
        if logprob > self._most:
            self.best, self._most = row, logprob

    def next(self) -> Beginning | None:
        """Return the likeliest beginning that may lead to a likelier answer; ``None`` if there is none to follow."""
        if len(self._followed) > MOST_FOLLOWED or not self._left or -self._left[0][0] <= self._most:
            return None
        weight, begun = heapq.heappop(self._left)
        self._followed[begun] = -weight
        return begun
