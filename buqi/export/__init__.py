"""From an adapter to files that run elsewhere, with proof that they answer alike."""

from buqi.export.merge import merge
from buqi.export.parity import Parity

__all__ = ["Parity", "merge"]
