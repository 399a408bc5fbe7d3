"""Records of other toolkits become rows, or are refused with the reason."""

from __future__ import annotations

import pytest

from buqi.rows.formats import converted, named_format

USER, BOT = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
SYSTEM = {"role": "system", "content": "s"}


@pytest.mark.parametrize(
    ("record", "name", "made"),
    [
        ({"messages": [SYSTEM, USER, BOT]}, "messages", {"src": ["q"], "tgt": ["a"], "system": "s"}),
        (
            {"messages": [SYSTEM | {"role": "developer"}, USER, BOT | {"loss": False}, USER, BOT]},
            "messages",
            {"src": ["q", "q"], "tgt": ["a", "a"], "system": "s", "label": [0, 1]},
        ),
        ({"messages": [USER, BOT, USER, BOT], "label": [1, 0]}, "messages",
         {"src": ["q", "q"], "tgt": ["a", "a"], "label": [1, 0]}),
        ({"messages": [USER | {"content": [{"type": "text", "text": "q"}]}, BOT | {"weight": 1}]}, "messages",
         {"src": ["q"], "tgt": ["a"]}),
        ({"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}], "system": "s"},
         "conversations (ShareGPT)", {"src": ["q"], "tgt": ["a"], "system": "s"}),
        ({"instruction": "Translate.", "input": "cat", "output": "猫"}, "instruction/input/output (Alpaca)",
         {"src": ["Translate.\ncat"], "tgt": ["猫"]}),
        ({"instruction": "q", "input": "", "output": "a", "history": [["x", "y"]]}, "instruction/input/output (Alpaca)",
         {"src": ["x", "q"], "tgt": ["y", "a"]}),
        ({"query": "q", "response": "a"}, "query/response", {"src": ["q"], "tgt": ["a"]}),
        ({"prompt": "q", "completion": "a"}, "prompt/completion", {"src": ["q"], "tgt": ["a"]}),
    ],
)  # fmt: skip
def test_known_formats(record, name, made):
    assert named_format(record) == name
    assert converted(record) == made


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"messages": [USER, BOT, USER]}, "messages[2]: the last question has no answer"),
        ({"messages": [BOT]}, "messages[0]: from the assistant where the user is expected"),
        ({"messages": [USER, USER, BOT]}, "messages[1]: from the user"),
        ({"messages": [USER, SYSTEM, BOT]}, "a second system message"),
        ({"messages": [SYSTEM, USER, BOT], "system": "t"}, "a second system message"),
        ({"messages": [USER, {"role": "tool", "content": "x"}, BOT]}, "role 'tool'"),
        ({"messages": [USER, BOT | {"tool_calls": [{}]}]}, "calls a tool"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [{}]}]}, "calls a tool"),
        ({"messages": [USER | {"content": [{"type": "image_url"}]}, BOT]}, "content is no text"),
        ({"messages": [USER, BOT | {"content": None}]}, "content is no text"),
        ({"messages": [USER, BOT], "images": ["x.png"]}, "images: pictures or sound"),
        ({"messages": [USER, BOT], "tools": [{}]}, "tools: tools"),
        ({"messages": [USER], "chosen_response": [BOT], "rejected_response": [BOT]}, "a choice between two answers"),
        ({"messages": [3]}, "expected an object"),
        ({"messages": []}, "no turns"),
        ({"conversations": [{"from": "gpt", "value": "a"}]}, "conversations[0]: from the assistant"),
        ({"prompt": [USER], "completion": [BOT]}, "expected a text and its answer, found list and list"),
        ({"instruction": "q", "input": ["x"], "output": "a"}, "expected text"),
        ({"query": "q", "response": "a", "history": ["x"]}, "history: expected pairs"),
    ],
)
def test_what_cannot_be_right_is_refused(record, why):
    assert named_format(record)
    assert why in converted(record)


@pytest.mark.parametrize("record", [{"src": "a", "tgt": "b", "messages": []}, {"text": "a"}, [1], "x", None, {}])
def test_what_is_none_of_them_has_no_name(record):
    assert named_format(record) == ""
