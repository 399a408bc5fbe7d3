"""Limits of connections: those that stand still are closed, and requests that would only wait are refused at once.

The limits are in uvicorn's protocol, below the application, where a refusal takes about 30 microseconds. A service that
is asked for more than it can do must not spend its time on refusals.

httptools puts no limit on the length of headers, and joins the pieces of a header line anew with each piece. uvicorn's
own limit (``h11_max_incomplete_event_size``) is for h11 only.
"""

from __future__ import annotations

import json
import resource
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import uvicorn
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from buqi.serve.problems import error_body

COUNTED = "/v1/complete"  # milliseconds of work each; chats and jobs have queues of their own
LEAST_RATE = 1000  # bytes a second that a body must have once its patience is over
OPEN_CONNECTIONS = 4000
RESERVED_FILES = 200  # of the process's open files, for everything but connections
URL_BYTES = 8_000  # longest path with its query
HEAD_BYTES = 32_000  # most bytes without a whole head or a piece of body: heads, trailers, sizes of chunks
STEP_BYTES = 4_000  # bytes parsed between looks at these limits
OFFERS = (b"upgrade", b"http2-settings")  # headers, and what Connection says of them
LINGER = 1.0  # seconds that a refused client is given to read why
LINGER_BYTES = 1_000_000  # bytes of it that are thrown away meanwhile


def _canned(status: str, message: str, code: str, more: str = "") -> bytes:
    text = json.dumps(error_body(message, code)).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n{more}\r\n"
    return head.encode() + text


BUSY = _canned("429 Too Many Requests", "too many requests are waiting; send it again later", "queue_full",
               "retry-after: 1\r\n")  # fmt: skip
SLOW = _canned("408 Request Timeout", "the request did not come whole in time", "too_slow", "connection: close\r\n")
URL_LONG = _canned("414 URI Too Long", f"a URL may have {URL_BYTES} bytes", "url_too_long", "connection: close\r\n")
NO_HTTP = _canned("400 Bad Request", "this is no HTTP request", "bad_request", "connection: close\r\n")
HEAD_LONG = _canned("431 Request Header Fields Too Large", f"headers may have {HEAD_BYTES} bytes", "headers_too_large",
                    "connection: close\r\n")  # fmt: skip


class Limits:
    """What all connections of a process share.

    Args:
        at_once: most requests of `COUNTED` that are worked on; more are told to come again.
        patience: seconds for a request to come whole (its body may take longer at `LEAST_RATE`).
        refused: called for each request that is turned away.

    Beyond `OPEN_CONNECTIONS` the one that has gone longest without a whole request is closed.
    """

    def __init__(self, at_once: int, patience: float, refused: Callable[[], None]) -> None:
        self.at_once, self.patience, self.refused = at_once, patience, refused
        self.connections = min(OPEN_CONNECTIONS, _open_files() - RESERVED_FILES)
        self.busy = 0
        self.idle: OrderedDict[Any, None] = OrderedDict()  # connections without a whole request, longest first


