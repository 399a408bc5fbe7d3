"""Makes training rows: from the table of divisions, or from a file of addresses."""

from buqi.synthesis.build import EXAMPLE_REGION, build_rows, counties_of, region_rows
from buqi.synthesis.country import country_rows

__all__ = ["EXAMPLE_REGION", "build_rows", "counties_of", "country_rows", "region_rows"]
