"""What every request passes: size, key, rate, time, a line in the log, figures. Plain ASGI, so that it costs little."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from buqi.errors import UsageError
from buqi.files import read_text
from buqi.serve.browsers import check_browser
from buqi.serve.figures import Figures
from buqi.serve.problems import Problem
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
KEYS_LOOK_SECONDS = 1.0  # between two looks whether the file of keys changed
SHA256 = re.compile("[0-9a-f]{64}")
CLIENTS = 10_000  # clients whose rate is remembered
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


class Keys:
    """API keys, of which only SHA-256 hashes are kept: lines of ``name hash``. A changed file is read again.

    Raises:
        UsageError: the file is missing, a line is not of that form, or two have one name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.state, self.looked = _state(path), time.monotonic()
        self.hashes = _hashes(path)

    def owner(self, key: str) -> str | None:
        """Return whose key this is. Every hash is compared, in constant time, whichever fits."""
        if time.monotonic() - self.looked >= KEYS_LOOK_SECONDS:
            self._look()
        digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
        fitting = [name for name, known in self.hashes.items() if hmac.compare_digest(digest, known)]
        return fitting[-1] if fitting else None

    def _look(self) -> None:
        """Read the file if it changed; one that is missing or broken changes nothing, and the log says so."""
        state, self.looked = _state(self.path), time.monotonic()
        if state == self.state:
            return
        self.state = state
        try:
            self.hashes = _hashes(self.path)
        except UsageError as error:
            log.warning(json.dumps({"keys": f"{error}; the keys read before stay"}, ensure_ascii=False))

    @staticmethod
    def new(path: Path, name: str) -> str:
        """Append a fresh key's hash to the file and return the key; it is shown once and never again.

        Raises:
            UsageError: the name has spaces or begins with # as comments do, or the file has it already.
        """
        if not name or name.startswith("#") or any(character.isspace() for character in name):
            raise UsageError(f"--new_key {name!r}: expected a name without spaces that does not begin with #")
        if path.exists() and name in _hashes(path):
            there = f"--new_key {name}: {path} has a key of this name"
            raise UsageError(f"{there}; to replace it, delete its line there first")
        key = "buqi-" + secrets.token_urlsafe(32)
        path.parent.mkdir(parents=True, exist_ok=True)
        last = path.read_bytes()[-1:] if path.exists() else b""
        with path.open("a", encoding="utf-8") as file:
            file.write("\n" * (last not in (b"", b"\n")) + f"{name} {hashlib.sha256(key.encode()).hexdigest()}\n")
        path.chmod(0o600)
        return key


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what changes when a file is written; ``None`` if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _hashes(path: Path) -> dict[str, str]:
    """Return the hashes of a file of keys by name."""
    hashes: dict[str, str] = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, digest = line.strip().partition(" ")
        if not SHA256.fullmatch(digest := digest.lower()):
            raise UsageError(f"{path}:{number}: expected a name and a SHA-256 hash (buqi serve --new_key NAME)")
        if name in hashes:
            raise UsageError(f"{path}:{number}: a second key of the name {name}; delete the line that is not in use")
        hashes[name] = digest
    return hashes


class Rate:
    """A bucket of tokens for each client: ``burst`` at once, ``rate`` a second on average."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst = rate, burst
        self.buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Take a token; return 0, or the seconds until there is one."""
        now = time.monotonic()
        tokens, since = self.buckets.pop(client, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - since) * self.rate)
        missing = 1.0 - tokens
        self.buckets[client] = (tokens - 1.0 if missing <= 0 else tokens, now)
        if len(self.buckets) > CLIENTS:
            self.buckets.popitem(last=False)
        return max(0.0, missing / self.rate)


def _too_large(most: int) -> Problem:
    return Problem(413, f"the body may have {most} bytes", "too_large")


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: Any, settings: ServiceSettings, figures: Figures, keys: Keys | None) -> None:
        self.app, self.settings, self.figures, self.keys = app, settings, figures, keys
        self.rate = Rate(settings.rate, settings.burst) if settings.rate else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, seen, most, why = time.monotonic(), 500, 0, self._most(scope), "busy"
        scope["state"] = {**scope.get("state", {}), "owner": ""}

        async def receiving() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:  # whatever it said of itself
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
            await self.app(scope, receiving, sending)
            if seen > most:
                raise _too_large(most)
        except Problem as problem:
            seen, why = 0, "rate" if problem.code == RATE else "busy"
            await problem.response()(scope, receive, sending)
        finally:
            self._note(scope, status, time.monotonic() - started, why)

    def _admitted(self, scope: Scope) -> str:
        """Return who asks; a `Problem` if the body says it is too long, without a key, or after too many requests."""
        headers, most, owner = dict(scope["headers"]), self._most(scope), ""
        guarded = scope["path"] not in WITHOUT_KEY
        if self.keys is None:
            check_browser(scope["method"], scope["headers"], self.settings)
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            raise Problem(400, "content-length is no number", "bad_request")
        if int(length) > most:
            raise _too_large(most)
        client = scope["client"][0] if scope.get("client") else "local"
        if self.keys is not None and guarded:
            given = headers.get(b"authorization", b"").decode("latin-1")
            key = given[7:] if given[:7].lower() == "bearer " else headers.get(b"x-api-key", b"").decode("latin-1")
            found = self.keys.owner(key)
            if found is None:
                raise Problem(401, "a valid API key is needed (Authorization: Bearer …)", "invalid_api_key")
            owner = client = found
        if self.rate is not None and guarded and (wait := self.rate.wait(client)) > 0:
            raise Problem(429, "too many requests from you", RATE, retry_after=int(wait) + 1)
        return owner

    def takes_files(self, path: str) -> bool:
        """Whether files are sent to a path."""
        return path == "/v1/jobs"

    def _most(self, scope: Scope) -> int:
        """Return the most bytes of a body; an upload is a form around the file."""
        uploading = scope["method"] == "POST" and self.takes_files(scope["path"])
        return self.settings.upload_bytes + FORM_BYTES if uploading else self.settings.body_bytes

    def _note(self, scope: Scope, status: int, seconds: float, why: str) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.figures.requests.labels(method, route, status).inc()
        self.figures.seconds.labels(route).observe(seconds)
        if status in (429, 503):
            self.figures.refused.labels(why).inc()
        line = {"method": scope["method"], "route": route, "status": status, "ms": round(1000 * seconds, 1)}
        line |= {key: value for key, value in scope["state"].items() if key in ("owner", "addresses", "text") and value}
        log.info(json.dumps(line, ensure_ascii=False))
