"""Files that are sent, whole or a range of them."""

from __future__ import annotations

from typing import Any

from fastapi.responses import FileResponse, JSONResponse
from starlette.types import Message, Receive, Scope, Send

from buqi.serve.problems import Problem, error_body

WRONG_RANGE = {
    400: "Range: expected bytes=FIRST-LAST, as bytes=0-99",
    416: "Range: the file ends before it",
}


class Download(FileResponse):
    """A file. A ``Range`` that cannot be read or fulfilled is refused in the form of all failures."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, a range of it, or its head alone; a `Problem` if the file has just been removed."""
        refused = False
        head: list[Message] = []  # kept until the file is open

        async def sending(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] in WRONG_RANGE:
                refused = True
                status = message["status"]
                kept = {k.decode(): v.decode() for k, v in message["headers"] if k == b"content-range"}
                body: dict[str, Any] = error_body(WRONG_RANGE[status], "wrong_range", "Range")
                await JSONResponse(body, status, kept)(scope, receive, send)
            elif message["type"] == "http.response.start":
                head.append(message)
            elif not refused:
                while head:
                    await send(head.pop())
                await send(message)

        asked = {**scope, "method": "HEAD"} if scope.get("state", {}).get("head") else scope
        try:
            await super().__call__(asked, receive, sending)
        except FileNotFoundError as error:
            raise Problem(404, "the file is no longer there", "not_found") from error
