"""``HEAD`` is answered as ``GET`` is, without a body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class HeadRequests:
    """A layer that asks the application with ``GET`` where the client asks with ``HEAD``.

    The application's routes are declared for ``GET`` alone. A stream ends with its head.
    ``scope["state"]["head"]`` says that no body is wanted, so a file need not be read.
    """

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        scope["state"]["head"] = True
        asked, sent = {**scope, "method": "GET"}, False

        async def sending(message: Message) -> None:
            nonlocal sent
            if not sent:  # the head, with the length that a body would have
                sent = True
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        try:
            await self.app(asked, receive, sending)
        finally:
            scope["route"] = asked.get("route")
