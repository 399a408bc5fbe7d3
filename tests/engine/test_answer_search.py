"""The likeliest of the allowed answers is the one that scoring every answer finds."""

from __future__ import annotations

import random

import pytest
import torch

from buqi.engine import TorchEngine
from buqi.engine import answer_search as module
from buqi.engine.answer_search import AnswerSearch
from buqi.engine.drafter import AnswerNgrams, Drafter
from buqi.engine.sequence import AnswerRequest, WrittenSequence
from buqi.engine.writing import AllowedTokens
from buqi.task import tokens

END = 0
PROMPTS = [f"intent of {number}: " for number in range(12)]


def written(begun, *steps):
    """Return a finished row; each step is (token, log-probability of each that was allowed)."""
    row = WrittenSequence([9], AnswerRequest(10, END, begun=begun), Drafter([9], AnswerNgrams()))
    row.ids += [token for token, _ in steps if token != END]
    row.steps = [weights for _, weights in steps]
    return row


def test_a_beginning_that_may_still_win_is_followed():
    search = AnswerSearch()
    search.take(written((), (1, {1: -0.7, 2: -0.8}), (3, {3: -2.0, 4: -2.1})))
    assert search.next() == (2,)
    search.take(written((2,), (5, {5: -0.1, 6: -3.0})))
    assert search.best.written == [2, 5]
    assert search.next() is None, "all that is left is less likely than -0.9"


def test_an_end_counts_where_there_is_a_choice_only():
    search = AnswerSearch()
    search.take(written((), (1, {1: -0.5, 2: -0.6}), (END, {END: -9.0})))
    assert search.next() is None, "an answer that can only end ends by itself"
    search = AnswerSearch()
    search.take(written((), (1, {1: -0.5, 2: -0.6}), (END, {END: -0.4, 3: -1.5})))
    assert search.next() == (2,), "-0.6 may become more than -0.9"


def scores(engine, rule, prompt, answers):
    """Log-probability of each answer's tokens, and of its end where another token might follow."""
    head, found = tokens(engine.tokenizer, prompt), []
    for answer in answers:
        body = [*tokens(engine.tokenizer, answer), rule.end]
        with torch.inference_mode():
            logits = engine.model(torch.tensor([[*head, *body]])).logits[0, len(head) - 1 : -1].log_softmax(-1)
        counted = [n for n in range(len(body)) if rule.after(body[:n]) != [rule.end]]
        found.append(sum(float(logits[n, body[n]]) for n in counted))
    return found


def test_a_model_that_knows_nothing_is_asked_a_few_times_only():
    search, followed = AnswerSearch(), []
    search.take(written((), (1, dict.fromkeys(range(1, 30), -1.0)), (3, {3: -5.0, 4: -5.0})))
    while (begun := search.next()) is not None:
        followed.append(begun)
        search.take(written(begun, (3, {3: -5.0, 4: -5.0})))
    assert len(followed) == module.MOST_FOLLOWED


def test_it_is_the_likeliest_of_all(tiny, monkeypatch):
    monkeypatch.setattr(module, "MOST_FOLLOWED", 100)
    engine, draw = TorchEngine(tiny), random.Random(3)
    answers = sorted({"".join(draw.choices("abcde", k=draw.randint(1, 5))) for _ in range(60)})
    rule = AllowedTokens(engine.tokenizer, answers)
    greedy = engine.choose([tokens(engine.tokenizer, p) for p in PROMPTS], [()] * len(PROMPTS), [rule] * len(PROMPTS))
    first = [engine.tokenizer.decode(chosen.tokens, skip_special_tokens=True) for chosen in greedy]
    found = [answer.text for answer in engine.generate(PROMPTS, 20, allowed=answers)]
    assert found != first, "the random model has answers that a greedy way misses"
    for prompt, text in zip(PROMPTS, found, strict=True):
        each = scores(engine, rule, prompt, answers)
        assert each[answers.index(text)] == pytest.approx(max(each), abs=1e-4)


def test_the_answer_is_told_at_once_and_prompts_are_counted_once(tiny):
    engine, told, counted = TorchEngine(tiny), [], []
    found = engine.generate(
        PROMPTS[:3], 20, progress=counted.append, allowed=["ab", "ba"], written=lambda at, text: told.append((at, text))
    )
    assert told == [(at, answer.text) for at, answer in enumerate(found)] and sum(counted) == 3
