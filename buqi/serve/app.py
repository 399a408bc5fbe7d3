"""The application: routes, and what lives as long as the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from buqi.address.answer import Completer
from buqi.address.completion import Completion
from buqi.bulk import Settings as Answering
from buqi.serve import schemas
from buqi.serve.batching import Batcher
from buqi.serve.chat_routes import add_chat_routes
from buqi.serve.checks import check_texts
from buqi.serve.door import Limits
from buqi.serve.figures import Figures
from buqi.serve.guard import Guard, Keys
from buqi.serve.job_routes import add_job_routes
from buqi.serve.jobs import Jobs
from buqi.serve.models import Chat, Models
from buqi.serve.problems import ERRORS, Problem, body
from buqi.serve.settings import Settings

STEP = 256  # addresses completed at once
CHATS = 16  # chats answered at once


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
        self.chats: Batcher[Chat, Any] = Batcher(self.models.generate, CHATS, min(settings.queue, 256), "chats")
        self.figures.watch("addresses", lambda: self.addresses.count)
        self.figures.watch("chats", lambda: self.chats.count)
        self.limits = Limits(settings.at_once, settings.patience, self.figures.refused.labels("door").inc)

    def _complete(self, key: Any, texts: list[str]) -> list[Completion]:
        found = self.completer.complete_all(texts)
        for completion in found:
            self.figures.addresses.labels(completion.status).inc()
        return found

    def count_tokens(self, used: tuple[int, int]) -> None:
        """Count the tokens of a prompt and its answer."""
        self.figures.tokens.labels("prompt").inc(used[0])
        self.figures.tokens.labels("completion").inc(used[1])

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
    keys = Keys(settings.keys) if settings.keys else None  # read now: layers are only made at the first request
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
    add_chat_routes(app, service)
    _adapters(app, service)
    add_job_routes(app, service.jobs, settings, lambda: service.addresses.closing)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST", "DELETE"]
        )
    app.add_middleware(Guard, settings=settings, figures=service.figures, keys=keys)
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
        check_texts(texts, settings)
        request.state.addresses = len(texts)
        if settings.log_text:
            request.state.text = texts
        found = await service.addresses.submit(texts, settings.timeout, request.is_disconnected)
        return JSONResponse({"completions": [completion.as_json() for completion in found]})


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
