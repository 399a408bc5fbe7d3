"""What speaks for each county: names read by the matcher, the table's smaller names, the user's memory.

Every county of the country is a proposal; one row of features for each. Evidence above the county (a city or a province
named) counts for all counties in it, so no case needs a rule of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from buqi.address.evidence import mentions
from buqi.address.evidence.doors import Doors, area_of
from buqi.divisions import Candidate, Match, Matcher
from buqi.divisions.evidence import NUMBERS
from buqi.divisions.text import read
from buqi.divisions.zones import zone_first
from buqi.places.classifier import Likeness
from buqi.places.memory import Memory
from buqi.places.names import without_left, without_zone, without_zone_words
from buqi.places.votes import Votes

MISTYPED = frozenset("sound near shape doubled swapped missing added other".split())
FEATURES = (
    # what the matcher's candidate that lies there, or that it lies in, says
    "named", "any", "mistyped", "changed", "kind", "short", "common", "former", "against", "town", "clear",
    *mentions.NAMES,  # names further back or not in full
    "pieces", "size",  # the table's smaller names; how large a county is
    "names", "parts", "likeness",  # the user's memory: its names, pieces of them, all of the text
    "doors",  # how doors are written there
    "bare",  # 1 for every county of a row in which no division was named
)  # fmt: skip
OWN = 11  # how many of them are the candidate's own
MENTIONS = slice(OWN, OWN + len(mentions.NAMES))
PIECES, SIZE, NAMES, PARTS, LIKENESS, DOORS, BARE = range(MENTIONS.stop, len(FEATURES))
COUNTY_KINDS = "县区市旗"
TIED = 0.5
KINDS = ("bare", "zone", "above", "tied", "tied town", "weak", "slip", "led")
MOST = 12.0  # evidence beyond this says no more
FRONT = 24  # characters whose pieces are looked up


@dataclass(frozen=True)
class Proposals:
    """The counties an address may lie in.

    Attributes:
        match: what the matcher read.
        features: (counties, len(FEATURES)); zero where nothing speaks for or against a county.
        candidates: for a county's number, the best candidate that lies there, or that it lies in.
    """

    match: Match
    features: NDArray[np.float64]
    candidates: dict[int, Candidate]

    @property
    def kind(self) -> str:
        """What can be relied on, one of `KINDS`.

        ``bare``: no division was named. ``zone``: none, but the text begins with a development zone. ``above``: none
        deeper than a city. ``tied``: names as good as the best lead elsewhere (``tied town``: of towns alone).
        ``weak``: a short name leads, or a mistyped one that may be none. ``slip``: a mistyped name with its kind does
        (危县). ``led``: a name written in full does.
        """
        if not self.candidates:
            return "zone" if zone_first(without_left(read(self.match.text).plain)) else "bare"
        best = self.match.candidates[0]
        if len(best.code) <= 4:
            return "above"
        named = sorted((c.named for c in self.match.candidates), reverse=True)
        if len(named) > 1 and named[0] - named[1] < TIED:
            return "tied town" if all(len(used.code) == 9 for used in best.used) else "tied"
        if all(used.kind in ("full", "former") for used in best.used):
            return "led"
        return "slip" if mistyped(self.match.text, best)[2] else "weak"


class Proposer:
    """Turns addresses into proposals.

    Args:
        matcher: reads the names.
        memory: the user's; may be empty.
    """

    def __init__(self, matcher: Matcher, memory: Memory) -> None:
        self.matcher, self.memory = matcher, memory

    @cached_property
    def votes(self) -> Votes | None:
        """The memory, ready to be asked; ``None`` if it is empty."""
        return Votes(self.memory, self.matcher.evidence) if self.memory else None

    @cached_property
    def likeness(self) -> Likeness | None:
        """The memory's classifiers; ``None`` if it is too small for any."""
        trained = self.memory.classifiers
        return Likeness(trained, self.matcher.evidence.number) if trained else None

    @cached_property
    def mentions(self) -> mentions.Mentions:
        """Looks for names further back."""
        return mentions.Mentions(self.matcher, self.below)

    @cached_property
    def doors(self) -> Doors:
        """How doors are written in each county."""
        return Doors([area_of(self.matcher, code) for code in self.counties])

    @cached_property
    def counties(self) -> list[str]:
        """Codes of the counties (and of cities without counties), in the order of `Proposals.features`."""
        return list(self.matcher.evidence.number)

    @cached_property
    def below(self) -> dict[str, NDArray[np.int64]]:
        """Numbers of the counties under each province, city and county."""
        found: dict[str, list[int]] = {}
        for number, code in enumerate(self.counties):
            for division in self.matcher.table.path(code).divisions:
                found.setdefault(division.code, []).append(number)
        return {code: np.array(numbers) for code, numbers in found.items()}

    def propose(self, match: Match) -> Proposals:
        """Return what speaks for each county."""
        evidence = self.matcher.evidence
        features = np.zeros((len(self.counties), len(FEATURES)))
        candidates: dict[int, Candidate] = {}
        for candidate in match.candidates:
            under = self.below.get(self.matcher.table.county_of(candidate.code))
            if under is None:  # Hong Kong, Macau and Taiwan have no towns in the table, so no county there is numbered
                continue
            row = self._named(match.text, candidate, candidate is match.best)
            for number in under.tolist():
                if number not in candidates or row[0] > features[number, 0]:
                    candidates[number], features[number, :OWN] = candidate, row
        best = match.candidates[0] if match.candidates else None
        # A short name may be no division after all: then the memory is asked about the text with it.
        sure = best is not None and match.equal and any(used.kind != "short" for used in best.used)
        whole = without_left(read(match.text).plain)
        rest = read(match.text[max(used.end for used in best.used) :]).plain if best and match.equal else whole
        heard = rest if sure else whole
        features[:, MENTIONS] = self.mentions.of(rest, whole)
        place = _place(rest)
        everyone = np.arange(len(self.counties))
        pieces = evidence.pieces.of(place)
        if len(pieces):
            features[:, PIECES] = np.clip(evidence.pieces.scores(pieces, everyone), -MOST, MOST)
        features[:, SIZE] = evidence.size
        if self.votes is not None:
            names, parts = self.votes.of(heard, _place(heard))
            features[:, NAMES], features[:, PARTS] = np.clip(names, -MOST, MOST), np.clip(parts, -MOST, MOST)
        if self.likeness is not None:
            features[:, LIKENESS] = np.clip(self.likeness.of(without_zone(heard)), -MOST, MOST)
        features[:, DOORS] = self.doors.of(rest)
        features[:, BARE] = float(not candidates)
        if best and match.equal and self._in_full(best):
            elsewhere = np.ones(len(features), dtype=bool)
            elsewhere[[n for n, c in candidates.items() if c.named > best.named - TIED]] = False
            features[elsewhere] = 0.0  # whatever else speaks for 青岛: 普陀区宁夏路 is in a 普陀区
        return Proposals(match, features, candidates)

    def _in_full(self, best: Candidate) -> bool:
        """Whether a county or city is named in full and nothing speaks against it; 城区 may also be no name."""
        zones = self.matcher.lexicon.zones
        whole = [u for u in best.used if u.kind == "full" and len(u.code) in (4, 6) and len(u.name) > 2]
        return any(u.name not in zones for u in whole) and not best.against

    def _named(self, text: str, candidate: Candidate, clear: bool) -> list[float]:
        """Return the features of a candidate's own names."""
        kinds = {used.kind for used in candidate.used}
        short = "short" in kinds and "full" not in kinds
        town = 0.0
        if len(candidate.code) == 9:
            town = candidate.score - candidate.named
        return [
            candidate.named,
            1.0,
            *mistyped(text, candidate),
            float(short),
            math.log1p(self.mentions.common(text[candidate.used[-1].start : candidate.used[-1].end])) if short else 0.0,
            float("former" in kinds and "full" not in kinds),
            float(bool(candidate.against)),
            town,
            float(clear),
        ]


def mistyped(text: str, candidate: Candidate) -> tuple[float, float, float]:
    """Return whether a candidate's name is mistyped, in how many characters beyond one, and whether its kind is whole.

    One slip is likelier than two, and 危县 says that a county was meant, which 陇西线 does not.
    """
    slips = [used for used in candidate.used if used.kind in MISTYPED]
    changed, whole = 0, bool(slips)
    for used in slips:
        written = text[used.start : used.end]
        same = len(written) == len(used.name)
        changed += sum(a != b for a, b in zip(written, used.name, strict=True)) if same else 1
        whole = whole and written[-1] == used.name[-1] and written[-1] in COUNTY_KINDS
    return float(bool(slips)), float(max(changed - len(slips), 0)), float(whole)


def _place(text: str) -> str:
    """Return what of a text has pieces of names: no zone's kind, nothing from the first number on."""
    return NUMBERS.sub(" ", without_zone_words(without_zone(text)))[:FRONT]
