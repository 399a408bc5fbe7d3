"""What a model wrote: a completion for the address task, its text for any other."""

from __future__ import annotations

from buqi.address import Completion
from buqi.answering import WrittenText, reply_of
from buqi.task import ADDRESS, ROWS


def test_an_answer_is_read_as_its_task_says():
    place = reply_of(ADDRESS, ADDRESS.prompt("碑林区1号"), "陕西省西安市碑林区1号", True)
    assert isinstance(place, Completion) and (place.input, place.county) == ("碑林区1号", "碑林区")
    assert reply_of(ROWS, "1 + 1", "2", False) == WrittenText("1 + 1", "2", False)


def test_what_is_not_known_stands_in_no_record():
    assert WrittenText("a", "b", True).as_json() == {"input": "a", "answer": "b", "stopped": True}
    assert WrittenText("a", "b", True, {"b": 1.0}).as_json()["probabilities"] == {"b": 1.0}
