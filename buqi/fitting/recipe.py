"""The numbers that somebody chose: which rows are made, how they weigh, how many may be wrong (``recipe.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

import yaml

RECIPE_FILE = "recipe.yaml"


@dataclass(frozen=True)
class Slice:
    """A kind of rows; ``recipe.yaml`` says what its values mean."""

    share: float = 0.0
    cap: float | None = None
    memory_cap: float | None = None
    by_people: bool = False


@dataclass(frozen=True)
class Way:
    """A way to cut full addresses short; ``recipe.yaml`` says what its values mean."""

    most: int
    slice: str = ""
    weight: float = 1.0
    unseen: bool = False


@dataclass(frozen=True)
class Natural:
    """Rows that people wrote short themselves: how many of a slice, their weights, slices by form."""

    most: int
    weights: Mapping[str, float]
    forms: Mapping[str, str]


@dataclass(frozen=True)
class Recipe:
    """All of it, by name."""

    slices: Mapping[str, Slice]
    most_wrong: float
    ways: Mapping[str, Way]
    natural: Natural
    no_places: int
    first_weights: Mapping[str, float]

    def slice_of(self, way: str) -> str:
        """Return what rows are that are made in a way."""
        return self.ways[way].slice or way

    def caps(self, memory: bool = False) -> dict[str, float]:
        """Return the share of each slice that may be answered wrongly; a slice that is not there has no cap."""
        caps = {name: slice_.cap for name, slice_ in self.slices.items()}
        if memory:
            caps |= {name: s.memory_cap for name, s in self.slices.items() if s.memory_cap is not None}
        return {name: cap for name, cap in caps.items() if cap is not None}


def load_recipe() -> Recipe:
    """Return the recipe that the shipped numbers were fitted with.

    Raises:
        TypeError: the file has a name that nothing reads.
    """
    record = yaml.safe_load(resources.files("buqi.fitting").joinpath(RECIPE_FILE).read_text(encoding="utf-8"))
    record["slices"] = {name: Slice(**values) for name, values in record["slices"].items()}
    record["ways"] = {name: Way(**values) for name, values in record["ways"].items()}
    record["natural"] = Natural(**record["natural"])
    return Recipe(**record)


RECIPE = load_recipe()
