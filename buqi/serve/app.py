"""The application: its routes, its layers, and the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from importlib import resources

from fastapi import FastAPI, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline

import buqi
from buqi.serve.adapter_routes import add_adapter_routes
from buqi.serve.address_routes import add_address_routes
from buqi.serve.agents import Agents
from buqi.serve.chat_routes import WARNING, add_chat_routes
from buqi.serve.failures import FAILURES
from buqi.serve.guard import API_PAGE, Guard
from buqi.serve.heads import HeadRequests
from buqi.serve.health_routes import add_health_routes
from buqi.serve.job_routes import add_job_routes
from buqi.serve.keys import Keys
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
    _add_page(app)
    for add_routes in (add_health_routes, add_address_routes, add_chat_routes, add_adapter_routes, add_job_routes):
        add_routes(app, service)
    if agents:
        app.router.routes.extend(agents.routes)
    _summarise(app)
    app.add_middleware(HeadRequests)
    app.add_middleware(Guard, settings=settings, figures=service.figures, keys=keys)
    if settings.origins:  # outermost: a browser asks without a key whether it may send one, and reads refusals too
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["*"], expose_headers=[WARNING, "Retry-After"],
        )  # fmt: skip
    return app


def _add_page(app: FastAPI) -> None:
    page = _page()

    @app.get("/", include_in_schema=False)
    async def index() -> HTMLResponse:
        return HTMLResponse(page)


def _page() -> str:
    """Return the page with its style and script in it: one request without a key brings all of it."""
    folder = resources.files("buqi.serve")
    html, css, js = (folder.joinpath(f"page.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return html.replace("/* page.css */", css).replace("/* page.js */", js)


def _summarise(app: FastAPI) -> None:
    """Show the first sentence of each route's description beside it, in place of its function's name."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            first, _, rest = " ".join(route.description.split()).partition(". ")
            route.summary = first.removesuffix(".").replace("``", "")  # shown as it is; the rest is Markdown
            route.description = rest
