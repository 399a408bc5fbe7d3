"""The application: routes, and what lives as long as the service."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException

from buqi.address.answer import Completer
from buqi.address.completion import Completion
from buqi.bulk import Settings as Answering
from buqi.serve import schemas
from buqi.serve.batching import Batcher
from buqi.serve.figures import Figures
from buqi.serve.guard import Guard
from buqi.serve.job_routes import add_job_routes
from buqi.serve.jobs import Jobs
from buqi.serve.models import CHAIN, Models
from buqi.serve.problems import ERRORS, Problem, body
from buqi.serve.settings import Settings

STEP = 256  # addresses completed at once
CHATS = 16  # chats answered at once
PIECE = 12  # characters of a streamed piece


class Service:
    """What lives as long as the service: completer, models, queues, jobs, figures."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.figures = Figures()
        self.completer = Completer(settings.memory, settings.threshold)
        self.completer.complete("开发区1号")  # builds what is built once
        self.models = Models(settings)
        memory = str(settings.memory) if settings.memory else None
        self.jobs = Jobs(settings.data / "jobs", Answering("auto", memory, settings.threshold), settings.jobs)
        self.addresses: Batcher[str, Completion] = Batcher(self._complete, STEP, settings.queue, "addresses")
        self.chats: Batcher[str, Any] = Batcher(self.models.generate, CHATS, min(settings.queue, 256), "chats")
        self.figures.watch("addresses", lambda: self.addresses.count)
        self.figures.watch("chats", lambda: self.chats.count)

    def _complete(self, key: Any, texts: list[str]) -> list[Completion]:
        found = self.completer.complete_all(texts)
        for completion in found:
            self.figures.addresses.labels(completion.status).inc()
        return found

    def start(self) -> None:
        """Begin to work."""
        self.addresses.start()
        self.chats.start()
        self.jobs.start()

    async def stop(self) -> None:
        """Finish what runs."""
        await self.addresses.stop()
        await self.chats.stop()
        await asyncio.to_thread(self.jobs.stop)


def create_app(settings: Settings) -> FastAPI:
    """Return the application.

    Raises:
        UsageError: settings that mean nothing.
        BuqiError: model, adapter or memory cannot be loaded.
    """
    service = Service(settings)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    app = FastAPI(title="buqi", description="补齐: completes Chinese addresses.", version="1", lifespan=life)
    app.state.service = service
    _problems(app)
    _pages(app, service)
    _completing(app, service)
    _chat(app, service)
    _adapters(app, service)
    add_job_routes(app, service.jobs, settings, lambda: service.addresses.closing)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST", "DELETE"]
        )
    app.add_middleware(Guard, settings=settings, figures=service.figures)
    return app


