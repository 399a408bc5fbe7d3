"""The route of addresses."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from buqi.bulk.level_columns import DETAIL, AddressColumns
from buqi.contact import read_line
from buqi.divisions import LEVELS
from buqi.serve import schemas
from buqi.serve.checks import check_texts
from buqi.serve.problems import ERRORS
from buqi.serve.service import Service

FIELDS = AddressColumns({level: level for level in LEVELS} | {"text": DETAIL})  # of a request, as columns of a table


def add_address_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/complete``."""
    settings = service.settings

    @app.post("/v1/complete", response_model=schemas.CompleteResponse, responses=ERRORS, tags=["addresses"])
    async def complete(asked: schemas.CompleteRequest, request: Request) -> Response:
        """Complete one address (``text``, with levels in fields of their own or not) or many (``texts``, ``rows``)."""
        rows = [[getattr(row, name) for name in FIELDS.names] for row in asked.asked]
        check_texts(["".join(filter(None, row)) for row in rows], settings)
        texts = [FIELDS.joined(row, asked.contact) if any(row[:-1]) else row[-1] or "" for row in rows]
        request.state.addresses = len(texts)
        if settings.log_text:
            request.state.text = [read_line(text).address for text in texts]
        found = await service.addresses.submit(texts, settings.timeout, request.is_disconnected, asked.contact)
        answers = [completion.as_json() for completion in found]
        for row, answer in zip(rows, answers, strict=True):
            if any(row[:-1]):
                answer["notes"] = FIELDS.note_contradictions(row, answer, answer["notes"])
        return JSONResponse({"completions": answers})
