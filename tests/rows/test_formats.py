"""Records of other toolkits become rows, or are refused with the reason."""

from __future__ import annotations

import json

import pytest

from buqi.rows.formats import container_key, converted, named_format

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
        ({"prompt": "q", "response": "a"}, "prompt/response", {"src": ["q"], "tgt": ["a"]}),
        ({"question": "q", "answer": 5}, "question/answer", {"src": ["q"], "tgt": ["5"]}),
        ({"input": "q", "output": "a"}, "input/output", {"src": ["q"], "tgt": ["a"]}),
        ({"input": "q", "target": "a"}, "input/target", {"src": ["q"], "tgt": ["a"]}),
        ({"prompt": [SYSTEM, USER], "completion": [BOT]}, "prompt/completion",
         {"src": ["q"], "tgt": ["a"], "system": "s"}),
        ({"conversation": [{"human": "q", "assistant": "a"}, {"human": "p", "assistant": "b"}]}, "conversation",
         {"src": ["q", "p"], "tgt": ["a", "b"]}),
        ({"conversation": [{"system": "s", "input": "q", "output": "a"}]}, "conversation",
         {"src": ["q"], "tgt": ["a"], "system": "s"}),
        ({"contents": [{"role": "user", "parts": [{"text": "q"}]}, {"role": "model", "parts": [{"text": "a"}]}],
          "systemInstruction": {"parts": [{"text": "s"}]}}, "contents (Gemini)",
         {"src": ["q"], "tgt": ["a"], "system": "s"}),
        ({"messages": json.dumps([USER, BOT]), "id": 7, "images": [], "tools": "[]"}, "messages",
         {"src": ["q"], "tgt": ["a"], "id": 7}),
        ({"instruction": "q", "output": "a", "history": '[["x", "y"]]'}, "instruction/input/output (Alpaca)",
         {"src": ["x", "q"], "tgt": ["y", "a"]}),
        ({"instruction": "q", "output": "a", "history": [USER, BOT]}, "instruction/input/output (Alpaca)",
         {"src": ["q", "q"], "tgt": ["a", "a"]}),
        ({"messages": [USER, BOT], "label": True}, "messages", {"src": ["q"], "tgt": ["a"], "label": True}),
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
        ({"messages": [USER | {"content": [{"type": "image_url"}]}, BOT]}, "holds image_url; a row is text only"),
        ({"messages": [USER, BOT | {"content": None}]}, "content is no text"),
        ({"messages": [USER, BOT], "images": ["x.png"]}, "images: pictures or sound"),
        ({"messages": [USER, BOT], "tools": [{}]}, "tools: calls of tools"),
        ({"messages": [USER], "chosen_response": [BOT], "rejected_response": [BOT]}, "a choice between two answers"),
        ({"messages": [3]}, "expected an object"),
        ({"messages": '["a"]'}, "expected an object"),
        ({"messages": []}, "no turns"),
        ({"conversations": [{"from": "gpt", "value": "a"}]}, "conversations[0]: from the assistant"),
        ({"prompt": [USER], "completion": "a"}, "expected a text and its answer, found list and str"),
        ({"messages": [USER, BOT], "label": False}, "label false: a bad answer"),
        ({"instruction": "q", "output": "bad", "kto_tag": "False"}, "kto_tag false: a bad answer"),
        ({"messages": [USER, BOT], "rejected_messages": [USER, BOT]}, "rejected_messages: a choice between two"),
        ({"messages": [USER, BOT], "positive_messages": [[USER]]}, "positive_messages: a choice between two"),
        ({"prompt": "q", "chosen": "a", "rejected": "b"}, "chosen, rejected: a choice between two answers"),
        ({"instruction": "q", "input": "", "chosen": "a", "rejected": "b"}, "chosen, rejected: a choice"),
        ({"chosen": [USER, BOT], "rejected": [USER, BOT]}, "chosen, rejected: a choice"),
        ({"instruction": "q", "output": ["good", "bad"]}, "output: a choice between two answers"),
        ({"custom_id": "1", "url": "/v1", "body": {"messages": [USER]}}, "a request of a batch of OpenAI"),
        ({"custom_id": "1", "response": {"body": {}}}, "an answer of a batch of OpenAI"),
        ({"columns": ["src"], "index": [0], "data": [["a"]]}, "a table of pandas"),
        ({"mine": {"file_name": "a.json"}, "other": {"hf_hub_url": "x/y"}}, "a list of data sets"),
        ({"prompt": [USER], "solution": "4"}, "a question without an answer"),
        ({"question": "q", "answer": {"text": ["x"]}}, "found str and dict"),
        ({"instruction": "q", "output": "a", "history": [USER]}, "from the user where the assistant is expected"),
        ({"instruction": "q", "input": ["x"], "output": "a"}, "expected text"),
        ({"query": "q", "response": "a", "history": ["x"]}, "history: expected pairs"),
    ],
)
def test_what_cannot_be_right_is_refused(record, why):
    assert named_format(record)
    assert why in converted(record)


@pytest.mark.parametrize("text", ["[1", "[" * 100_000, r'["\ud83d"]', '[{"a": 1, "a": 2}]'])
def test_a_text_that_is_no_sound_json_is_no_list(text):
    assert named_format({"messages": text}) == ""


def test_keys_that_say_no_are_no_other_task():
    record = {"messages": [USER, BOT], "image": False, "tools": "null", "score": 0}
    assert converted(record) == {"src": ["q"], "tgt": ["a"], "image": False, "score": 0}


def test_a_row_holds_no_rows():
    assert container_key({"data": [{"src": "a"}]}) == "data"
    assert container_key({"messages": [USER, BOT], "data": [{"src": "a"}]}) == ""
    assert container_key({"src": "a", "data": [{}]}) == ""


@pytest.mark.parametrize(
    "record",
    [
        {"label": False, "address": "x"},
        {"prompt": "q"},
        {"text": "a", "chosen": 1},
        {"src": "a", "tgt": "b", "messages": []},
        {"text": "a"},
        [1],
        "x",
        None,
        {},
    ],
)
def test_what_is_none_of_them_has_no_name(record):
    assert named_format(record) == ""
