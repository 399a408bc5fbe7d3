"""Routes of adapters: which are in memory, one more, one less, and what is known of them."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response

from buqi.serve import schemas
from buqi.serve.downloads import Download
from buqi.serve.models import SHOWN_FILES
from buqi.serve.problems import ERRORS, Problem
from buqi.serve.service import Service

# The page of a foreign adapter may draw itself, but is no page of this service: it cannot read what others ask.
SANDBOX = "sandbox allow-scripts; default-src 'unsafe-inline' data: blob:"


def add_adapter_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/adapters``."""

    @app.get("/v1/adapters", response_model=list[schemas.AdapterBody], tags=["adapters"])
    async def adapters() -> list[dict[str, Any]]:
        """List the adapters in memory."""
        return await asyncio.to_thread(service.models.shown)

    @app.post("/v1/adapters/{name}", response_model=schemas.AdapterBody, responses=ERRORS, tags=["adapters"])
    async def add(name: str, asked: schemas.AdapterRequest) -> dict[str, Any]:
        """Load an adapter from the allowed folder, in place of one that has the name already."""
        return await asyncio.to_thread(service.models.load, name, asked.folder)

    @app.delete("/v1/adapters/{name}", status_code=204, responses=ERRORS, tags=["adapters"])
    async def remove(name: str) -> Response:
        """Take an adapter out of memory."""
        await asyncio.to_thread(service.models.remove, name)
        return Response(status_code=204)

    @app.get("/v1/adapters/{name}/{what}", responses=ERRORS, tags=["adapters"], response_class=FileResponse)
    async def shown(name: str, what: str) -> FileResponse:
        """Give an adapter's training curve (``curve``) or evaluation report (``report``)."""
        file = SHOWN_FILES.get(what)
        path = service.models.folder(name) / file if file else None
        if path is None or not path.is_file():
            raise Problem(404, "it has none", "not_found")
        return Download(path, headers={"content-security-policy": SANDBOX})
