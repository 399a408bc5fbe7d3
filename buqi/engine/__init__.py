"""Engines run a model: they write answers."""

from buqi.engine.protocol import BASE, Answer, Engine
from buqi.engine.torch_engine import TorchEngine

__all__ = ["BASE", "Answer", "Engine", "TorchEngine"]
