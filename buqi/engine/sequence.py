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
        max_new_tokens: most tokens of it.
        end_token: the token that ends it.
        adapter: PEFT's name of the adapter that writes it; ``None`` for the base alone.
        rule: says which tokens may follow; ``None`` where all may.
        begun: the first tokens of the answer, where they are given.
    """

    max_new_tokens: int
    end_token: int
    adapter: str | None = None
    rule: TokenRule | None = None
    begun: Sequence[int] = ()


class WrittenSequence:
    """The tokens of a prompt and of its answer so far.

    Each step of the model computes the tokens that `feed` chooses. `take` gets what the model chose behind them.

    Attributes:
        ids: tokens of the prompt, then of the answer.
        prompt_length: how many of them are the prompt's.
        cached: how many of them have their keys and values in the cache.
        reused: how many of these were computed with another prompt that begins alike.
        fed: the tokens that the present step computes: some that are not cached yet, then guesses.
        slot: where the cache has its keys and values; -1 until it runs.
        steps: with a rule, for each token written behind those begun: the log-probability (nats) of each token that
            the rule allowed there.
        stopped: whether the model ended the answer itself.
        done: whether no more is written.
    """

    def __init__(self, prompt: Sequence[int], request: AnswerRequest, drafter: Drafter) -> None:
        self.ids, self.prompt_length = [*prompt, *request.begun], len(prompt)
        self.request, self.drafter = request, drafter
        self.cached, self.reused, self.slot = 0, 0, -1
        self.fed: list[int] = []
        self.steps: list[dict[int, float]] = []
        self.stopped = self.done = False

    @property
    def written(self) -> list[int]:
        """The answer's tokens so far."""
        return self.ids[self.prompt_length :]

    @property
    def max_length(self) -> int:
        """How many tokens prompt and answer may have at most."""
        return self.prompt_length + self.request.max_new_tokens

    @property
    def scored(self) -> int:
        """How many tokens at the end of the step need logits: the last one that is no guess, and the guesses."""
        return max(0, self.cached + len(self.fed) - len(self.ids) + 1)

    @property
    def guesses(self) -> list[int]:
        """The tokens of the step that were guessed."""
        return self.fed[len(self.fed) - self.scored + 1 :]

    def feed(self, room: int, guessed: int) -> None:
        """Choose the tokens of a step: up to ``room`` that are not cached, then up to ``guessed`` guesses."""
        self.fed = self.ids[self.cached : self.cached + room]
        if self.cached + len(self.fed) == len(self.ids):
            self.fed += self._guess(min(guessed, self.max_length - len(self.ids) - 1))

    def _guess(self, most: int) -> list[int]:
        """Return up to ``most`` tokens that may come next: with a rule only those to which it leaves no choice."""
        if (rule := self.request.rule) is None:
            return self.drafter.guess(most)
        guessed: list[int] = []
        while len(guessed) < most:
            following = rule.after(self.written + guessed)
            if len(following) != 1 or following[0] == rule.end:
                break
            guessed += following
        return guessed

    def may_follow(self) -> list[Sequence[int]]:
        """Return the tokens that may come behind each scored token; only with a rule."""
        assert self.request.rule is not None
        guesses = self.guesses
        return [self.request.rule.after(self.written + guesses[:n]) for n in range(self.scored)]

    def take(self, chosen: Sequence[int], weights: Sequence[dict[int, float]] = ()) -> None:
        """Add what the model chose behind each scored token, up to and with the first that differs from its guess.

        Args:
            chosen: a token for each scored one.
            weights: with a rule, the log-probabilities of those that may follow.
        """
        guesses = self.guesses
        self.cached = min(self.cached + len(self.fed), len(self.ids))
        for number, token in enumerate(chosen):
            if number > 0:
                if guesses[number - 1] != chosen[number - 1]:
                    break  # what the model chose here followed a wrong guess
                self.cached += 1  # a right guess was computed with the step
            self.steps += weights[number : number + 1]
            self._add(token)
            if self.done:
                break
        self.fed = []

    def _add(self, token: int) -> None:
        """Add a token, and note whether the answer ends with it."""
        if token == self.request.end_token:
            self.stopped = self.done = True
            return
        self.ids.append(token)
        self.drafter.extend([token])
        if len(self.ids) >= self.max_length:
            self.done = True
        elif self._can_only_end():
            self.stopped = self.done = True

    def _can_only_end(self) -> bool:
        rule = self.request.rule
        return rule is not None and list(rule.after(self.written)) == [rule.end]

    def answer(self, tokenizer: Any) -> Answer:
        """Return the whole answer."""
        return Answer(tokenizer.decode(self.written, skip_special_tokens=True).strip(), self.stopped)
