"""The application: its routes, how they fail, and the page."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException

import buqi
from buqi.serve.adapter_routes import add_adapter_routes
from buqi.serve.address_routes import add_address_routes
from buqi.serve.agents import Agents
from buqi.serve.chat_routes import add_chat_routes
from buqi.serve.guard import API_PAGE, Guard
from buqi.serve.job_routes import add_job_routes
from buqi.serve.keys import Keys
from buqi.serve.problems import DEFECT, Problem, error_body
from buqi.serve.room import full_disk, no_room
from buqi.serve.service import Service
from buqi.serve.settings import ServiceSettings


def create_app(settings: ServiceSettings) -> FastAPI:
    """Return the application.

    Raises:
        UsageError: settings that mean nothing.
        BuqiError: model, adapter or memory cannot be loaded.
    """
    keys = Keys(settings.keys) if settings.keys else None  # read now: layers are only made at the first request
    service = Service(settings)

    agents = Agents(service) if settings.mcp else None

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        async with agents.running() if agents else nullcontext():
            yield
        await service.stop()

    text = "补齐: completes Chinese addresses."
    app: FastAPI = FastAPIOffline(  # its page of the API takes no script from elsewhere
        redoc_url=None, static_url=API_PAGE, title="buqi", description=text, version=buqi.__version__, lifespan=life,
        exception_handlers=FAILURES, dependencies=[Security(HTTPBearer(auto_error=False))] if keys else [],
    )  # fmt: skip
    app.state.service = service
    _pages(app, service)
    add_address_routes(app, service)
    add_chat_routes(app, service)
    add_adapter_routes(app, service)
    add_job_routes(app, service.jobs, settings, lambda: service.addresses.closing)
    if agents:
        app.router.routes.extend(agents.routes)
    _summarise(app)
    if settings.origins:
        origins, methods = list(settings.origins), ["GET", "POST", "DELETE"]
        app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=methods)
    app.add_middleware(Guard, settings=settings, figures=service.figures, keys=keys)
    return app


def _summarise(app: FastAPI) -> None:
    """Show the first sentence of each route's description beside it, in place of its function's name."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            first, _, rest = " ".join(route.description.split()).partition(". ")
            route.summary, route.description = first.removesuffix("."), rest


async def _failed(request: Request, error: Exception) -> Response:
    """Return any failure in the one shape that clients know."""
    if isinstance(error, RequestValidationError):
        error = _wrong(error.errors()[0], request.headers.get("content-type", ""))
    if no_room(error):  # also of the parser of forms, which keeps large files on disk and calls any trouble a bad form
        return full_disk().response()
    if isinstance(error, (OSError, sqlite3.Error)):
        raise error
    if isinstance(error, HTTPException):
        said = UNKNOWN.get(error.status_code, str(error.detail))
        return JSONResponse(error_body(said, "http"), error.status_code, error.headers)
    if not isinstance(error, Problem):
        error = DEFECT
    return error.response()


def _wrong(found: dict[str, Any], content: str) -> Problem:
    """Return what is wrong with a body of a type of content, in the words of the API."""
    if found["loc"] == ("body",) and found["type"] in NO_OBJECT:
        if "json" not in content.lower():  # as curl sends it if nothing is said
            return Problem(415, "the body is read as JSON: send the header Content-Type: application/json", "no_json")
        return Problem(422, "the body must be a JSON object", "invalid")
    if found["type"] == "json_invalid":
        why = f"{found['ctx']['error']} at character {found['loc'][-1]}"
        return Problem(400, f"the body is not JSON: {why}", "bad_json")
    where = ".".join(str(part) for part in found["loc"] if part != "body")
    said = "no such field" if found["type"] == "extra_forbidden" else str(found["msg"]).removeprefix("Value error, ")
    return Problem(422, f"{where}: {said}" if where else said, "invalid", param=where or None)


NO_OBJECT = ("model_attributes_type", "dict_type", "model_type", "missing")  # of a body that is no object, or none
UNKNOWN = {404: "no such path; /docs lists them", 405: "this path is not asked so; /docs lists how"}
KINDS = (Problem, RequestValidationError, HTTPException, OSError, sqlite3.Error, Exception)
FAILURES: dict[Any, Any] = dict.fromkeys(KINDS, _failed)


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
        """Say whether requests are taken and jobs get on; if not, why."""
        trouble = service.trouble()
        return JSONResponse({"status": trouble or "ready"}, 503 if trouble else 200)

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Give Prometheus its figures."""
        for status, count in service.jobs.store.counts().items():
            service.figures.jobs.labels(status).set(count)
        return Response(service.figures.text(), media_type="text/plain; version=0.0.4")

    @app.get("/v1/about", tags=["health"])
    async def about() -> dict[str, Any]:
        """Say what this service runs."""
        names = service.models.names
        return {"models": names, "engine": service.models.engine.title if len(names) > 1 else None}
