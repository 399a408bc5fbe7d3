"""Tools for agents, by the Model Context Protocol: complete addresses, look up divisions and places."""

from buqi.mcp.server import Complete, make_server

__all__ = ["Complete", "make_server"]
