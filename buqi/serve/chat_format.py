"""Answers of a chat in OpenAI's form: one body, or the events of a stream."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence
from typing import Any

from buqi.serve.problems import Problem


def model_body(model: str) -> dict[str, Any]:
    """Return what the list of models says of one."""
    return {"id": model, "object": "model", "created": 0, "owned_by": "buqi"}


def answer_body(model: str, answer: str, stopped: bool, used: tuple[int, int]) -> dict[str, Any]:
    """Return a whole answer.

    Args:
        stopped: whether the model ended it, or one of the request's ``stop``; else it ran out of tokens.
        used: tokens of the prompt, and of the answer.
    """
    message = {"role": "assistant", "content": answer}
    choices = [{"index": 0, "message": message, "finish_reason": _finish_reason(stopped)}]
    return _head("chat.completion", model) | {"choices": choices, "usage": _usage(used)}


def error_event(problem: Problem) -> str:
    """Return the event that ends a stream whose answer broke off."""
    return _event(problem.body())


class AnswerStream:
    """The events of one streamed answer: `begin`, any number of `content`, `end`."""

    def __init__(self, model: str, with_usage: bool) -> None:
        self.head, self.with_usage = _head("chat.completion.chunk", model), with_usage

    def begin(self) -> str:
        """Return the first event: who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def content(self, text: str) -> str:
        """Return the event of a piece of the answer."""
        return self._chunk({"content": text})

    def end(self, stopped: bool, used: tuple[int, int]) -> str:
        """Return the last events: why the answer ends, the tokens used if they were asked for, and OpenAI's mark."""
        usage = _event(self.head | {"choices": [], "usage": _usage(used)}) if self.with_usage else ""
        return self._chunk({}, _finish_reason(stopped)) + usage + "data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, str], reason: str | None = None) -> str:
        return _event(self.head | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def until_stop(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """Return ``text`` up to the first of ``stops``, and whether there was one."""
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _finish_reason(stopped: bool) -> str:
    return "stop" if stopped else "length"


def _usage(used: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)}


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"
