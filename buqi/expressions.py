"""Regular expressions that are compiled at their first use.

Addresses are read with more than 360 of them, and one address asks for a quarter. To compile one with a set of Chinese
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
        self._compiled: re.Pattern[str] | None = None

    def compiled(self) -> re.Pattern[str]:
        """Return the compiled pattern.

        Raises:
            re.error: it is no regular expression.
        """
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self.flags)
        return self._compiled

    def __getattr__(self, name: str) -> Any:
        """Return a method of the compiled pattern, and keep it: this is called once for each name.

        Raises:
            AttributeError: a pattern has nothing of this name.
            re.error: it is no regular expression.
        """
        if name.startswith("__"):  # what copying and pickling ask for
            raise AttributeError(name)
        found = getattr(self.compiled(), name)
        setattr(self, name, found)
        return found


MADE: list[Expression] = []  # all of this process


def expression(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return what `re.compile` does, compiled at its first use. Only for patterns that stand in the code."""
    MADE.append(Expression(pattern, flags))
    return cast("re.Pattern[str]", MADE[-1])


def compile_all() -> None:
    """Compile all that were made, before what must not wait (0.2 s)."""
    for made in MADE:
        made.compiled()
