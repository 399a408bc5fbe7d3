"""Regular expressions that are compiled at their first use.

Addresses are read with more than 400 of them, and one address asks for a quarter. To compile one with a set of Chinese
characters takes 0.5 ms; all of them would be a quarter of the time of a start.
"""

from __future__ import annotations

import re
from typing import Any, cast


class Expression:
    """A pattern that becomes a `re.Pattern` when something is asked of it.

    Args:
        pattern: as `re.compile` takes it.
        flags: the same.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern, self.flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        """Return a method of the compiled pattern, and keep it: this is called once for each name.

        Raises:
            AttributeError: a pattern has nothing of this name.
            re.error: it is no regular expression.
        """
        if name.startswith("__"):  # what copying and pickling ask for
            raise AttributeError(name)
        found = getattr(re.compile(self.pattern, self.flags), name)
        setattr(self, name, found)
        return found


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` does, compiled at its first use. Not for patterns that a user wrote: see `re.error`."""
    return cast("re.Pattern[str]", Expression(pattern, flags))
