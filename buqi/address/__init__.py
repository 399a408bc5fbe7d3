"""The flagship task: completing Chinese addresses."""

from buqi.address.build import build_rows, counties_of
from buqi.address.completion import Completion

__all__ = ["Completion", "build_rows", "counties_of"]
