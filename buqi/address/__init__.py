"""The flagship task: completing Chinese addresses."""

from buqi.address.completion import Completion

__all__ = ["Completion"]
