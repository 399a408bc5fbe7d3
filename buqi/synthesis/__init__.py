"""Makes training rows: from the table of divisions, or from a file of addresses."""

from buqi.synthesis.build import build_rows, counties_of

__all__ = ["build_rows", "counties_of"]
