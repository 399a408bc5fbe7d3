"""Exceptions become responses: every failure has the one shape that clients know."""

from __future__ import annotations

import sqlite3
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from buqi.serve.problems import DEFECT, Problem, error_body
from buqi.serve.room import full_disk, no_room

NO_OBJECT = ("model_attributes_type", "dict_type", "model_type", "missing")  # pydantic's types for a body that is none
SAID = {"extra_forbidden": "no such field"}
NOT_UTF8 = "the body is not UTF-8, as JSON must be"


async def _refused(request: Request, error: Exception) -> Response:
    """Answer a request that is wrong, or that met a full disk.

    Any other error of the disk or of the database is raised again: then `_defect` answers it, and the log has it.
    """
    if isinstance(error, RequestValidationError):
        error = _body_problem(error.errors()[0], request.headers.get("content-type", ""))
    if no_room(error):  # also of the parser of forms, which keeps large files on disk and calls any trouble a bad form
        return full_disk().response()
    if isinstance(error, HTTPException):
        return JSONResponse(
            error_body(_http_message(request, error), "http", status=error.status_code),
            error.status_code,
            error.headers,
        )
    if isinstance(error, Problem):
        return error.response()
    raise error


def _http_message(request: Request, error: HTTPException) -> str:
    """Return what is wrong with a path, a method, or a body that is no text."""
    if error.status_code == 405:
        return f"{request.method} is not for this path; /docs lists what is"
    if error.status_code == 404:
        meant = "/v1" + request.url.path.removeprefix(request.scope.get("root_path", ""))
        there = any(route.matches({**request.scope, "path": meant})[0] != Match.NONE for route in request.app.routes)
        return f"no such path{f', but {meant} is one' if there else ''}; /docs lists them"
    return NOT_UTF8 if isinstance(error.__cause__, UnicodeDecodeError) else str(error.detail)


async def _defect(_: Request, error: Exception) -> Response:
    """Answer a request that met an error of the service; Starlette raises the error again, so the log has it."""
    return (full_disk() if no_room(error) else DEFECT).response()


def _body_problem(found: dict[str, Any], content_type: str) -> Problem:
    """Return what pydantic finds wrong with a body, in the words of the API."""
    if found["loc"] == ("body",) and found["type"] in NO_OBJECT:
        if "json" not in content_type.lower():  # as curl sends it if nothing is said
            return Problem(415, "the body is read as JSON: send the header Content-Type: application/json", "no_json")
        return Problem(422, "the body must be a JSON object", "invalid")
    if found["type"] == "json_invalid":
        why = f"{found['ctx']['error']} at character {found['loc'][-1]}"
        return Problem(400, f"the body is not JSON: {why}", "bad_json")
    where = ".".join(str(part) for part in found["loc"] if part != "body")
    said = SAID.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")
    if said.startswith("Expected UploadFile"):
        said = "expected a file with a name (curl: -F file=@rows.csv)"
    return Problem(422, f"{where}: {said}" if where else said, "invalid", param=where or None)


REFUSED = (Problem, RequestValidationError, HTTPException, OSError, sqlite3.Error)
FAILURES: dict[Any, Any] = dict.fromkeys(REFUSED, _refused) | {Exception: _defect}  # for FastAPI: type to handler
