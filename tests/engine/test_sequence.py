from __future__ import annotations

from buqi.base import load_tokenizer
from buqi.engine.drafter import AnswerNgrams, Drafter
from buqi.engine.sequence import AnswerRequest, WrittenSequence
from buqi.engine.writing import AllowedTokens
from buqi.task import tokens

END = 99


def sequence(prompt, most=10, allowed=None):
    return WrittenSequence(prompt, AnswerRequest(most, END, None, allowed), Drafter(prompt, AnswerNgrams()))


def test_a_prompt_is_read_in_pieces():
    row = sequence([1, 2, 3, 4, 5])
    row.feed(3, 4)
    assert row.fed == [1, 2, 3] and row.scored == 0
    row.take([])
    row.feed(3, 4)
    assert (row.cached, row.fed, row.scored) == (3, [4, 5], 1)
    row.take([2])
    assert row.written == [2] and row.cached == 5 and not row.done


def test_guesses_stay_as_far_as_the_model_chooses_the_same():
    row = sequence([1, 2, 3, 4, 5])
    row.feed(9, 0)
    row.take([2])
    row.feed(1, 3)
    assert row.fed == [2, 3, 4, 5] and row.scored == 4
    row.take([3, 4, 7, 8])
    assert row.written == [2, 3, 4, 7] and row.cached == len(row.ids) - 1, (
        "7 is the model's own; 8 followed on a wrong guess"
    )


def test_the_end_and_the_most_tokens_end_it():
    row = sequence([1, 2, 3])
    row.feed(9, 0)
    row.take([END])
    assert row.done and row.stopped and row.written == []
    row = sequence([1, 2, 3, 4], most=2)
    row.feed(9, 0)
    row.take([2])
    row.feed(1, 5)
    assert row.fed == [2], "no guess behind the last token"
    row.take([3])
    assert row.done and not row.stopped and row.written == [2, 3]


def test_what_must_follow_is_guessed(tiny):
    tokenizer = load_tokenizer(tiny)
    follow = AllowedTokens(tokenizer, ["是的", "不是"])
    row = WrittenSequence([1, 2], AnswerRequest(20, follow.end, None, follow), Drafter([1, 2], AnswerNgrams()))
    row.feed(9, 9)
    assert row.fed == [1, 2], "two answers may follow"
    yes = tokens(tokenizer, "是的")
    row.take([yes[0]])
    row.feed(1, 20)
    assert row.fed == yes and row.may_follow() == [[token] for token in [*yes[1:], follow.end]]
