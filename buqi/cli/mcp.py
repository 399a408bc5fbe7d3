"""``buqi mcp``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buqi.cli.options import Memory, Threshold
from buqi.cli.screen import errors, working

if TYPE_CHECKING:
    from buqi.address import Completion


def mcp(memory: Memory = None, threshold: Threshold = None) -> None:
    """Serve tools for agents on standard input and output (the protocol MCP). Over HTTP: buqi serve --mcp."""
    from buqi.answering import AddressAnswerer, AnswerOptions
    from buqi.mcp import make_server

    async def complete(addresses: list[str], contact: bool) -> list[Completion]:
        import anyio

        return await anyio.to_thread.run_sync(answerer.answer, addresses, lambda _: None, contact)

    server = make_server(complete, memory)
    with working("loading"):
        answerer = AddressAnswerer(AnswerOptions("auto", memory, threshold))
    errors.print("[dim]tools for agents on standard input and output; an agent starts this command itself[/]")
    server.run("stdio")
