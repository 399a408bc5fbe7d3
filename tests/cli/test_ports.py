"""A server that cannot listen says so before it loads anything."""

from __future__ import annotations

import socket

import pytest

from buqi.cli.ports import check_port
from buqi.errors import UsageError
from tests.helpers import buqi


@pytest.fixture
def taken():
    """A port on which somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_is_free_is_taken(taken):
    check_port("127.0.0.1", 0)
    check_port("localhost", 0)


def test_why_it_cannot_listen_is_told(taken):
    with pytest.raises(UsageError, match=f"--port {taken}: cannot listen .another program listens there; name another"):
        check_port("127.0.0.1", taken)
    with pytest.raises(UsageError, match="no address of this machine"):
        check_port("192.0.2.1", 8000)
    with pytest.raises(UsageError, match=r"--host no\.such\.name\.invalid"):
        check_port("no.such.name.invalid", 8000)


@pytest.mark.parametrize("command", ["serve", "studio"])
def test_the_servers_ask_first(command, taken, tmp_path):
    where = ("--data" if command == "serve" else "--folder", tmp_path / "x")
    assert "another program listens there" in buqi(command, "--port", taken, *where, code=2).stderr
    assert not (tmp_path / "x").exists()
