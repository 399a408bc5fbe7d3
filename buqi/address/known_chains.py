"""Chains of names that many addresses begin with (陕西省西安市碑林区): each is looked up, not read name by name.

Behind the chain a town of that county must be written out, or no name may stand. Then the address is answered as the
matcher would read it, in a tenth of the time. All other addresses are left to the matcher: those that may hold a longer
name, a filler, a mistyped town or a city at the end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from buqi.address.branches import may_be_an_office
from buqi.address.moved_towns import left_town
from buqi.address.no_place import GOODS, LONGEST_DISH
from buqi.address.other_places import may_join, may_name_another
from buqi.address.turned import EndReader
from buqi.contact.several import may_have_breaks
from buqi.divisions import DivisionPath, Matcher, load_matcher
from buqi.divisions.kind_words import begins_in_kind
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FORMER, FULL, SHORT, Meaning
from buqi.divisions.name_patterns import FILLER, FILLER_STARTS, GAP, OF_MANY_CITIES, ROAD_OF_COUNTY
from buqi.divisions.names import short_name
from buqi.divisions.remarks import remark_ends
from buqi.divisions.table import OVERSEAS
from buqi.divisions.text import PARTING, PLAIN
from buqi.divisions.town_reader import AHEAD, LONG_TOWN
from buqi.expressions import expression
from buqi.indexes import Lists, kept_lists

NOT_ALONE = frozenset("场城办")  # behind a whole name these may belong to it: 新县城, 街道办事处
DASH = expression("(?<=[0-9])-(?=[0-9])")  # of a house: 512-8号
# A town may be written that the county has no longer, or a mistyped county before one of its towns.
TOWN_AHEAD = expression(r"[\u4e00-\u9fff]{1,9}?(?:镇|乡|街道|苏木)")
LAST = "\U0010ffff"  # stands behind all characters
MANY = 100  # addresses for which the chains are opened (0.1 s)


class KnownReading(NamedTuple):
    """What was read.

    Attributes:
        path: the divisions.
        detail: what is left of the text.
        plain: the same as the matcher reads it.
    """

    path: DivisionPath
    detail: str
    plain: str


class KnownChains:
    """Reads addresses that begin with a chain of whole and short names that ends in a county.

    Args:
        matcher: reads all others; tells which names there are.
        chains: for each chain the code of its county, a blank, and the characters with which a longer name would go on
            behind the chain.
    """

    def __init__(self, matcher: Matcher, chains: Mapping[str, str]) -> None:
        self.matcher, self.table, self.lexicon, self.names = matcher, matcher.table, matcher.lexicon, matcher.names
        self.chains, self._ends = chains, EndReader(matcher)
        lengths: dict[str, set[int]] = {}
        for chain in chains:
            lengths.setdefault(chain[:2], set()).add(len(chain))
        self._lengths = {beginning: sorted(found, reverse=True) for beginning, found in lengths.items()}

    def read(self, text: str) -> KnownReading | None:
        """Return what the matcher would read, ``None`` if only the matcher can tell."""
        line = text.translate(PLAIN)
        known = None
        for at in self._lengths.get(line[:2], ()):
            if (known := self.chains.get(line[:at])) is not None:
                break
        if known is None or may_have_breaks(line):
            return None
        if PARTING.search(line) and PARTING.search(line := DASH.sub("", line)):
            return None
        if self._ends.ends_in_names(text) or may_be_an_office(text):
            return None
        county, follows = known.split(" ")
        # follows: also nothing
        if line[at : at + 1] in follows or ROAD_OF_COUNTY.match(line, at) or begins_in_kind(line, at):
            return None
        found = self._town(line, at, county)
        if found is None:
            return None
        code, end = found
        here = line[end : end + 1]
        if not "\u4e00" <= here <= "\u9fff" or here in NOT_ALONE:
            return None
        if self.names.peoples.may_follow(line, end, self.table.names[code]):
            return None
        if (here in FILLER_STARTS and FILLER.match(line, end)) or (
            code == county and (GAP.match(line, end) or remark_ends(line, end))
        ):
            return None
        if code == county and left_town(line[end:], county, self.matcher):
            return None
        if code == county and len(line) - end <= LONGEST_DISH and GOODS.match(line, end):
            return None
        return (
            None
            if may_name_another(line, end) or may_join(line, end)
            else KnownReading(self.table.path(code), text[end:], line[end:])
        )

    def _town(self, line: str, at: int, county: str) -> tuple[str, int] | None:
        """Return the code of the town behind a county and its end; those of the county itself if no name follows."""
        names = list(self.lexicon.starting(line, at, under=True))
        own = [m for _, found in names for m in found if m.code.startswith(county)]
        if own:
            length, first = names[0]
            end = at + length
            alone = len(own) == 1 and own[0].kind == FULL and own[0] in first and all(m.level == 4 for m in first)
            shorter = [(at + short, m) for short, found in names[1:] for m in found if m.kind == SHORT]
            if not alone or (shorter and any(self.names.leads_on(line, to, m, end) for to, m in shorter)):
                return None
            goes_on = self._goes_on(self.lexicon.starting(line, end, under=True), county)
            return None if goes_on else (own[0].code, end)
        if self._goes_on(names, county):
            return None
        towns = self.names.towns
        otherwise = AHEAD.match(line, at) is not None and (
            TOWN_AHEAD.match(line, at) or towns.other_kind(line, at, county) or towns.mistyped(line, at, county)
        )
        return None if otherwise else (county, at)

    def _goes_on(self, names: Iterable[tuple[int, list[Meaning]]], county: str) -> bool:
        """Whether one of the names behind a chain may belong to it, or contradict it.

        A name belongs to it that lies in the same province. So may any, if another county is called as the chain's is.
        """
        meanings = [m for _, found in names for m in found]
        if not meanings:
            return False  # behind most chains no name begins
        if _is_shared(self.lexicon, self.table.names[county]):
            return True
        return any(
            m.code[:2] == county[:2] or (m.kind in (FULL, FORMER) and (m.level < 4 or len(m.name) >= LONG_TOWN))
            for m in meanings
        )


def chains_of(matcher: Matcher) -> dict[str, str]:
    """Return the codes of counties, and of cities without them, by how they are written with what is around them.

    Each name around is in full, short or left out. Without its city a county counts only where no other has or had its
    name.
    """
    table, found = matcher.table, dict[str, str]()
    divisions = [division for level in ("county", "city") for division in table.at(level)]
    for code in (d.code for d in divisions if not d.code.startswith(OVERSEAS) and not table.has_counties(d.code)):
        *around, name = [division.name for division in table.path(code).divisions]
        shared = _is_shared(matcher.lexicon, name)
        for names in product(*[dict.fromkeys((above, short_name(above), "")) for above in around]):
            if any(above and name.startswith(above) for above in names):
                continue  # 岳阳岳阳县
            if not shared or (names and names[-1]):
                found["".join(names) + name] = code
    return found


def followed(lexicon: Lexicon, chains: Mapping[str, str]) -> dict[str, str]:
    """Return for each chain the characters that may not follow it, as a longer name would begin in it (1 s for all).

    A name that begins with the last character of the chain counts only if it is a whole name of the same province:
    乐山市中区.

    Args:
        lexicon: the names.
        chains: the code of the county by chain.
    """
    names = sorted(lexicon.names)

    @cache
    def longer(part: str) -> list[str]:
        return names[bisect_right(names, part) : bisect_left(names, part + LAST)]

    @cache
    def inside(part: str) -> frozenset[str]:
        return frozenset(name[len(part)] for name in longer(part))

    @cache
    def last(character: str, province: str) -> frozenset[str]:
        meanings = ((name[1], m) for name in longer(character) for m in lexicon.names[name])
        return frozenset(behind for behind, m in meanings if m.kind == FULL and m.code[:2] == province)

    found = {}
    for chain, county in chains.items():
        parts = (inside(chain[at:]) for at in range(len(chain) - 1))
        found[chain] = "".join(sorted(last(chain[-1], county[:2]).union(*parts)))
    return found


def _is_shared(lexicon: Lexicon, name: str) -> bool:
    """Whether more than one county or city has or had a name."""
    return name in OF_MANY_CITIES or sum(m.level < 4 and m.kind in (FULL, FORMER) for m in lexicon.names[name]) > 1


@lru_cache(maxsize=1)
def load_known_chains() -> KnownChains:
    """Return the chains of the shipped table."""
    matcher = load_matcher()

    def make() -> dict[str, Lists]:
        chains = chains_of(matcher)
        follows = followed(matcher.lexicon, chains)
        return {"chains": {chain: [code, follows[chain]] for chain, code in chains.items()}}

    return KnownChains(matcher, kept_lists("chains", make)["chains"].cells)


def chains_for(matcher: Matcher, count: int) -> KnownChains | None:
    """Return the chains if it is worth to open them for so many addresses.

    ``None`` for few addresses, and for another table than the shipped one.
    """
    worth = count >= MANY or load_known_chains.cache_info().currsize > 0
    return load_known_chains() if worth and matcher is load_matcher() else None
