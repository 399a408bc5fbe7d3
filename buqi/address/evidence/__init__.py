"""The kinds of evidence. `EVIDENCE` lists them; features, terms, inputs and fitting follow from that list.

To add one: write its file, put its class on the list, fit again (CONTRIBUTING.md shows it).
"""

from buqi.address.evidence.base import Column, EvidenceKind, Features, Resources
from buqi.address.evidence.characters import CountyCharacters
from buqi.address.evidence.doors import DoorForms
from buqi.address.evidence.landmarks import KnownLandmarks
from buqi.address.evidence.likeness import TextLikeness
from buqi.address.evidence.listed_places import PlacesOfLists
from buqi.address.evidence.mapped_roads import RoadsOfMaps
from buqi.address.evidence.memory import MemoryNames
from buqi.address.evidence.mentions import Mentions
from buqi.address.evidence.named import NamedDivisions
from buqi.address.evidence.named_after import NamedAfterPlaces
from buqi.address.evidence.place_words import PlaceWords
from buqi.address.evidence.roads import KnownRoads
from buqi.address.evidence.smaller_names import SmallerNames
from buqi.address.evidence.zones import KnownZones

EVIDENCE: tuple[type[EvidenceKind], ...] = (
    NamedDivisions,
    Mentions,
    CountyCharacters,
    KnownZones,
    KnownRoads,
    RoadsOfMaps,
    KnownLandmarks,
    PlacesOfLists,
    NamedAfterPlaces,
    SmallerNames,
    MemoryNames,
    TextLikeness,
    DoorForms,
    PlaceWords,
)
COLUMNS = tuple(column for kind in EVIDENCE for column in kind.columns)
FEATURES = tuple(column.name for column in COLUMNS)

__all__ = ["COLUMNS", "EVIDENCE", "FEATURES", "Column", "EvidenceKind", "Features", "Resources"]
