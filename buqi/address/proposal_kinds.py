"""What can be relied on in an address: calibration and thresholds are fitted for each kind."""

from __future__ import annotations

from buqi.address.mistyped import mistyped
from buqi.address.parsed import TIED, ParsedAddress
from buqi.gazetteer.zones import zone_first

PROPOSAL_KINDS = ("bare", "zone_first", "city_only", "tied", "tied_towns", "uncertain", "mistyped", "full_name")


def kind_of(address: ParsedAddress) -> str:
    """Return the kind of an address, one of `PROPOSAL_KINDS`.

    ``bare``: no division was named. ``zone_first``: none, but the text begins with a development zone. ``city_only``:
    none deeper than a city. ``tied``: names as good as the best lead elsewhere (``tied_towns``: of towns alone).
    ``uncertain``: a short name leads, or a mistyped one that may be none. ``mistyped``: a mistyped name with its kind
    leads (危县). ``full_name``: a name written in full leads.
    """
    match, best = address.match, address.best
    if best is None or not address.candidates:
        return "zone_first" if zone_first(address.whole) else "bare"
    if len(best.code) <= 4:
        return "city_only"
    named = sorted((c.named for c in match.candidates), reverse=True)
    if len(named) > 1 and named[0] - named[1] < TIED:
        return "tied_towns" if all(len(used.code) == 9 for used in best.used) else "tied"
    if all(used.kind in ("full", "former") for used in best.used):
        return "full_name"
    return "mistyped" if mistyped(match.text, best)[2] else "uncertain"
