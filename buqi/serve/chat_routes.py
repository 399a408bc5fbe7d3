"""Chat as OpenAI's clients expect it, streamed while it is written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from buqi.address import Completion
from buqi.serve import schemas
from buqi.serve.chat_format import AnswerStream, answer_body, error_event, model_body, until_stop
from buqi.serve.checks import check_chat
from buqi.serve.models import CHAIN, Chat, not_loaded
from buqi.serve.problems import DEFECT, ERRORS, Problem
from buqi.serve.service import Service

if TYPE_CHECKING:
    from buqi.engine import Answer

EVENTS = "text/event-stream"
WARNING = "X-Buqi-Warning"  # names what of a request had no effect
log = logging.getLogger("buqi.serve")


def add_chat_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/models`` and ``/v1/chat/completions``."""
    settings = service.settings

    @app.get("/v1/models", tags=["chat"])
    async def models() -> dict[str, Any]:
        """List what a chat may ask for."""
        return {"object": "list", "data": [model_body(name) for name in service.models.names]}

    @app.get("/v1/models/{model}", responses=ERRORS, tags=["chat"])
    async def one_model(model: str) -> dict[str, Any]:
        """Describe a model that a chat may ask for."""
        if model not in service.models.names:
            raise not_loaded(model)
        return model_body(model)

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


async def _completed(service: Service, asked: schemas.ChatRequest, text: str, request: Request) -> Response:
    """Return what table and memory say of an address. Its characters are counted as tokens."""
    (completion,) = await service.addresses.submit([text], service.settings.timeout, request.is_disconnected)
    answer, _ = until_stop(_in_words(completion), asked.stops)
    service.count_tokens(used := (len(text), len(answer)))
    if not asked.stream:
        return JSONResponse(answer_body(CHAIN, answer, True, used))
    stream = AnswerStream(CHAIN, asked.wants_usage)
    return Response(stream.begin() + stream.content(answer) + stream.end(True, used), media_type=EVENTS)


def _in_words(completion: Completion) -> str:
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
    return JSONResponse(answer_body(asked.model, answer.text, answer.stopped, used))


def _answer(found: Answer | Problem, stops: Sequence[str]) -> Answer:
    """Return a model's answer up to the first of ``stops``, or raise the `Problem` that came in its place."""
    if isinstance(found, Problem):
        raise found
    text, cut = until_stop(found.text, stops)
    return replace(found, text=text, stopped=found.stopped or cut)


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
        _answer(answering.result()[0], ())  # raises what went wrong
    withheld = max(map(len, asked.stops), default=1) - 1  # last characters, which may be the beginning of a stop

    async def events() -> AsyncIterator[str]:
        stream, piece, whole, sent = AnswerStream(asked.model, asked.wants_usage), first, "", ""
        try:
            yield stream.begin()
            while piece is not None:
                whole += piece
                ready = until_stop(whole, asked.stops)[0][: len(whole) - withheld]
                if len(ready) > len(sent):
                    yield stream.content(ready[len(sent) :])
                    sent = ready
                piece = await pieces.get()
            answer = _answer((await answering)[0], asked.stops)
            if answer.text.startswith(sent) and (rest := answer.text[len(sent) :]):
                yield stream.content(rest)
            service.count_tokens(used := service.models.used(prompt, answer.text))
            yield stream.end(answer.stopped, used)
        except Problem as problem:
            yield error_event(problem)
        except Exception:  # the status is sent already: only an event can say that no more comes
            log.exception("a stream broke off")
            yield error_event(DEFECT)
        finally:
            answering.cancel()  # of no use to anyone when the client has left

    return StreamingResponse(events(), media_type=EVENTS)
