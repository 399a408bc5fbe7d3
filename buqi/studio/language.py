"""The language of a page, said before Gradio asks the browser for its own."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCALES = {"zh": "zh-CN", "en": "en"}
HEAD = b"<head>"


def script_of(language: str) -> str:
    """Return the script that makes Gradio's own words those of a page's language."""
    locale = LOCALES[language]
    return (
        f"<script>document.documentElement.lang='{locale}';"
        f"Object.defineProperty(navigator,'language',{{get:()=>'{locale}'}});"
        f"Object.defineProperty(navigator,'languages',{{get:()=>['{locale}']}});</script>"
    )


class FirstScripts:
    """Puts a script first into pages; what Gradio takes as a page's head comes after it has chosen a language."""

    def __init__(self, app: ASGIApp, scripts: Mapping[str, str]) -> None:
        self.app, self.scripts = app, {path: script.encode() for path, script in scripts.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; only a page that has a script is read."""
        script = self.scripts.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        if script is None:
            await self.app(scope, receive, send)
            return
        parts: list[bytes] = []
        starts: list[Message] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(parts).replace(HEAD, HEAD + script, 1)
            MutableHeaders(raw=starts[0]["headers"])["content-length"] = str(len(body))
            await send(starts[0])
            await send({"type": "http.response.body", "body": body})

        plain = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]  # a packed page cannot be read
        await self.app({**scope, "headers": plain}, receive, sending)
