"""The bodies that are described are those that are sent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from buqi.address.completer import Completer
from buqi.answering import AnswerOptions
from buqi.serve.jobs import Jobs, UploadOptions
from buqi.serve.schemas import ChatRequest, CompleteRequest, CompletionBody, JobBody
from tests.serve.conftest import TEXTS

HELLO = {"model": "base", "messages": [{"role": "user", "content": "a"}]}


def test_completions_are_as_described():
    for completion in Completer().complete_all(TEXTS):
        sent = completion.as_json()
        described = CompletionBody(**sent).model_dump(exclude_unset=True)
        assert described == sent


def test_jobs_are_as_described(tmp_path):
    jobs = Jobs(tmp_path, AnswerOptions("match"), 5, 5)
    try:
        job, _ = jobs.new_folder("")
        sent = jobs.add(job, "me", "客户.csv", ".csv", UploadOptions())
        assert JobBody(**sent).model_dump() == sent
    finally:
        jobs.stop()


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 3}, {"n": 2}, {"max_tokens": 0}, {"messages": []}, {"messages": [{"role": "x"}]},
        {"stop": ["a"] * 5}, {"stream_options": {"include_usage": "?"}}, {"top_p": 2},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
    ],
)  # fmt: skip
def test_chats_that_mean_nothing_are_refused(change):
    assert ChatRequest(**HELLO).messages[0].content == "a"
    with pytest.raises(ValidationError, match=next(iter(change))):
        ChatRequest(**HELLO | change)


def test_what_is_not_known_is_refused_of_addresses_and_passed_over_in_chats():
    with pytest.raises(ValidationError, match="mode"):
        CompleteRequest(text="a", mode="rm")
    assert not ChatRequest(**HELLO, top_p=1).wants_usage
    assert ChatRequest(**HELLO, stream_options={"include_usage": True}).wants_usage


def test_what_clients_send_is_read():
    parts = [{"type": "text", "text": "碑林区"}, {"type": "text", "text": "1号", "cache_control": {}}]
    turns = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": parts, "name": "x"}]
    asked = ChatRequest(**HELLO | {"messages": turns, "stop": "。", "n": None, "stream": None, "seed": 7})
    assert [message.plain() for message in asked.messages] == [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "碑林区1号"},
    ]  # fmt: skip
    assert asked.stops == ("。",) and ChatRequest(**HELLO, stop=["a", "", "b"]).stops == ("a", "b")
    assert asked.without_effect == "" and not asked.stream
    sampled = ChatRequest(**HELLO, temperature=0.7, top_p=0.9, top_k=5, tools=[], **{"x\r\ny": 1})
    assert sampled.without_effect == (
        "temperature has no effect (answers are greedy); top_p has no effect (answers are greedy); "
        "not known here: top_k, x??y"
    )
    default = {"frequency_penalty": 0, "presence_penalty": 0.0, "store": False, "user": "me", "logprobs": False}
    assert ChatRequest(**HELLO, **default, response_format={"type": "text"}, tool_choice="none").without_effect == ""
    assert ChatRequest(**HELLO, 键=1, logprobs=True).without_effect == r"not known here: logprobs, \u952e"
    assert ChatRequest(**HELLO, max_tokens=-1, max_completion_tokens=-1).max_tokens is None
