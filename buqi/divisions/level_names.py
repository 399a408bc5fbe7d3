"""The names of the levels of whatever has a path of divisions."""

from __future__ import annotations

from buqi.divisions.table import DivisionPath


class LevelNames:
    """Names by level; a level that is not known is ``""``."""

    path: DivisionPath

    @property
    def province(self) -> str:
        """The province by its official name."""
        return self.path.name("province")

    @property
    def city(self) -> str:
        """The city."""
        return self.path.name("city")

    @property
    def county(self) -> str:
        """The county."""
        return self.path.name("county")

    @property
    def town(self) -> str:
        """The town."""
        return self.path.name("town")
