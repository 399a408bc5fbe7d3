"""The numbers that somebody chose: which rows are made, how they weigh, how many may be wrong (``recipe.yaml``)."""

from __future__ import annotations

from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the recipe; a name that nothing reads is an error. ``recipe.yaml`` says what its values mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Slice(Part):
    """A kind of rows."""

    share: float = 0.0
    cap: float | None = None
    memory_cap: float | None = None
    by_people: bool = False


class Way(Part):
    """A way to cut full addresses short."""

    most: int
    slice: str = ""
    weight: float = 1.0
    unseen: bool = False


class Natural(Part):
    """Rows that people wrote short themselves: how many of a slice, their weights, slices by form."""

    most: int
    weights: dict[str, float]
    forms: dict[str, str]


class Recipe(Part):
    """All of it, by name."""

    slices: dict[str, Slice]
    most_wrong: float
    ways: dict[str, Way]
    natural: Natural
    no_places: int
    first_weights: dict[str, float]

    def slice_of(self, way: str) -> str:
        """Return what rows are that are made in a way."""
        return self.ways[way].slice or way

    def caps(self, memory: bool = False) -> dict[str, float]:
        """Return the share of each slice that may be answered wrongly; a slice that is not there has no cap."""
        caps = {name: s.cap if s.memory_cap is None or not memory else s.memory_cap for name, s in self.slices.items()}
        return {name: cap for name, cap in caps.items() if cap is not None}


# What the shipped numbers were fitted with.
RECIPE = Recipe(**yaml.safe_load(resources.files("buqi.fitting").joinpath("recipe.yaml").read_text(encoding="utf-8")))
