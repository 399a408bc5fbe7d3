"""Engines run a model: write answers, or score given ones."""

from buqi.engine.protocol import BASE, Answer, Engine
from buqi.engine.torch_engine import TorchEngine

__all__ = ["BASE", "Answer", "Engine", "TorchEngine"]
