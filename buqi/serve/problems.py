"""How requests fail: one shape, as OpenAI's clients expect it, never with a path or a trace."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

MESSAGE_LENGTH = 1000  # characters

# What the API description says of each status.
ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"description": "Bad request"},
    401: {"description": "No valid API key"},
    403: {"description": "Not allowed"},
    404: {"description": "Not found"},
    409: {"description": "Not possible now"},
    413: {"description": "Too large"},
    414: {"description": "URL too long"},
    415: {"description": "Unsupported file"},
    416: {"description": "No such range of the file"},
    422: {"description": "Wrong content"},
    429: {"description": "Too many requests; Retry-After says when"},
    431: {"description": "Headers too large"},
    499: {"description": "The client left"},
    503: {"description": "The service stops, or cannot work"},
    504: {"description": "No answer in time"},
    507: {"description": "No room on the disk"},
}


class Problem(Exception):
    """A request that cannot be served.

    Args:
        status: of HTTP.
        message: what is wrong, for people.
        code: what is wrong, for programs.
        retry_after: seconds until it may be sent again.
        param: the field of the request that is wrong.
    """

    def __init__(
        self, status: int, message: str, code: str, retry_after: int | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.retry_after, self.param = status, message, code, retry_after, param

    def body(self) -> dict[str, Any]:
        """Return the body of the response."""
        return error_body(self.message, self.code, self.param, self.status)

    def response(self) -> JSONResponse:
        """Return the HTTP response."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else None
        return JSONResponse(self.body(), self.status, headers)


DEFECT = Problem(500, "an error of the service; its log says more", "internal")


def presentable(message: str) -> str:
    """Return a message cut to `MESSAGE_LENGTH`. A lone surrogate is escaped: neither JSON nor SQLite takes one."""
    return message[:MESSAGE_LENGTH].encode("utf-8", "backslashreplace").decode()


def error_body(message: str, code: str, param: str | None = None, status: int = 400) -> dict[str, Any]:
    """Return the body of a failed request. A ``status`` of 500 or more is no fault of the request's."""
    kind, field = "server_error" if status >= 500 else "invalid_request_error", param and presentable(param)
    return {"error": {"message": presentable(message), "type": kind, "code": code, "param": field}}
