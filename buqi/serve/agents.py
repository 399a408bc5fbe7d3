"""Tools for agents over HTTP: behind the same keys, names and limits as all requests."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from starlette.routing import Route

from buqi.address import Completion
from buqi.errors import BuqiError
from buqi.serve.checks import check_texts
from buqi.serve.problems import Problem
from buqi.serve.service import Service

PATH = "/mcp"


class Agents:
    """The tools of `buqi.mcp` in a service; a `BuqiError` if the protocol's SDK is not installed."""

    def __init__(self, service: Service) -> None:
        from buqi.mcp import make_server

        settings = service.settings

        async def complete(addresses: list[str], contact: bool) -> list[Completion]:
            try:
                check_texts(addresses, settings)
                return await service.addresses.submit(addresses, settings.timeout, key=contact)
            except Problem as problem:
                raise BuqiError(str(problem)) from problem

        self.server = make_server(complete, settings.answering.memory)
        # Every call stands alone, so no session outlives its request. The host says that Host and Origin need no look:
        # the guard has looked at them.
        tools = self.server.streamable_http_app(
            streamable_http_path=PATH, stateless_http=True, json_response=True, host="0.0.0.0"
        )
        # Without sessions there is nothing to tell in a stream: a GET would only wait for ever.
        self.routes = [Route(PATH, endpoint=route.endpoint, methods=["POST"]) for route in tools.routes]

    def running(self) -> AbstractAsyncContextManager[None]:
        """Answer calls while the context lasts."""
        found: AbstractAsyncContextManager[None] = self.server.session_manager.run()
        return found
