"""What every request of the studio passes: names of hosts, pages of other sites, sizes, the token."""

from __future__ import annotations

import hmac
import json
import logging
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from buqi.serve.guard import Guard, Message, Receive, Scope, Send
from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings

COOKIE, TOKEN = "buqi_studio", "token"
POLICY = b"content-security-policy"
CONTENT_POLICY = (  # Gradio's plots and HTML are compiled in the page (unsafe-eval); nothing may come from elsewhere
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; "
    b"base-uri 'self'; form-action 'self'"
)
log = logging.getLogger("buqi.studio")


class Entrance(Guard):
    """The service's outermost layer, with a token instead of keys, and without figures.

    Args:
        settings: which hosts it is asked by, how large bodies may be.
        token: what a visitor must bring, in the address or as a cookie; empty for none.
    """

    def __init__(self, app: Any, settings: ServiceSettings, token: str = "") -> None:
        super().__init__(app, settings, None, None)  # type: ignore[arg-type]
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [h for h in message.get("headers", []) if h[0] != POLICY]
                message["headers"] = [*others, (POLICY, CONTENT_POLICY)]
                if self.token and scope.get("state", {}).get("brought"):
                    cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/".encode()
                    message["headers"].append((b"set-cookie", cookie))
            await send(message)

        await super().__call__(scope, receive, sending)

    def _admitted(self, scope: Scope) -> str:
        owner = super()._admitted(scope)
        if self.token and not self._known(scope):
            raise Problem(401, "open the address that buqi studio printed, with its token", "no_token")
        return owner

    def _known(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [""])[0]
        if hmac.compare_digest(given.encode(), self.token.encode()):
            scope["state"]["brought"] = True
            return True
        try:
            cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        return COOKIE in cookies and hmac.compare_digest(cookies[COOKIE].value.encode(), self.token.encode())

    def takes_files(self, path: str) -> bool:
        """Whether files are sent to a path."""
        return path.endswith("/gradio_api/upload")

    def _note(self, scope: Scope, status: int, seconds: float, why: str) -> None:
        if status >= 400:
            log.info(json.dumps({"method": scope["method"], "path": scope["path"][:200], "status": status}))
