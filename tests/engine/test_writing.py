"""Only listed answers can be written, and what is written is told character by whole character."""

from __future__ import annotations

import pytest

from buqi.base import load_tokenizer
from buqi.engine.writing import AllowedTokens, AnswerStreamer, grammar_of
from buqi.errors import UsageError
from buqi.task import tokens


def test_allowed_tokens_follow_the_list(tiny):
    tokenizer = load_tokenizer(tiny)
    answers = ["不是", "不知道", "是"]
    follow = AllowedTokens(tokenizer, answers)
    for answer in answers:
        ids = [*tokens(tokenizer, answer), follow.end]
        for at, token in enumerate(ids):
            assert token in follow.after(ids[:at])
    assert follow.after([follow.end]) == [follow.end]
    assert set(follow.after([])) == {tokens(tokenizer, answer)[0] for answer in answers}


def test_some_answer_must_be_allowed(tiny):
    assert grammar_of(["是", '"a"']) == 'root ::= "是" | "\\"a\\""'
    for make in (grammar_of, lambda answers: AllowedTokens(load_tokenizer(tiny), answers)):
        with pytest.raises(UsageError, match="allowed: expected one answer or more"):
            make([])


def test_what_is_told_is_the_answer(tiny):
    tokenizer = load_tokenizer(tiny)
    told: dict[int, list[str]] = {3: [], 8: []}
    for row, text in ((3, "陕西省西安市"), (8, "ab")):
        streamer, ids = (
            AnswerStreamer(tokenizer, row, lambda row, text: told[row].append(text)),
            tokens(tokenizer, text),
        )
        for written in (1, 1, 4, len(ids)):  # a step may write several tokens
            streamer.put(ids[:written])
    assert ["".join(told[3]), "".join(told[8])] == ["陕西省西安市", "ab"]
    assert "\ufffd" not in "".join(told[3]) and len(told[3]) > 1
