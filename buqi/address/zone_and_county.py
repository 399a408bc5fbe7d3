"""A county's whole name behind a new area of its city: 江北新区浦口区, 天府新区双流区."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.divisions import Table
from buqi.divisions.words import HAN
from buqi.expressions import expression

ZONE = expression(rf"{HAN}{{2,6}}?新区(?={HAN}{{1,6}}?[区县市旗])")
CITY = 4  # characters of a city's code


def read_county_behind_zone(answer: Completion, table: Table, complete: Callable[[str], Completion]) -> Completion:
    """Return the answer of the county behind a new area with which a detail begins, or ``answer`` itself.

    Args:
        answer: of a city.
        table: has the counties.
        complete: completes the text without the new area.
    """
    zone = ZONE.match(answer.detail) if len(answer.code) == CITY and answer.status not in REFUSALS else None
    if zone is None:
        return answer
    rest = answer.detail[zone.end() :]
    names = (division.name for division in table.at("county") if division.code.startswith(answer.code))
    if not any(rest.startswith(name) for name in names):
        return answer
    found = complete(answer.path.full + rest)
    against = any(note.endswith(AGAINST.format("")) for note in found.notes)
    if not found.code.startswith(answer.code) or found.code == answer.code or found.lead or against:
        return answer
    detail, sure = zone.group() + found.detail, min(found.confidence or 0.0, answer.confidence or 0.0)
    full = found.path.full + detail
    return replace(found, input=answer.input, lead=answer.lead, detail=detail, full=full, confidence=sure)
