"""Every county of the country is a proposal, with a row of features: what each kind of evidence says of it.

Evidence for a city or a province counts for all counties in it. Therefore no case needs a rule of its own. The kinds
of evidence are listed in :mod:`buqi.address.evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from buqi.address.counties import Counties
from buqi.address.evidence import EVIDENCE, FEATURES, EvidenceKind, Resources
from buqi.address.first_names import OPEN_KINDS, FirstName, FirstNames
from buqi.address.former_places import FormerPlaces
from buqi.address.marks import Values, every
from buqi.address.parsed import TIED, ParsedAddress
from buqi.address.proposal_kinds import kind_of
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.name_patterns import OPEN
from buqi.places.memory import Memory

AT = {name: number for number, name in enumerate(FEATURES)}


@dataclass
class Proposals:
    """The counties an address may lie in. They are never changed: frozen ones take three times as long to make.

    Attributes:
        match: what the matcher read.
        columns: the features by the column's name; a column that is left out is 0 for all counties.
        counties: how many there are.
        only: numbers of the only counties that have features; all counties if not given.
        candidates: for a county's number, the best candidate that lies there, or that it lies in.
        kind: what can be relied on, one of `buqi.address.proposal_kinds.PROPOSAL_KINDS`.
        first: a name that tells by itself where the address lies, if the address has one.
        inside: numbers of the counties under the division of that name.
        institution: whether the address begins with an institution's name, and there is a memory.
    """

    match: Match
    columns: Mapping[str, Values]
    counties: int
    only: NDArray[np.int64] | None
    candidates: dict[int, Candidate]
    kind: str
    first: FirstName | None = None
    inside: NDArray[np.int64] | None = None
    institution: bool = False

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """(counties, len(FEATURES)); 0 where nothing speaks for or against a county."""
        found = np.zeros((self.counties, len(FEATURES)))
        for name, values in self.columns.items():
            found[:, AT[name]] = every(values, self.counties)
        if self.only is not None:
            found[np.isin(np.arange(self.counties), self.only, invert=True)] = 0.0
        return found


class Proposer:
    """Turns addresses into proposals. The first takes about 2 s, as the table's smaller names are read for it.

    Args:
        matcher: reads the names.
        memory: the user's; may be empty.
    """

    def __init__(self, matcher: Matcher, memory: Memory) -> None:
        self.matcher, self.memory = matcher, memory

    @cached_property
    def numbered(self) -> Counties:
        """The counties by number."""
        return Counties(self.matcher)

    @property
    def counties(self) -> list[str]:
        """Codes of the counties (and of cities without counties), in the order of `Proposals.features`."""
        return self.numbered.codes

    @property
    def below(self) -> dict[str, NDArray[np.int64]]:
        """Numbers of the counties under each province, city and county."""
        return self.numbered.below

    @cached_property
    def resources(self) -> Resources:
        """What evidence draws on."""
        return Resources(self.matcher, self.memory, self.numbered)

    @cached_property
    def evidence(self) -> tuple[EvidenceKind, ...]:
        """The kinds of evidence, ready to be asked."""
        return tuple(kind(self.resources) for kind in EVIDENCE)

    @cached_property
    def first_names(self) -> FirstNames:
        """Finds names that tell by themselves where an address lies."""
        return FirstNames(self.resources)

    def parse(self, match: Match) -> ParsedAddress:
        """Return an address in the forms that evidence is looked for in."""
        return ParsedAddress(match, self.matcher, self.numbered)

    @cached_property
    def former(self) -> FormerPlaces:
        """Tells whether the place that had a name before may be meant."""
        return FormerPlaces(self.matcher, self.below, bool(self.memory))

    def propose(self, match: Match) -> Proposals:
        """Return what speaks for each county."""
        return self.propose_all([match])[0]

    def propose_all(self, matches: Sequence[Match]) -> list[Proposals]:
        """Return what speaks for each county, for several addresses."""
        addresses = [self.parse(self.former.restored(match)) for match in matches]
        columns: list[dict[str, Values]] = [{} for _ in addresses]
        for evidence in self.evidence:
            for known, found in zip(columns, evidence.features_of_all(addresses), strict=True):
                known.update(found)
        return [self._proposals(address, known) for address, known in zip(addresses, columns, strict=True)]

    def _proposals(self, address: ParsedAddress, columns: Mapping[str, Values]) -> Proposals:
        only = None
        if address.best is not None and address.is_named_in_full:
            # 普陀区宁夏路 is in a 普陀区, although the road speaks for 青岛
            least = address.best.named - TIED
            only = np.array([n for n, c in address.candidates.items() if c.named > least], dtype=np.int64)
        kind = kind_of(address)
        text = address.whole.lstrip(OPEN)
        first = self.first_names.surest(text, kind)
        inside = self.below.get(first.code) if first is not None else None
        return Proposals(
            match=address.match,
            columns=columns,
            counties=len(self.numbered),
            only=only,
            candidates=address.candidates,
            kind=kind,
            first=first if inside is not None else None,
            inside=inside,
            institution=bool(self.memory) and kind in OPEN_KINDS and self.first_names.begins_with_institution(text),
        )
