"""Messages become turns, whatever they are called; marks of what is not trained count."""

from __future__ import annotations

from decimal import Decimal

import pytest

from buqi.rows.turns import paired, text_of, turns_of

USER, BOT = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
SYSTEM = {"role": "system", "content": "s"}


@pytest.mark.parametrize(
    "mark",
    [{"loss": False}, {"loss_scale": 0.0}, {"weight": "0"}, {"train": "false"}, {"masked": True}, {"masked": "1"}],
)
def test_answers_that_are_marked_are_not_trained(mark):
    assert turns_of([USER, BOT | mark, USER, BOT], "m", None, None)["label"] == [0, 1]


def test_marks_that_say_yes_change_nothing():
    marks = {"loss": True, "weight": 1, "masked": False, "loss_scale": None}
    assert "label" not in turns_of([USER | {"masked": True}, BOT | marks], "m", None, None)


def test_a_list_of_labels_has_one_for_each_answer_or_each_message():
    talk = [SYSTEM, USER, BOT, USER, BOT]
    for label in ([0, 1], [0, 0, 0, 0, 1]):
        assert turns_of(talk, "m", None, label)["label"] == [0, 1]
    assert turns_of(talk, "m", None, [0.5, 1])["label"] == [0.5, 1], "what is wrong is left to be named"


@pytest.mark.parametrize(("user", "bot"), [("User", "ASSISTANT"), ("prompter", " assistant "), ("human", "model")])
def test_roles_have_several_names(user, bot):
    assert turns_of([USER | {"role": user}, BOT | {"role": bot}], "m", None, None) == {"src": ["q"], "tgt": ["a"]}


def test_thoughts_stand_in_the_answer():
    made = turns_of([USER, BOT | {"reasoning_content": "because"}], "m", None, None)
    assert made == {"src": ["q"], "tgt": ["<think>\nbecause\n</think>\n\na"]}


def test_the_same_system_message_twice_is_one():
    assert turns_of([SYSTEM, USER, BOT], "m", "s", None)["system"] == "s"
    assert "a second system message" in turns_of([SYSTEM, USER, BOT], "m", "t", None)
    assert "a second system message" in turns_of([USER, SYSTEM, BOT], "m", None, None)


def test_entries_of_a_question_and_its_answer_become_two_messages():
    assert paired([{"system": "", "input": "q", "output": "a"}]) == [
        {"system": "", "input": "q", "output": "a", **message} for message in (USER, BOT)
    ]
    assert paired([USER | {"input": "x"}, 3]) == [USER | {"input": "x"}, 3]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("q", "q"), (5, "5"), (Decimal("1.10"), "1.10"), (True, None), (float("nan"), None), (None, None), ([], None),
        ([{"type": "text", "text": "a"}, {"type": "output_text", "text": "b"}], "ab"), ([{"text": "a"}], "a"),
        ([{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}], None), (["a", "b"], None),
    ],
)  # fmt: skip
def test_contents_as_text(content, text):
    assert text_of(content) == text
