"""Bodies and events as OpenAI's clients read them."""

from __future__ import annotations

import json

from buqi.serve.chat_format import AnswerStream, answer_body, error_event, until_stop
from buqi.serve.problems import Problem


def events(text: str) -> list:
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line and "[DONE]" not in line]


def test_a_whole_answer_says_why_it_ended_and_what_it_took():
    for stopped, reason in ((True, "stop"), (False, "length")):
        body = answer_body("base", "北京", stopped, (3, 2))
        assert body["choices"][0]["finish_reason"] == reason and body["choices"][0]["message"]["content"] == "北京"
        assert body["usage"] == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def test_a_stream_is_one_answer_in_pieces():
    stream = AnswerStream("base", with_usage=True)
    first, piece, last, usage = events(stream.begin() + stream.content("北京") + stream.end(False, (3, 2)))
    assert len({event["id"] for event in (first, piece, last, usage)}) == 1
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert piece["choices"][0] == {"index": 0, "delta": {"content": "北京"}, "finish_reason": None}
    assert last["choices"][0]["finish_reason"] == "length" and usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 5
    end = AnswerStream("base", with_usage=False).end(True, (3, 2))
    assert len(events(end)) == 1 and end.endswith("data: [DONE]\n\n")


def test_a_stream_that_breaks_off_ends_with_an_error():
    (event,) = events(error_event(Problem(404, "gone", "model_not_found", param="model")))
    assert event["error"]["code"] == "model_not_found" and event["error"]["param"] == "model"


def test_the_first_stop_in_the_text_cuts_it():
    assert until_stop("一二三四", ("四", "二")) == ("一", True)
    assert until_stop("一二三四", ("五",)) == until_stop("一二三四", ()) == ("一二三四", False)
