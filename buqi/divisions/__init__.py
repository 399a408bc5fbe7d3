"""The table of China's administrative divisions, and the matcher that reads addresses with it."""

from typing import TYPE_CHECKING, Any

from buqi.divisions.match import Candidate, Match
from buqi.divisions.table import (
    LEVELS,
    Division,
    DivisionPath,
    FormerName,
    Table,
    load_former,
    load_table,
)

if TYPE_CHECKING:
    from buqi.divisions.matcher import Matcher, load_matcher

__all__ = [
    "LEVELS",
    "Candidate",
    "Division",
    "DivisionPath",
    "FormerName",
    "Match",
    "Matcher",
    "Table",
    "load_former",
    "load_matcher",
    "load_table",
]


def __getattr__(name: str) -> Any:
    # The matcher imports numpy and builds its lexicon; who needs the table alone does not wait for it.
    if name in ("Matcher", "load_matcher"):
        from buqi.divisions import matcher

        return getattr(matcher, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