def _problems(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> Response:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0] if error.errors() else {"loc": (), "msg": "wrong"}
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return JSONResponse(body(f"{where}: {first['msg']}" if where else str(first["msg"]), "invalid"), 422)

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> Response:
        return JSONResponse(body(str(error.detail), "http"), error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def defect(_: Request, error: Exception) -> Response:
        return JSONResponse(body("an error of the service; its log says more", "internal"), 500)


def _pages(app: FastAPI, service: Service) -> None:
    page = resources.files("buqi.serve").joinpath("page.html").read_text(encoding="utf-8")

    @app.get("/", include_in_schema=False)
    async def index() -> HTMLResponse:
        return HTMLResponse(page)

    @app.get("/healthz", tags=["health"])
    async def healthz() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/readyz", tags=["health"])
    async def readyz() -> JSONResponse:
        """Say whether requests are taken."""
        ready = not service.addresses.closing
        return JSONResponse({"status": "ready" if ready else "stopping"}, 200 if ready else 503)

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Give Prometheus its figures."""
        for status, count in service.jobs.counts().items():
            service.figures.jobs.labels(status).set(count)
        return Response(service.figures.text(), media_type="text/plain; version=0.0.4")

    @app.get("/v1/about", tags=["health"])
    async def about() -> dict[str, Any]:
        """Say what this service runs."""
        names = service.models.names
        return {"models": names, "engine": type(service.models.engine).__name__ if len(names) > 1 else None}


def _completing(app: FastAPI, service: Service) -> None:
    settings = service.settings

    @app.post("/v1/complete", response_model=schemas.CompleteResponse, responses=ERRORS, tags=["addresses"])
    async def complete(asked: schemas.CompleteRequest, request: Request) -> Response:
        """Complete one address (``text``) or many (``texts``)."""
        if (asked.text is None) == (asked.texts is None):
            raise Problem(422, "give text or texts", "invalid")
        texts = [asked.text] if asked.text is not None else asked.texts or []
        _check_texts(texts, settings)
        request.state.addresses = len(texts)
        if settings.log_text:
            request.state.text = texts
        found = await service.addresses.submit(texts, settings.timeout, request.is_disconnected)
        return JSONResponse({"completions": [completion.as_json() for completion in found]})


def _check_texts(texts: list[str], settings: Settings) -> None:
    if not texts:
        raise Problem(422, "texts: at least one", "invalid")
    if len(texts) > settings.texts:
        raise Problem(
            413, f"texts: {len(texts)}; at most {settings.texts} in one request, or upload a file", "too_many"
        )
    for number, text in enumerate(texts):
        if len(text) > settings.text_length:
            raise Problem(413, f"texts[{number}]: longer than {settings.text_length} characters", "too_long")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise Problem(422, f"texts[{number}]: half a character (a lone surrogate)", "invalid")


def _chat(app: FastAPI, service: Service) -> None:
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
        most = min(asked.max_completion_tokens or asked.max_tokens or settings.max_tokens, settings.max_tokens)
        messages = [{"role": m.role, "content": m.content} for m in asked.messages]
        _check_texts([m["content"] for m in messages], settings)
        if asked.model == CHAIN:
            text = messages[-1]["content"]
            (completion,) = await service.addresses.submit([text], settings.timeout, request.is_disconnected)
            answer, stopped, used = completion.full, True, (len(text), len(completion.full))
        else:
            prompt = service.models.prompt(asked.model, messages)
            key = (asked.model, most)
            (found,) = await service.chats.submit([prompt], settings.timeout, request.is_disconnected, key)
            count = service.models.engine.tokenizer
            used = (_tokens(count, prompt), _tokens(count, found.text))
            answer, stopped = found.text, found.stopped
        service.figures.tokens.labels("prompt").inc(used[0])
        service.figures.tokens.labels("completion").inc(used[1])
        reply = _reply(asked.model, answer, stopped, used)
        if asked.stream:
            include = bool((asked.stream_options or {}).get("include_usage"))
            return StreamingResponse(_pieces(reply, include), media_type="text/event-stream")
        return JSONResponse(reply)


def _tokens(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _reply(model: str, answer: str, stopped: bool, used: tuple[int, ...]) -> dict[str, Any]:
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
        "usage": {"prompt_tokens": used[0], "completion_tokens": used[1], "total_tokens": used[0] + used[1]},
    }


async def _pieces(reply: dict[str, Any], usage: bool) -> AsyncIterator[str]:
    """Yield an answer as OpenAI's stream: written in one step with others, so it is whole before its first piece."""
    choice = reply["choices"][0]
    text = choice["message"]["content"]
    shared = {k: reply[k] for k in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    deltas: list[tuple[dict[str, str], str | None]] = [({"role": "assistant", "content": ""}, None)]
    deltas += [({"content": text[at : at + PIECE]}, None) for at in range(0, len(text), PIECE)]
    deltas.append(({}, choice["finish_reason"]))
    for delta, reason in deltas:
        chunk = shared | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    if usage:
        yield f"data: {json.dumps(shared | {'choices': [], 'usage': reply['usage']})}\n\n"
    yield "data: [DONE]\n\n"


def _adapters(app: FastAPI, service: Service) -> None:
    @app.get("/v1/adapters", response_model=list[schemas.AdapterBody], tags=["adapters"])
    async def adapters() -> list[dict[str, Any]]:
        """List the adapters in memory."""
        return [service.models.about(name) for name in service.models.folders]

    @app.post("/v1/adapters/{name}", response_model=schemas.AdapterBody, responses=ERRORS, tags=["adapters"])
    async def add(name: str, asked: schemas.AdapterRequest) -> dict[str, Any]:
        """Load an adapter from the allowed folder, in place of one that has the name already."""
        await asyncio.to_thread(service.models.load, name, asked.folder)
        return service.models.about(name)

    @app.delete("/v1/adapters/{name}", status_code=204, responses=ERRORS, tags=["adapters"])
    async def remove(name: str) -> Response:
        """Take an adapter out of memory."""
        await asyncio.to_thread(service.models.remove, name)
        return Response(status_code=204)

    @app.get("/v1/adapters/{name}/{what}", responses=ERRORS, tags=["adapters"], response_class=FileResponse)
    async def shown(name: str, what: str) -> FileResponse:
        """Give an adapter's training curve (``curve``) or evaluation report (``report``)."""
        file = {"curve": "curve.png", "report": "report.html"}.get(what)
        path = service.models.folder(name) / file if file else None
        if path is None or not path.is_file():
            raise Problem(404, "it has none", "not_found")
        return FileResponse(path)
