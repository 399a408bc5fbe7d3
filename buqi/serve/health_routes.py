"""Routes that say how the service is: whether it answers, whether it is ready, its figures, what it runs."""

from __future__ import annotations

from typing import Any, get_args

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from buqi.serve.schemas import JobStatus
from buqi.serve.service import Service


def add_health_routes(app: FastAPI, service: Service) -> None:
    """Add ``/healthz``, ``/readyz``, ``/metrics`` and ``/v1/about``."""

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
        counts = service.jobs.store.counts()
        for status in get_args(JobStatus):  # also those of no job now: Prometheus would keep the number of before
            service.figures.jobs.labels(status).set(counts.get(status, 0))
        return Response(service.figures.text(), media_type="text/plain; version=0.0.4")

    @app.get("/v1/about", tags=["health"])
    async def about() -> dict[str, Any]:
        """Say what this service runs."""
        names = service.models.names
        return {"models": names, "engine": service.models.engine.title if len(names) > 1 else None}
