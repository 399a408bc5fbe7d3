"""Chat as OpenAI's clients expect it, streamed while it is written."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from buqi.serve import schemas
from buqi.serve.checks import check_texts
from buqi.serve.models import CHAIN, Chat
from buqi.serve.problems import ERRORS, Problem, body
from buqi.serve.service import Service

if TYPE_CHECKING:
    from buqi.engine import Answer

Delta = tuple[dict[str, str], str | None]


def add_chat_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/models`` and ``/v1/chat/completions``."""
    settings = service.settings

    @app.get("/v1/models", tags=["chat"])
    async def models() -> dict[str, Any]:
        """List what a chat may ask for."""
        entries = [{"id": n, "object": "model", "created": 0, "owned_by": "buqi"} for n in service.models.names]
        return {"object": "list", "data": entries}

    @app.post("/v1/chat/completions", responses=ERRORS, tags=["chat"])
    async def chat(asked: schemas.ChatRequest, request: Request) -> Response:
        """Answer a chat: ``buqi-address`` completes the last message, other names are base and adapters."""
        if asked.temperature:
            raise Problem(422, "temperature: answers are greedy; send 0 or leave it out", "invalid")
        messages = [{"role": m.role, "content": m.content} for m in asked.messages]
        check_texts([m["content"] for m in messages], settings)
        if asked.model != CHAIN:
            return await _written(service, asked, messages, request)
        text = messages[-1]["content"]
        (completion,) = await service.addresses.submit([text], settings.timeout, request.is_disconnected)
        service.count_tokens(used := (len(text), len(completion.full)))
        if not asked.stream:
            return JSONResponse(_reply(CHAIN, completion.full, True, used))
        stream = _Stream(CHAIN, asked.wants_usage)
        pieces = [stream.piece(delta) for delta in ((_delta(completion.full)), ({}, "stop"))]
        return StreamingResponse(_sent([stream.first(), *pieces, stream.end(used)]), media_type="text/event-stream")


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
    (found,) = await service.chats.submit([question], settings.timeout, request.is_disconnected, most)
    answer = _answer(found)
    used = service.models.used(prompt, answer.text)
    service.count_tokens(used)
    return JSONResponse(_reply(asked.model, answer.text, answer.stopped, used))


def _answer(found: Answer | Problem) -> Answer:
    if isinstance(found, Problem):
        raise found
    return found


async def _streamed(service: Service, asked: schemas.ChatRequest, prompt: str, most: int) -> Response:
    """Begin to stream once something is written; what fails before that has its own status."""
    loop, pieces = asyncio.get_running_loop(), asyncio.Queue[str]()

    def tell(text: str) -> None:
        loop.call_soon_threadsafe(pieces.put_nowait, text)

    question = Chat(asked.model, prompt, tell)
    answering = asyncio.create_task(service.chats.submit([question], service.settings.timeout, None, most))
    first = asyncio.create_task(pieces.get())
    await asyncio.wait({answering, first}, return_when=asyncio.FIRST_COMPLETED)
    if answering.done():
        if not first.done():
            first.cancel()
        _answer(answering.result()[0])  # raises what went wrong

    async def events() -> AsyncIterator[str]:
        stream, sent = _Stream(asked.model, asked.wants_usage), ""
        try:
            yield stream.first()
            async for text in _until(answering, pieces, first):
                sent += text
                yield stream.piece(_delta(text))
            answer = _answer((await answering)[0])
            if answer.text.startswith(sent) and (rest := answer.text[len(sent) :]):
                yield stream.piece(_delta(rest))
            yield stream.piece(({}, "stop" if answer.stopped else "length"))
            used = service.models.used(prompt, answer.text)
            service.count_tokens(used)
            yield stream.end(used)
        except Problem as problem:
            yield f"data: {json.dumps(body(problem.message, problem.code), ensure_ascii=False)}\n\n"
        finally:
            answering.cancel()  # of no use to anyone when the client has left

    return StreamingResponse(events(), media_type="text/event-stream")


async def _until(
    answering: asyncio.Task[list[Any]], pieces: asyncio.Queue[str], first: asyncio.Task[str]
) -> AsyncIterator[str]:
    """Yield pieces until the answer is whole and none is left."""
    waiting = first
    while True:
        if not waiting.cancelled():
            await asyncio.wait({answering, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done() and not waiting.cancelled():
            yield waiting.result()
        elif answering.done():
            waiting.cancel()
            while not pieces.empty():
                yield pieces.get_nowait()
            return
        waiting = asyncio.create_task(pieces.get())


def _reply(model: str, answer: str, stopped: bool, used: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer},
                "finish_reason": "stop" if stopped else "length",
            }
        ],
        "usage": _usage(used),
    }


def _usage(used: tuple[int, int]) -> dict[str, int]:
    return {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": sum(used)}


def _delta(text: str) -> Delta:
    return {"content": text}, None


async def _sent(lines: list[str]) -> AsyncIterator[str]:
    for line in lines:
        yield line


class _Stream:
    """The events of one streamed answer."""

    def __init__(self, model: str, usage: bool) -> None:
        self.usage = usage
        self.shared: dict[str, Any] = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }

    def first(self) -> str:
        """Return the event that says who speaks."""
        return self.piece(({"role": "assistant", "content": ""}, None))

    def piece(self, delta: Delta) -> str:
        """Return the event of a piece, or of the end with its reason."""
        choice = {"index": 0, "delta": delta[0], "finish_reason": delta[1]}
        return f"data: {json.dumps(self.shared | {'choices': [choice]}, ensure_ascii=False)}\n\n"

    def end(self, used: tuple[int, int]) -> str:
        """Return what ends the stream, with the tokens used if they were asked for."""
        told = f"data: {json.dumps(self.shared | {'choices': [], 'usage': _usage(used)})}\n\n" if self.usage else ""
        return told + "data: [DONE]\n\n"
