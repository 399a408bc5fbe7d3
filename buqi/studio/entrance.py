"""What every request of the studio passes: names of hosts, pages of other sites, sizes, the token."""

from __future__ import annotations

import hmac
import json
import logging
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from shutil import disk_usage
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import PlainTextResponse

from buqi.serve.guard import Guard, Message, Receive, Scope, Send
from buqi.serve.problems import Problem
from buqi.serve.room import FULL, LEAST_ROOM, full_disk, no_room
from buqi.serve.settings import ServiceSettings
from buqi.studio.messages import message_in
from buqi.studio.texts import LANGUAGES, Texts

COOKIE, TOKEN = "buqi_studio", "token"
UPLOAD = "/gradio_api/upload"
POLICY = b"content-security-policy"
CONTENT_POLICY = (  # Gradio's plots and HTML are compiled in the page (unsafe-eval); nothing may come from elsewhere
    b"default-src 'self'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'none'; "
    b"base-uri 'self'; form-action 'self'"
)
log = logging.getLogger("buqi.studio")


class Entrance(Guard):
    """The service's outermost layer, with a token instead of keys, and without figures.

    A person who opens a page or drops a file reads a refusal as one sentence, in the language of the page.

    Args:
        settings: which hosts it is asked by, how large bodies may be, where uploads lie.
        token: what a visitor must bring, in the address or as a cookie; empty for none.
    """

    def __init__(self, app: Any, settings: ServiceSettings, token: str = "") -> None:
        super().__init__(app, settings)
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refused: list[Message] = []
        by_person = scope["type"] == "http" and (self.uploads(scope) or b"text/html" in _header(scope, b"accept"))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [h for h in message.get("headers", []) if h[0] != POLICY]
                message["headers"] = [*others, (POLICY, CONTENT_POLICY)]
                if self.token and scope.get("state", {}).get("token_in_url"):
                    cookie = f"{COOKIE}={self.token}; HttpOnly; SameSite=Strict; Path=/".encode()
                    message["headers"].append((b"set-cookie", cookie))
            if refused or (by_person and message.get("status", 0) >= 400):
                refused.append(message)
            else:
                await send(message)

        try:
            await super().__call__(scope, receive, sending)
        except Exception as error:
            if not (by_person and no_room(error)):
                for message in refused:
                    await send(message)
                raise
            refused = [{"status": 507, "body": FULL.encode()}]
        if refused:
            await self._refusal(scope, refused)(scope, receive, send)

    def _refusal(self, scope: Scope, messages: list[Message]) -> PlainTextResponse:
        """Return what an application or `Guard` refuses with, as a sentence."""
        t, status = Texts(_language(scope)), messages[0]["status"]
        said = b"".join(message.get("body", b"") for message in messages).decode("utf-8", "replace")
        with suppress(ValueError, TypeError, KeyError):
            said = json.loads(said)["error"]["message"]
        if self.uploads(scope) and status == 413:
            said = t("upload_too_large", most=self.settings.upload_bytes // 1_000_000)
        else:
            said = message_in(t, said)
        return PlainTextResponse(said, status)

    def _admitted(self, scope: Scope) -> str:
        owner = super()._admitted(scope)
        if self.token and not self._has_token(scope):
            raise Problem(401, "open the address that buqi studio printed, with its token", "no_token")
        if self.uploads(scope) and disk_usage(self.settings.data).free < _length(scope) + LEAST_ROOM:
            raise full_disk()
        return owner

    def _has_token(self, scope: Scope) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get(TOKEN, [""])[0]
        if hmac.compare_digest(given.encode(), self.token.encode()):
            scope["state"]["token_in_url"] = True
            return True
        try:
            cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        return COOKIE in cookies and hmac.compare_digest(cookies[COOKIE].value.encode(), self.token.encode())

    def uploads(self, scope: Scope) -> bool:
        """Whether a request brings a file."""
        return bool(scope["method"] == "POST" and scope["path"].endswith(UPLOAD))

    def _note(self, scope: Scope, status: int, seconds: float, why: str) -> None:
        if status >= 400:
            log.info(json.dumps({"method": scope["method"], "path": scope["path"][:200], "status": status}))


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _length(scope: Scope) -> int:
    said = _header(scope, b"content-length")
    return int(said) if said.isdigit() else 0


def _language(scope: Scope) -> str:
    """Return the language of the page that is asked, else the one that the browser prefers."""
    first = scope["path"].split("/")[1]
    if first in LANGUAGES:
        return str(first)
    return "en" if _header(scope, b"accept-language")[:2].lower() not in (b"", b"zh") else "zh"
