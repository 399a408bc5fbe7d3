"""An address and the division that somebody chose for it: names that the division repeats are said once."""

from __future__ import annotations

from typing import Any

from buqi.address.completion import BY_MODEL, Completion, notes
from buqi.address.unread import unread, with_between
from buqi.address.villages import village_of
from buqi.divisions import Candidate, Match, Table


def placed(
    match: Match,
    code: str,
    table: Table,
    confidence: float | None = None,
    alternatives: tuple[dict[str, Any], ...] = (),
) -> Completion:
    """Return the completion of an address for which a model chose the division.

    Args:
        match: what was read of the address.
        code: of the chosen county, city or province.
        table: the divisions.
        confidence: how likely it is that the address lies there.
        alternatives: other places, as `Completion.alternatives` has them.
    """
    candidate = candidate_in(match, code, table)
    path = table.path(code)
    if candidate is not None and table.county_of(candidate.code) == code:
        path = candidate.path  # with the town that was read
    detail = unread(match, candidate, path)
    last = path.divisions[-1].code
    county, village = table.county_of(last), None
    if not table.has_counties(county):
        village = village_of(detail.lstrip(), county, last if len(last) == 9 else "", table)
    if village is None:
        detail = unread(match, candidate, path, former_towns=True)
    return Completion.known(
        match.text,
        path,
        with_between(match, candidate, path, detail, former_towns=village is None),
        confidence,
        BY_MODEL,
        village,
        alternatives=alternatives,
        notes=notes(match, candidate),
        lead=match.lead if detail == match.address else match.lead or _opening(match),
    )


def _opening(match: Match) -> str:
    """Return a bracket that stands before the first name and is in no other part: that of (四川)自由贸易试验区."""
    before = match.text[: match.spans[0][0]] if match.spans and not match.front else ""
    return before if before.strip() else ""


def candidate_in(match: Match, code: str, table: Table) -> Candidate | None:
    """Return the best reading of an address that lies in a division, or that the division lies in."""
    around = {d.code for d in table.path(code).divisions}
    fitting = [c for c in match.candidates if c.code in around or any(d.code == code for d in c.path.divisions)]
    return max(fitting, key=lambda c: c.named, default=None)
