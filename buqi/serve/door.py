"""The door: connections that hang are closed, and what would only wait is told to come again before it costs anything.

It sits in uvicorn's protocol, below the application, where turning a request away takes some 30 microseconds: a service
that is asked for more than it can do must not spend its time on saying no.
"""

from __future__ import annotations

import json
import resource
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from buqi.serve.problems import body

COUNTED = "/v1/complete"  # milliseconds of work each; chats and jobs have queues of their own
LEAST_RATE = 1000  # bytes a second that a body must have once its patience is over
OPEN_CONNECTIONS = 4000
RESERVED_FILES = 200  # of the process's open files, for everything but connections


def _canned(status: str, message: str, code: str, more: str = "") -> bytes:
    text = json.dumps(body(message, code)).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {len(text)}\r\n{more}\r\n"
    return head.encode() + text


BUSY = _canned("429 Too Many Requests", "too many requests are waiting; send it again later", "queue_full",
               "retry-after: 1\r\n")  # fmt: skip
SLOW = _canned("408 Request Timeout", "the request did not come whole in time", "too_slow", "connection: close\r\n")


class Limits:
    """What all connections of a process share.

    Args:
        at_once: most requests of `COUNTED` that are worked on; more are told to come again.
        patience: seconds for a request to come whole (its body may take longer at `LEAST_RATE`).
        told: called for each request that is turned away.

    Beyond `OPEN_CONNECTIONS` the one that has gone longest without a whole request is closed.
    """

    def __init__(self, at_once: int, patience: float, told: Callable[[], None]) -> None:
        self.at_once, self.patience, self.told = at_once, patience, told
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


class _Door(HttpToolsProtocol):
    """One connection; `door` gives it its limits."""

    limits: Limits
    timer: Any = None
    counted = False  # the request at hand is one of `Limits.busy`
    begun = False  # a request has begun to come
    refusing = False  # the request at hand was turned away; the rest of it is thrown away
    received = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._rest()
        if len(self.connections) > self.limits.connections and self.limits.idle:
            oldest, _ = self.limits.idle.popitem(last=False)
            oldest.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle()
        self.limits.idle.pop(self, None)
        self._release()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        self.begun = True
        if self.timer is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        free = self.cycle is None or self.cycle.response_complete
        if not free or self.url.partition(b"?")[0] != COUNTED.encode() or self.parser.get_method() != b"POST":
            super().on_headers_complete()
        elif self.limits.busy >= self.limits.at_once:
            self.refusing = True
            self.limits.told()
            self.transport.write(BUSY)
        else:
            self.counted = True
            self.limits.busy += 1
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self.refusing:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._settle()
        self.begun = False
        self.limits.idle.pop(self, None)
        if not self.refusing:
            super().on_message_complete()
        elif self.parser.should_keep_alive():
            self._rest()
        else:
            self.transport.close()
        self.refusing = False

    def on_response_complete(self) -> None:
        self._release()
        self._rest()
        super().on_response_complete()

    def _rest(self) -> None:
        """Count as idle until the next request."""
        if not self.transport.is_closing():
            self.limits.idle[self] = None
            self._wait()

    def _release(self) -> None:
        if self.counted:
            self.counted = False
            self.limits.busy -= 1

    def _settle(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _wait(self) -> None:
        self._settle()
        self.received = 0
        self.timer = self.loop.call_later(self.limits.patience, self._look)

    def _look(self) -> None:
        """Close a connection whose request has not come whole, unless a long body is still coming fast enough."""
        self.timer = None
        if self.transport is None or self.transport.is_closing():
            return
        if self.begun and (self.flow.read_paused or self.received >= LEAST_RATE * self.limits.patience):
            self._wait()
            return
        if self.begun and (self.cycle is None or self.cycle.response_complete or not self.cycle.response_started):
            self.transport.write(SLOW)
        self.transport.close()


def door(limits: Limits) -> type[_Door]:
    """Return the protocol class that uvicorn is to use (its ``http``)."""
    return type("Door", (_Door,), {"limits": limits})
