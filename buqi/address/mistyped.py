"""How far a candidate's names are mistyped."""

from __future__ import annotations

from buqi.divisions import Candidate
from buqi.divisions.mistyping import MISTYPED

COUNTY_KINDS = "县区市旗"


def mistyped(text: str, candidate: Candidate) -> tuple[float, float, float]:
    """Return whether a candidate's name is mistyped, in how many characters beyond one, and whether its kind is whole.

    One slip is likelier than two, and 危县 says that a county was meant, which 陇西线 does not.
    """
    slips = [used for used in candidate.used if used.kind in MISTYPED and len(used.code) <= 6]
    if not slips:
        return 0.0, 0.0, 0.0
    changed, whole = 0, True
    for used in slips:
        written = text[used.start : used.end]
        same = len(written) == len(used.name) and used.kind != "swapped"  # that is one slip
        changed += sum(a != b for a, b in zip(written, used.name, strict=True)) if same else 1
        whole = whole and written[-1] == used.name[-1] and written[-1] in COUNTY_KINDS
    return 1.0, float(max(changed - len(slips), 0)), float(whole)
