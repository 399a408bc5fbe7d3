"""Texts that begin with certain names: what stands beside a ware, inside talk."""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.completion import REFUSALS, Completion
from buqi.divisions import Matcher
from buqi.divisions.meaning import FULL

SHORTEST = 2  # characters of such a text
LEAST = 0.8  # confidence of its answer


def certain_answer(text: str, matcher: Matcher, complete: Callable[[str], Completion]) -> Completion | None:
    """Return the answer to a text that begins with certain names: two of them, one in full, or a town's.

    Args:
        text: a part of an address, or of talk.
        matcher: has the names.
        complete: completes the text.
    """
    if len(text) < SHORTEST:
        return None
    match = matcher.match(text)
    used = match.candidates[0].used if match.equal else ()
    if not used or used[0].start or match.lead or match.front:
        return None
    found = complete(text)
    certain = len(used) > 1 or any(name.kind == FULL for name in used) or bool(found.path.name("town"))
    if found.status in REFUSALS or not certain or (found.confidence or 0.0) < LEAST:
        return None
    return found
