"""The tools, on the protocol's own Python SDK; they are served on standard input and output, or by ``buqi serve``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

import buqi
from buqi.address import Completion
from buqi.errors import BuqiError
from buqi.extras import install

if TYPE_CHECKING:
    from mcp.server import MCPServer
    from mcp.server.mcpserver.tools import Tool

Complete = Callable[[list[str], bool], Awaitable[list[Completion]]]
MOST_UNDER = 50  # divisions shown below another one
INSTRUCTIONS = (
    "Completes Chinese addresses by the official table of divisions. Nothing is invented: a level that cannot be told "
    "is empty. A confidence is the probability that all levels given, down to the county, are right."
)

Addresses = Annotated[list[str], Field(description="Chinese addresses, as people write them.", min_length=1)]
Contact = Annotated[bool, Field(description="Read name, telephone and postcode apart from the address.")]
Division = Annotated[str, Field(description="A division's full, short or former name (法门镇, 恩施州), or code.")]
Place = Annotated[str, Field(description="Name of a road, an estate, a village (文一西路).")]


def make_server(complete: Complete, memory: Path | None = None) -> MCPServer[Any]:
    """Return a server of the tools.

    Args:
        complete: completes addresses; the second argument says whether contacts are read apart.
        memory: folder of ``buqi places``; the default one if not given.

    Raises:
        BuqiError: the SDK is not installed, or does not take the environment.
    """
    try:
        from mcp.server import MCPServer
        from mcp.server.mcpserver.tools import Tool
        from mcp_types import ToolAnnotations
    except ImportError as error:
        raise BuqiError(f"tools for agents need the protocol's SDK: {install('mcp')}") from error
    except ValueError as error:  # OpenTelemetry, which the SDK brings, does not know what the environment names
        raise BuqiError(f"the protocol's SDK does not load ({error}); see OTEL_… in the environment") from error

    async def complete_addresses(addresses: Addresses, contact: Contact = False) -> dict[str, Any]:
        with _tool_errors():
            found = await complete(addresses, contact)
        return {"completions": [completion.as_json() for completion in found]}

    def look_up_division(name: Division) -> dict[str, Any]:
        from buqi.divisions.lookup import look_up

        with _tool_errors():
            found = look_up(name)
        return {"divisions": [d | {"under": d["under"][:MOST_UNDER], "under_in_all": len(d["under"])} for d in found]}

    def search_places(name: Place) -> dict[str, Any]:
        from buqi.places.lookup import look_up

        with _tool_errors():
            return {"places": look_up(name, memory)}

    about: dict[Callable[..., Any], str] = {
        complete_addresses: "Complete Chinese addresses: levels, codes, confidence, alternatives.",
        look_up_division: "Look up divisions of China by name or code: codes, full path, what lies under them.",
        search_places: "Say where a road, estate or village lies, by the user's own addresses and shipped lists.",
    }
    reads = ToolAnnotations(read_only_hint=True)
    made = [Tool.from_function(tool, description=text, annotations=reads) for tool, text in about.items()]
    return MCPServer(
        "buqi", "buqi 补齐", instructions=INSTRUCTIONS, version=buqi.__version__, log_level="ERROR",
        tools=[_strict(tool) for tool in made],
    )  # fmt: skip


def _strict(tool: Tool) -> Tool:
    """Return a tool that refuses arguments which it does not know: the SDK would leave them out without a word."""
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters = arguments.model_json_schema(by_alias=True)
    return tool


@contextmanager
def _tool_errors() -> Iterator[None]:
    """Turn an error that a user can cause into one whose message the agent is shown."""
    from mcp.server.mcpserver.exceptions import ToolError

    try:
        yield
    except BuqiError as error:
        raise ToolError(str(error)) from error
