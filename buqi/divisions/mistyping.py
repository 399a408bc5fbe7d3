"""The ways in which a name is mistyped, each with what a note says of it."""

from __future__ import annotations

MISTYPINGS = {
    "sound": "same sound",
    "near": "near sound",
    "shape": "similar character",
    "doubled": "a character doubled",
    "swapped": "characters swapped",
    "missing": "a character missing",
    "added": "a character too many",
    "other": "another character",
}
MISTYPED = frozenset(MISTYPINGS)
