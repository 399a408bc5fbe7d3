"""What every request passes: size, key, rate, time, a line in the log, figures. Plain ASGI, so that it costs little."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from buqi.serve.agents import PATH
from buqi.serve.browsers import check_browser
from buqi.serve.figures import Figures
from buqi.serve.keys import Keys
from buqi.serve.problems import Problem
from buqi.serve.rate import Rate
from buqi.serve.settings import ServiceSettings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

API_PAGE = "/docs-files"  # scripts of the page at /docs
WITHOUT_KEY = (  # need no key; a browser cannot send one with the address of a page
    *("/", "/healthz", "/readyz", "/favicon.ico", "/docs", "/openapi.json"),
    *(f"{API_PAGE}/{name}" for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")),
)
FORM_BYTES = 100_000  # what a form may have beside its file
RATE = "rate_limit"  # the code of what is refused because its client asks too often
METHODS = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")  # named in the figures
log = logging.getLogger("buqi.serve")
CONTENT_POLICY = (
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", CONTENT_POLICY),
]


class Guard:
    """The outermost layer of the application.

    Args:
        figures: where requests are counted, if they are.
        keys: whose keys are let in; without them everyone is.
    """

    def __init__(
        self, app: Any, settings: ServiceSettings, figures: Figures | None = None, keys: Keys | None = None
    ) -> None:
        self.app, self.settings, self.figures, self.keys = app, settings, figures, keys
        self.rate = Rate(settings.rate, settings.burst) if settings.rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        root = self.settings.root_path
        scope["path"] = _own_path(scope["path"], root)
        inside = {**scope, "root_path": root, "path": root + scope["path"]}  # as ASGI has it: links begin with the root
        started, most = time.monotonic(), self._most(scope)
        status = 500  # what is answered if nothing is sent from here
        seen = 0  # bytes of the body
        why = "busy"  # why a request is refused, in the figures
        scope["state"] = inside["state"] = {**scope.get("state", {}), "owner": ""}

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:  # whatever its Content-Length says
                raise _too_large(most)
            return message

        async def sending(message: Message) -> None:
            nonlocal status
            if seen > most:  # what the application makes of a body cut off is not the answer
                return
            if message["type"] == "http.response.start":
                status = message["status"]
                given = {name for name, _ in message.get("headers", [])}
                message["headers"] = [*message.get("headers", []), *(h for h in HEADERS if h[0] not in given)]
            await send(message)

        try:
            scope["state"]["owner"] = self._admitted(scope)
            await self.app(inside, receiving, sending)
            if seen > most:
                raise _too_large(most)
        except Problem as problem:
            seen = 0  # the refusal is to be sent
            if problem.code == RATE:
                why = "rate"
            await problem.response()(scope, receive, sending)
        finally:
            scope["route"] = inside.get("route")
            self._note(scope, status, time.monotonic() - started, why)

    def _admitted(self, scope: Scope) -> str:
        """Return the owner of the request's key; empty where none is needed.

        Raises:
            Problem: a page of another site asks, the body is too long, no valid key, or too many requests.
        """
        headers = dict(scope["headers"])
        if self.keys is None:
            check_browser(scope["method"], scope["headers"], self.settings)
        _check_length(headers.get(b"content-length", b"0"), self._most(scope))
        if scope["path"] in WITHOUT_KEY:
            return ""
        owner = _owner(headers, self.keys) if self.keys is not None else ""
        client = owner or (scope["client"][0] if scope.get("client") else "local")
        if self.rate is not None and (wait := self.rate.wait(client)) > 0:
            raise Problem(429, "too many requests from you", RATE, retry_after=int(wait) + 1)
        return owner

    def uploads(self, scope: Scope) -> bool:
        """Whether a request brings a file."""
        return bool(scope["method"] == "POST" and scope["path"] == "/v1/jobs")

    def _most(self, scope: Scope) -> int:
        """Return the most bytes of a body; an upload is a form around the file."""
        return self.settings.upload_bytes + FORM_BYTES if self.uploads(scope) else self.settings.body_bytes

    def _note(self, scope: Scope, status: int, seconds: float, why: str) -> None:
        known = scope["path"] if scope["path"] in (PATH, *WITHOUT_KEY) else "other"  # only FastAPI's routes are noted
        route = getattr(scope["route"], "path", known)
        method = scope["method"] if scope["method"] in METHODS else "other"
        if self.figures is not None:
            self.figures.requests.labels(method, route, status).inc()
            self.figures.seconds.labels(route).observe(seconds)
            if status in (429, 503):
                self.figures.refused.labels(why).inc()
        line = {"method": scope["method"], "route": route, "status": status, "ms": round(1000 * seconds, 1)}
        line |= {key: value for key, value in scope["state"].items() if key in ("owner", "addresses", "text") and value}
        log.info(json.dumps(line, ensure_ascii=False))


def _own_path(path: str, root: str) -> str:
    """Return a path as the service has it: without the root, whether a proxy took that off or not."""
    return path.removeprefix(root) if root and path.startswith(f"{root}/") else path


def _check_length(content_length: bytes, most: int) -> None:
    if not content_length.isdigit():
        raise Problem(400, "content-length is no number", "bad_request")
    if int(content_length) > most:
        raise _too_large(most)


def _owner(headers: dict[bytes, bytes], keys: Keys) -> str:
    """Return whose key a request has, as ``Authorization: Bearer`` or ``X-API-Key``; a `Problem` if it has none."""
    given = headers.get(b"authorization", b"").decode("latin-1")
    key = given[7:] if given[:7].lower() == "bearer " else headers.get(b"x-api-key", b"").decode("latin-1")
    owner = keys.owner(key)
    if owner is None:
        raise Problem(401, "a valid API key is needed (Authorization: Bearer …)", "invalid_api_key")
    return owner


def _too_large(most: int) -> Problem:
    return Problem(413, f"the body may have {most} bytes", "too_large")
