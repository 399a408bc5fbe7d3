from __future__ import annotations

from buqi.engine import drafter as module
from buqi.engine.drafter import AnswerNgrams, Drafter


def test_what_stands_in_the_prompt_is_copied():
    drafter = Drafter([1, 2, 3, 4, 5, 6], AnswerNgrams())
    assert drafter.guess(4) == []
    drafter.extend([9, 2, 3])
    assert drafter.guess(2) == [4, 5] and drafter.guess(9)[:3] == [4, 5, 6]
    drafter.extend([7])
    assert drafter.guess(3) == []


def test_answers_begin_as_earlier_ones_did():
    ngrams = AnswerNgrams()
    ngrams.learn([50, 51, 52, 53])
    drafter = Drafter([1, 2, 3], ngrams)
    assert drafter.guess(3) == [50, 51, 52]
    drafter.extend([50, 51])
    assert drafter.guess(9) == [52, 53]
    assert Drafter([1, 2, 3], AnswerNgrams()).guess(3) == []


def test_only_the_newest_pieces_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "MOST_NGRAMS", 10)
    ngrams = AnswerNgrams()
    for start in range(20):
        ngrams.learn(range(start * 100, start * 100 + 5))
    assert len(ngrams.next) == 10 and ngrams.next[()] == 1900


def test_what_is_seen_again_is_new_again(monkeypatch):
    monkeypatch.setattr(module, "MOST_NGRAMS", 4)
    ngrams = AnswerNgrams()
    for answer in ([1, 2, 3], [1, 9], [5, 6]):
        ngrams.learn(answer)
    assert ngrams.next == {(1,): 9, (): 5, (5,): 6, (1, 2): 3}
    ngrams.learn([5, 6, 7])
    assert ngrams.next == {(1,): 9, (): 5, (5,): 6, (5, 6): 7}, "(1, 2) was seen longest ago"
