"""Every county of the country is a proposal, with a row of features: what each kind of evidence says of it.

Evidence above the county (a city or a province named) counts for all counties in it, so no case needs a rule of its
own. The kinds of evidence are listed in :mod:`buqi.address.evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from buqi.address.counties import Counties
from buqi.address.evidence import EVIDENCE, FEATURES, EvidenceKind, Resources
from buqi.address.first_names import OPEN, TIED_NAMES, FirstName, FirstNames
from buqi.address.former_places import FormerPlaces
from buqi.address.marks import Values, every
from buqi.address.parsed import TIED, ParsedAddress
from buqi.address.proposal_kinds import kind_of
from buqi.divisions import Candidate, Match, Matcher
from buqi.places.memory import Memory

AT = {name: number for number, name in enumerate(FEATURES)}


@dataclass(frozen=True)
class Proposals:
    """The counties an address may lie in.

    Attributes:
        match: what the matcher read.
        columns: what speaks for and against the counties, by the column's name; one left out is 0 for all.
        counties: how many there are.
        only: numbers of the counties that anything may speak for; all of them if not given.
        candidates: for a county's number, the best candidate that lies there, or that it lies in.
        kind: what can be relied on, one of `buqi.address.proposal_kinds.PROPOSAL_KINDS`.
        first: a name that tells by itself where the address lies, if it has one.
        inside: numbers of the counties where it tells.
    """

    match: Match
    columns: Mapping[str, Values]
    counties: int
    only: NDArray[np.int64] | None
    candidates: dict[int, Candidate]
    kind: str
    first: FirstName | None = None
    inside: NDArray[np.int64] | None = None

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """(counties, len(FEATURES)); zero where nothing speaks for or against a county."""
        found = np.zeros((self.counties, len(FEATURES)))
        for name, values in self.columns.items():
            found[:, AT[name]] = every(values, self.counties)
        if self.only is not None:
            found[np.isin(np.arange(self.counties), self.only, invert=True)] = 0.0
        return found


class Proposer:
    """Turns addresses into proposals. Built in about 2 s: it reads the table's smaller names.

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
        """Tells whether a place that had a name before may be meant."""
        return FormerPlaces(self.matcher.small_names.pieces, self.below, bool(self.memory))

    def propose(self, match: Match) -> Proposals:
        """Return what speaks for each county."""
        return self.propose_all([match])[0]

    def propose_all(self, matches: Sequence[Match]) -> list[Proposals]:
        """Return what speaks for each county, for several addresses."""
        addresses = [self.parse(self._weighed(match)) for match in matches]
        columns: list[dict[str, Values]] = [{} for _ in addresses]
        for evidence in self.evidence:
            for known, found in zip(columns, evidence.features_of_all(addresses), strict=True):
                known.update(found)
        return [self._proposals(address, known) for address, known in zip(addresses, columns, strict=True)]

    def _weighed(self, match: Match) -> Match:
        if not any(candidate.covered for candidate in match.candidates):
            return match
        return self.former.weighed(match, {c.code: self.matcher.table.county_of(c.code) for c in match.candidates})

    def _proposals(self, address: ParsedAddress, columns: Mapping[str, Values]) -> Proposals:
        only = None
        if address.best is not None and address.is_named_in_full:
            # whatever else speaks for 青岛: 普陀区宁夏路 is in a 普陀区
            least = address.best.named - TIED
            only = np.array([n for n, c in address.candidates.items() if c.named > least], dtype=np.int64)
        kind = kind_of(address)
        first = self.first_names.surest(address.whole, kind) if kind in (*OPEN, TIED_NAMES) else None
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
        )
