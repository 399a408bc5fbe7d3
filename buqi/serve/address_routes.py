"""The route of addresses."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from buqi.contact import read_line
from buqi.serve import schemas
from buqi.serve.checks import check_texts
from buqi.serve.problems import ERRORS, Problem
from buqi.serve.service import Service


def add_address_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/complete``."""
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
            request.state.text = [read_line(text).address for text in texts]
        found = await service.addresses.submit(texts, settings.timeout, request.is_disconnected, asked.contact)
        return JSONResponse({"completions": [completion.as_json() for completion in found]})
