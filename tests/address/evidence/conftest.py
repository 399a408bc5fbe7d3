"""What evidence is asked with: the shipped table, an empty memory."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from buqi.address.counties import Counties
from buqi.address.evidence import EvidenceKind, Resources
from buqi.address.marks import every
from buqi.address.parsed import ParsedAddress
from buqi.divisions import Match, load_matcher
from buqi.places.memory import empty_memory


@pytest.fixture(scope="session")
def resources() -> Resources:
    matcher = load_matcher()
    return Resources(matcher, empty_memory(), Counties(matcher))


def parsed(resources: Resources, text: str, match: bool = False) -> ParsedAddress:
    """A text in whose front nothing is read, or what the matcher reads there if ``match``."""
    found = resources.matcher.match(text) if match else Match(text)
    return ParsedAddress(found, resources.matcher, resources.counties)


def said(kind: EvidenceKind, address: ParsedAddress) -> dict[str, NDArray[np.float64]]:
    """What a kind says of each county."""
    return {name: every(values, len(kind.counties)) for name, values in kind.features(address).items()}


def counties(kind: EvidenceKind, column: str, text: str) -> list[str]:
    """Codes of the counties that a column speaks for or against."""
    found = said(kind, parsed(kind.resources, text)).get(column, np.zeros(0))
    return [kind.counties.codes[i] for i in np.flatnonzero(found)]
