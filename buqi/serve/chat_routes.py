"""Chat as OpenAI's clients expect it, streamed while it is written."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from buqi.address import Completion
from buqi.serve import schemas
from buqi.serve.checks import check_chat
from buqi.serve.models import CHAIN, Chat, not_loaded
from buqi.serve.problems import DEFECT, ERRORS, Problem, error_body
from buqi.serve.service import Service

if TYPE_CHECKING:
    from buqi.engine import Answer

EVENTS = "text/event-stream"
log = logging.getLogger("buqi.serve")
WARNING = "X-Buqi-Warning"  # names what of a request had no effect
SPEAKER = {"role": "assistant", "content": ""}  # what a stream begins with


def add_chat_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/models`` and ``/v1/chat/completions``."""
    settings = service.settings

    @app.get("/v1/models", tags=["chat"])
    async def models() -> dict[str, Any]:
        """List what a chat may ask for."""
        return {"object": "list", "data": [_entry(name) for name in service.models.names]}

    @app.get("/v1/models/{model}", responses=ERRORS, tags=["chat"])
    async def one_model(model: str) -> dict[str, Any]:
        """Describe a model that a chat may ask for."""
        if model not in service.models.names:
            raise not_loaded(model)
        return _entry(model)

    @app.post("/v1/chat/completions", responses=ERRORS, tags=["chat"])
    async def chat(asked: schemas.ChatRequest, request: Request) -> Response:
        """Answer a chat: ``buqi-address`` completes the last message, other names are base and adapters."""
        messages = [message.plain() for message in asked.messages]
        check_chat([m["content"] for m in messages], settings)
        if messages[-1]["role"] != "user":
            raise Problem(422, "messages: the last one must be the user's", "bad_messages", param="messages")
        if asked.model == CHAIN:
            reply = await _completed(service, asked, messages[-1]["content"], request)
        else:
            reply = await _written(service, asked, messages, request)
        if useless := asked.without_effect:
            reply.headers[WARNING] = useless
        return reply


def _entry(model: str) -> dict[str, Any]:
    return {"id": model, "object": "model", "created": 0, "owned_by": "buqi"}


async def _completed(service: Service, asked: schemas.ChatRequest, text: str, request: Request) -> Response:
    """Return what table and memory say of an address."""
    (completion,) = await service.addresses.submit([text], service.settings.timeout, request.is_disconnected)
    answer = until_stop(_said(completion), asked.stops)[0]
    service.count_tokens(used := (len(text), len(answer)))
    if not asked.stream:
        return JSONResponse(_reply(CHAIN, answer, True, used))
    stream = _Stream(asked)
    events = [stream.piece(SPEAKER), stream.piece({"content": answer}), stream.piece({}, "stop")]
    return Response("".join([*events, stream.end(used)]), media_type=EVENTS)


def _said(completion: Completion) -> str:
    """Return the address alone, or in words that it cannot be told and what it may be."""
    if completion.status in ("complete", "partial"):
        return completion.full
    others = "；".join(str(other["full"]) for other in completion.alternatives[:3])
    return "无法确定这个地址在哪里。" + (f"可能是：{others}" if others else "")


async def _written(
    service: Service, asked: schemas.ChatRequest, messages: list[dict[str, str]], request: Request
) -> Response:
    """Return what base or adapter writes."""
    settings = service.settings
    most = min(asked.max_completion_tokens or asked.max_tokens or settings.max_tokens, settings.max_tokens)
    prompt = service.models.prompt(asked.model, messages)
    if asked.stream:
        return await _streamed(service, asked, prompt, most)
    question = Chat(asked.model, prompt)
    try:
        (found,) = await service.chats.submit([question], settings.timeout, request.is_disconnected, most)
    finally:
        question.left.set()
    answer = _answer(found, asked.stops)
    service.count_tokens(used := service.models.used(prompt, answer.text))
    return JSONResponse(_reply(asked.model, answer.text, answer.stopped, used))


def _answer(found: Answer | Problem, stops: Sequence[str] = ()) -> Answer:
    if isinstance(found, Problem):
        raise found
    text, cut = until_stop(found.text, stops)
    return replace(found, text=text, stopped=found.stopped or cut)


def until_stop(text: str, stops: Sequence[str]) -> tuple[str, bool]:
    """Return ``text`` up to the first of ``stops``, and whether there was one."""
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    return (text[: min(ends)], True) if ends else (text, False)


async def _streamed(service: Service, asked: schemas.ChatRequest, prompt: str, most: int) -> Response:
    """Begin to stream once something is written; what fails before that has its own status."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[str | None]()  # None: the answer is whole

    def tell(text: str) -> None:
        loop.call_soon_threadsafe(pieces.put_nowait, text)

    question = Chat(asked.model, prompt, tell)
    answering = asyncio.create_task(service.chats.submit([question], service.settings.timeout, None, most))

    def end(_: object) -> None:
        question.left.set()
        pieces.put_nowait(None)

    answering.add_done_callback(end)
    first = await pieces.get()
    if answering.done():
        _answer(answering.result()[0])  # raises what went wrong
    stops, held = asked.stops, max(map(len, asked.stops), default=1) - 1

    async def events() -> AsyncIterator[str]:
        stream, sent, whole, text = _Stream(asked), "", "", first
        try:
            yield stream.piece(SPEAKER)
            while text is not None:
                whole += text
                ready = until_stop(whole, stops)[0][: len(whole) - held]  # what may be the beginning of a stop waits
                if len(ready) > len(sent):
                    yield stream.piece({"content": ready[len(sent) :]})
                    sent = ready
                text = await pieces.get()
            answer = _answer((await answering)[0], stops)
            if answer.text.startswith(sent) and (rest := answer.text[len(sent) :]):
                yield stream.piece({"content": rest})
            yield stream.piece({}, _reason(answer.stopped))
            service.count_tokens(used := service.models.used(prompt, answer.text))
            yield stream.end(used)
        except Problem as problem:
            yield _event(error_body(problem.message, problem.code, problem.param))
        except Exception:  # the status is sent already: only an event can say that no more comes
            log.exception("a stream broke off")
            yield _event(error_body(DEFECT.message, DEFECT.code))
        finally:
            answering.cancel()  # of no use to anyone when the client has left

    return StreamingResponse(events(), media_type=EVENTS)


def _reply(model: str, answer: str, stopped: bool, used: tuple[int, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer}
    choices = [{"index": 0, "message": message, "finish_reason": _reason(stopped)}]
    return _head("chat.completion", model) | {"choices": choices, "usage": _usage(used)}


def _head(kind: str, model: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _reason(stopped: bool) -> str:
    return "stop" if stopped else "length"


def _usage(used: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)}


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


class _Stream:
    """The events of one streamed answer."""

    def __init__(self, asked: schemas.ChatRequest) -> None:
        self.usage, self.shared = asked.wants_usage, _head("chat.completion.chunk", asked.model)

    def piece(self, delta: dict[str, str], reason: str | None = None) -> str:
        """Return the event of a piece, or of the end with its reason."""
        return _event(self.shared | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

    def end(self, used: tuple[int, int]) -> str:
        """Return what ends the stream, with the tokens used if they were asked for."""
        tokens = _event(self.shared | {"choices": [], "usage": _usage(used)}) if self.usage else ""
        return tokens + "data: [DONE]\n\n"
