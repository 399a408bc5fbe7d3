"""How far a candidate's names are mistyped."""

from __future__ import annotations

from typing import NamedTuple

from buqi.divisions import Candidate
from buqi.divisions.mistyping import MISTYPED

COUNTY_KINDS = "县区市旗"


class Slips(NamedTuple):
    """What is mistyped in a candidate's names.

    Attributes:
        mistyped: whether a county's name, or one above it, is mistyped.
        further: mistyped characters beyond the first of each name. One slip is likelier than two.
        keep_kind: whether each such name still ends in its kind: 危县 says that a county was meant, 陇西线 does not.
    """

    mistyped: bool
    further: int
    keep_kind: bool


NO_SLIPS = Slips(mistyped=False, further=0, keep_kind=False)


def slips_in(text: str, candidate: Candidate) -> Slips:
    """Return what is mistyped in a candidate's names.

    Args:
        text: the text that was read.
        candidate: one of its readings.
    """
    slips = [used for used in candidate.used if used.kind in MISTYPED and len(used.code) <= 6]
    if not slips:
        return NO_SLIPS
    changed, keep_kind = 0, True
    for used in slips:
        written = text[used.start : used.end]
        same = len(written) == len(used.name) and used.kind != "swapped"  # that is one slip
        changed += sum(a != b for a, b in zip(written, used.name, strict=True)) if same else 1
        keep_kind = keep_kind and written[-1] == used.name[-1] and written[-1] in COUNTY_KINDS
    return Slips(True, max(changed - len(slips), 0), keep_kind)
