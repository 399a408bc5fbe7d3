"""What can be relied on in an address: calibration and thresholds are fitted for each kind."""

from __future__ import annotations

from buqi.address.mistyped import slips_in
from buqi.address.parsed import TIED, ParsedAddress
from buqi.divisions.meaning import FORMER, FULL
from buqi.gazetteer.zones import zone_first

PROPOSAL_KINDS = (
    "bare",  # no division is named
    "zone_first",  # none is named, but the text begins with a development zone
    "city_only",  # no division below a city is named
    "tied",  # names that are as good as the best lead elsewhere
    "tied_towns",  # the same, and only towns are named
    "uncertain",  # the best reading needs a short name, or a mistyped one that may be none
    "mistyped",  # the best reading needs a mistyped name that ends in its kind: 危县
    "full_name",  # the best reading has names written in full alone
)


def kind_of(address: ParsedAddress) -> str:
    """Return the kind of an address, one of `PROPOSAL_KINDS`."""
    match, best = address.match, address.best
    if best is None or not address.candidates:
        return "zone_first" if zone_first(address.whole) else "bare"
    if len(best.code) <= 4:
        return "city_only"
    named = sorted([c.named for c in match.candidates], reverse=True)
    if len(named) > 1 and named[0] - named[1] < TIED:
        return "tied_towns" if all(len(used.code) == 9 for used in best.used) else "tied"
    if all(used.kind in (FULL, FORMER) for used in best.used):
        return "full_name"
    return "mistyped" if slips_in(match.text, best).keep_kind else "uncertain"
