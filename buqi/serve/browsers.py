"""Who asks through a browser, where no key says it: pages of other sites are turned away.

A page may send requests to this machine. By a name that its owner points here (DNS rebinding) it could read the answers
too, so the name must be a known one; and by a form it could upload, so the page must be our own.
"""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings

READING = ("GET", "HEAD")


def check_browser(method: str, headers: list[tuple[bytes, bytes]], settings: ServiceSettings) -> None:
    """Check the headers of a request without a key.

    Raises:
        Problem: 400 (no ``Host``, or several), 403 (another machine's name, or a page of another site).
    """
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        raise Problem(400, "expected one Host header", "bad_request")
    host = hosts[0].decode("latin-1").lower()
    if not _known(host, settings):
        raise Problem(403, "this name is not one of the service's (buqi serve --host_name)", "wrong_host")
    given = dict(headers)
    origin = given.get(b"origin", b"").decode("latin-1").lower()
    allowed = {name.lower().rstrip("/") for name in settings.origins}
    if "*" in allowed or (origin and origin in allowed):
        return
    if origin:
        ours = origin.partition("://")[2] == host
    else:
        linked = method in READING and given.get(b"sec-fetch-mode") == b"navigate"  # a link that somebody clicked
        ours = linked or given.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin")
    if not ours:
        raise Problem(403, "a page of another site may not ask here (buqi serve --origin)", "wrong_origin")


def _known(host: str, settings: ServiceSettings) -> bool:
    """Whether a ``Host`` names this machine."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if "@" in host or "/" in host:
        return False
    if name == "localhost" or name.endswith(".localhost") or name in (n.lower() for n in settings.hosts):
        return True
    try:
        found = ip_address(name)
    except ValueError:
        return False
    return found.is_loopback or settings.any_address
