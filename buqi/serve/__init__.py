"""The HTTP service: completing, chat, adapters, jobs, metrics, the page."""

from buqi.serve.app import create_app
from buqi.serve.settings import ServiceSettings

__all__ = ["ServiceSettings", "create_app"]
