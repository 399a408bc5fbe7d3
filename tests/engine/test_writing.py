from __future__ import annotations

import torch

from buqi.base import load_tokenizer
from buqi.engine.writing import AllowedAnswers, AnswerStreamer
from buqi.task import tokens


def test_only_listed_answers_can_be_written(tiny):
    tokenizer = load_tokenizer(tiny)
    allowed = AllowedAnswers(tokenizer, ["ab", "ac", "a"])
    a, b, c = (tokens(tokenizer, letter)[0] for letter in "abc")
    assert allowed.after([]) == [a]
    assert allowed.after([a]) == sorted([b, c, tokenizer.eos_token_id])
    assert allowed.after([a, b]) == allowed.after([a, b, tokenizer.eos_token_id]) == [tokenizer.eos_token_id]


def test_characters_are_told_when_their_bytes_are_all_there(tiny):
    tokenizer = load_tokenizer(tiny)
    told: list[tuple[int, str]] = []
    streamer = AnswerStreamer(tokenizer, [7, 3], lambda row, text: told.append((row, text)))
    end = tokenizer.eos_token_id
    one, other = tokens(tokenizer, "碑a"), [*tokens(tokenizer, "b"), end, *tokens(tokenizer, "xx")]
    assert len(one) == len(other) == 4
    streamer.put(torch.tensor([[1, 2], [1, 2]]))  # the prompts
    for step in zip(one, other, strict=True):
        streamer.put(torch.tensor(step))
    streamer.end()
    assert told == [(3, "b"), (7, "碑"), (7, "a")], "nothing behind the end"
