"""The HTTP service: completing, chat, adapters, jobs, metrics, the page."""

from buqi.serve.app import create_app
from buqi.serve.settings import Settings

__all__ = ["Settings", "create_app"]
