"""Whether a server can listen where it is to; asked before anything is loaded."""

from __future__ import annotations

import errno
import socket

from buqi.errors import UsageError

REASONS = {
    errno.EADDRINUSE: "another program listens there; name another --port",
    errno.EACCES: "only the administrator may; name a --port from 1024 on",
    errno.EADDRNOTAVAIL: "no address of this machine",
}


def check_port(host: str, port: int) -> None:
    """Refuse an address on which a server could not listen.

    Raises:
        UsageError: the port is taken or not allowed, or the host is no address of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
    except OSError as error:
        reason = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise UsageError(f"--host {host} --port {port}: cannot listen ({reason})") from error
