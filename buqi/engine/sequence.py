"""One prompt and its answer, while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from buqi.engine.drafter import Drafter
from buqi.engine.protocol import Answer
from buqi.engine.writing import TokenRule


@dataclass(frozen=True)
class AnswerRequest:
    """How an answer is to be written.

    Attributes:
        most: most tokens of it.
        end: the token that ends it.
        adapter: name of the weights that write it; ``None`` for the base's.
        allowed: what may follow, where that is limited.
        begun: how many of the answer's tokens are given.
        weighed: whether the log-probabilities of what may follow are kept.
    """

    most: int
    end: int
    adapter: str | None = None
    allowed: TokenRule | None = None
    begun: Sequence[int] = ()
    weighed: bool = False


class WrittenSequence:
    """A prompt's tokens and those written behind them.

    Attributes:
        ids: all of them.
        known: how many of them have their keys and values stored.
        fed: the tokens that the present step computes: those not known yet, then guesses.
        slot: where the keys and values are; -1 until it runs.
        steps: for each token written behind those begun, the log-probability (nats) of each that might have been;
            only where that is wanted.
    """

    def __init__(self, prompt: Sequence[int], request: AnswerRequest, drafter: Drafter) -> None:
        self.ids, self.asked, self.request, self.drafter = [*prompt, *request.begun], len(prompt), request, drafter
        self.known, self.slot = 0, -1
        self.fed: list[int] = []
        self.steps: list[dict[int, float]] = []
        self.stopped = self.done = False

    @property
    def written(self) -> list[int]:
        """The answer's tokens so far."""
        return self.ids[self.asked :]

    @property
    def length(self) -> int:
        """How many tokens prompt and answer may have at most."""
        return self.asked + self.request.most

    def feed(self, room: int, guessed: int) -> None:
        """Choose the tokens of a step: ``room`` of those not known, and up to ``guessed`` guesses behind them."""
        self.fed = self.ids[self.known : self.known + room]
        if self.known + len(self.fed) == len(self.ids):
            self.fed += self._guess(min(guessed, self.asked + self.request.most - len(self.ids) - 1))

    def _guess(self, most: int) -> list[int]:
        if (allowed := self.request.allowed) is None:
            return self.drafter.guess(most)
        guessed: list[int] = []
        while (
            len(guessed) < most and len(only := allowed.after(self.written + guessed)) == 1 and only[0] != allowed.end
        ):
            guessed += only
        return guessed

    @property
    def judged(self) -> int:
        """How many tokens of the step, counted from its last, tell what comes next."""
        return max(0, self.known + len(self.fed) - len(self.ids) + 1)

    def may_follow(self) -> list[Sequence[int]]:
        """Return for each judged token what may come behind it; only where answers are limited."""
        assert self.request.allowed is not None
        guesses = self.fed[len(self.fed) - self.judged + 1 :]
        return [self.request.allowed.after(self.written + guesses[:n]) for n in range(self.judged)]

    def take(self, chosen: Sequence[int], weights: Sequence[dict[int, float]] = ()) -> None:
        """Go on by what the model chose behind each judged token, as long as the guesses were the same.

        Args:
            chosen: a token for each judged one.
            weights: the log-probabilities of those that may follow, where they are kept.
        """
        guesses = self.fed[len(self.fed) - self.judged + 1 :] if chosen else []
        self.known = min(self.known + len(self.fed), len(self.ids))
        for number, token in enumerate(chosen):
            if number and guesses[number - 1] != chosen[number - 1]:
                break
            self.known += bool(number)
            self.steps += weights[number : number + 1]
            if token == self.request.end:
                self.stopped = self.done = True
                break
            self.ids.append(token)
            self.drafter.extend([token])
            if len(self.ids) >= self.length:
                self.done = True
                break
            if self._is_whole():
                self.stopped = self.done = True
                break
        self.fed = []

    def _is_whole(self) -> bool:
        """Whether the answer can only end here."""
        allowed = self.request.allowed
        return allowed is not None and list(allowed.after(self.written)) == [allowed.end]

    def answer(self, tokenizer: Any) -> Answer:
        """Return the whole answer."""
        return Answer(tokenizer.decode(self.written, skip_special_tokens=True).strip(), self.stopped)