def _open_files() -> int:
    """Return how many files this process may open, after asking for as many as it is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return max(soft, RESERVED_FILES + 100)


class _Connection(HttpToolsProtocol):
    """One connection; `connection_class` gives it its limits."""

    limits: Limits
    timer: Any = None
    coming = False  # the request at hand will count in `Limits.busy` once it is whole: slow clients hold no place
    counted = False  # it counts there
    begun = False  # a request has begun to come
    skipping = False  # the request at hand was turned away; the rest of it is thrown away
    received = 0  # bytes since the timer was started
    offered: bytes | None = None  # if the request at hand offers another protocol: its head without the offer
    headed = False  # the head of the request at hand has come whole; what comes as headers later is a trailer
    broken = False  # what came is no HTTP; the connection ends once the requests before it are answered

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_request()
        if len(self.connections) > self.limits.connections and self.limits.idle:
            oldest, _ = self.limits.idle.popitem(last=False)
            oldest.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self.limits.idle.pop(self, None)
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.broken:
            return
        self.received += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except HttpParserError:
            self.send_400_response("Invalid HTTP request received.")
        except HttpParserUpgrade as stopped:  # Java's client offers h2c with its first requests; the parser ends there
            if self.offered is not None:
                head, self.offered, self.parser = self.offered, None, HttpRequestParser(self)
                self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
                self.data_received(head + data[stopped.args[0] :])

    def send_400_response(self, msg: str) -> None:
        in_body = self.headed and not self.skipping
        if in_body and self.pipeline:
            self.pipeline.popleft()  # the request that broke off waits there, and will not come whole
        elif in_body or self.cycle is None or self.cycle.response_complete:
            self._end_broken()
            return
        self.broken = True
        self._stop_timer()

    def _end_broken(self) -> None:
        self.transport.write(NO_HTTP)
        if self.cycle is not None:
            self.cycle.disconnected = True  # else its answer would be written to what is closed
            self.cycle.message_event.set()
        self.transport.close()

    def _without_offer(self) -> bytes:
        """Return the head at hand as if no other protocol had been offered in it."""
        lines = [self.parser.get_method(), b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        for name, value in self.headers:
            if name == b"connection":
                tokens = (token.strip() for token in value.split(b","))
                value = b", ".join(token for token in tokens if token.lower() not in OFFERS)
            if name not in OFFERS and (value or name != b"connection"):
                lines += [name, b": ", value, b"\r\n"]
        return b"".join([*lines, b"\r\n"])

    def on_message_begin(self) -> None:
        self.begun, self.headed = True, False
        if self.timer is None:
            self._start_timer()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.headed:  # a trailer says nothing of keys, hosts or lengths: a proxy before the service sees none
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.headed = True
        if any(name == b"upgrade" for name, _ in self.headers) and self.parser.should_upgrade():
            self.offered = self._without_offer()
            return
        free = self.cycle is None or self.cycle.response_complete
        if not free or self.url.partition(b"?")[0] != COUNTED.encode() or self.parser.get_method() != b"POST":
            super().on_headers_complete()
        elif self.limits.busy >= self.limits.at_once:
            self.skipping = True
            self.limits.refused()
            self.transport.write(BUSY)
        else:
            self.coming = True
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.skipping:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if self.offered is not None:  # its body is still to come
            return
        self._stop_timer()
        if self.coming:
            self.coming, self.counted = False, True
            self.limits.busy += 1
        self.begun = self.headed = False
        self.limits.idle.pop(self, None)
        if not self.skipping:
            super().on_message_complete()
        elif self.parser.should_keep_alive():
            self._await_request()
        else:
            self.transport.close()
        self.skipping = False

    def on_response_complete(self) -> None:
        self._release()
        if self.broken and not self.pipeline:
            self._end_broken()
            return
        if not self.pipeline:  # else the next one is worked on, which may take longer than a request may come
            self._await_request()
        super().on_response_complete()

    def _await_request(self) -> None:
        """Count as idle until the next request."""
        if not self.transport.is_closing():
            self.limits.idle[self] = None
            self._start_timer()

    def _release(self) -> None:
        """Leave the requests that are worked on, if this one is among them."""
        self.coming = False
        if self.counted:
            self.counted = False
            self.limits.busy -= 1

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _start_timer(self) -> None:
        self._stop_timer()
        self.received = 0
        self.timer = self.loop.call_later(self.limits.patience, self._check_progress)

    def _check_progress(self) -> None:
        """Close a connection whose request has not come whole, unless a long body is still coming fast enough."""
        self.timer = None
        if self.transport is None or self.transport.is_closing():
            return
        if self.begun and (self.flow.read_paused or self.received >= LEAST_RATE * self.limits.patience):
            self._start_timer()
            return
        if self.cycle is None or (self.begun and (self.cycle.response_complete or not self.cycle.response_started)):
            self.transport.write(SLOW)
        self.transport.close()


class _BoundedConnection(_Connection):
    """A connection whose heads have a longest length; what goes beyond is answered, and the rest thrown away."""

    unread = 0  # bytes since the last head or piece of body
    progress = False  # the parser has found a head or a piece of body in the bytes at hand
    cut_off = False  # an answer is sent because of a limit; what still comes is thrown away

    def data_received(self, data: bytes) -> None:
        if self.cut_off:
            self.unread += len(data)
            if self.unread > LINGER_BYTES:
                self.transport.abort()
        for at in range(0, len(data), STEP_BYTES):
            if self.cut_off or self.transport.is_closing():
                return
            self.progress = False
            super().data_received(data[at : at + STEP_BYTES])
            self.unread = 0 if self.progress else self.unread + min(STEP_BYTES, len(data) - at)
            if self.unread > HEAD_BYTES:
                self._refuse(HEAD_LONG if self.headers else URL_LONG)

    def on_message_begin(self) -> None:
        if not self.cut_off:
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > URL_BYTES:
            self._refuse(URL_LONG)

    def on_headers_complete(self) -> None:
        self.progress = True
        if not self.cut_off:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.progress = True
        if not self.cut_off:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self.progress = True
        if not self.cut_off:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if not self.cut_off:
            super().send_400_response(msg)

    def _refuse(self, answer: bytes) -> None:
        if self.cut_off:
            return
        self.cut_off = True
        self._stop_timer()
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # another answer is on its way: this one cannot be told apart from it
            return
        self.transport.write(answer)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.timer = self.loop.call_later(LINGER, self.transport.abort)


def connection_class(limits: Limits) -> type[_Connection]:
    """Return the protocol class that uvicorn is to use (its ``http``)."""
    return type("Connection", (_BoundedConnection,), {"limits": limits})


def listen(app: Any, host: str, port: int, limits: Limits, grace: int) -> None:
    """Serve an application until the process is told to end; requests that run then have ``grace`` seconds."""
    uvicorn.run(
        app, host=host, port=port, http=connection_class(limits), log_config=None, access_log=False,
        server_header=False, ws="none", timeout_keep_alive=10, timeout_graceful_shutdown=grace,
        lifespan="on",  # what fails at the start ends the command
        workers=1,  # else $WEB_CONCURRENCY decides, and uvicorn refuses more than one
    )  # fmt: skip
