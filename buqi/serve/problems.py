"""How requests fail: one shape, as OpenAI's clients expect it, never with a path or a trace."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse


class Problem(Exception):
    """A request that cannot be served.

    Args:
        status: HTTP status.
        message: what is wrong, and what to do.
        code: a word for programs.
        retry_after: seconds after which it may be sent again.
    """

    def __init__(self, status: int, message: str, code: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.retry_after = status, message, code, retry_after

    def response(self) -> JSONResponse:
        """Return the HTTP response."""
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else None
        return JSONResponse(body(self.message, self.code), self.status, headers)


def body(message: str, code: str) -> dict[str, Any]:
    """Return the body of a failed request."""
    return {"error": {"message": message, "type": "invalid_request_error", "code": code, "param": None}}
