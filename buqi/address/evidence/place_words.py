"""Whether a text has any word of an address; 长沙臭豆腐 has none."""

from __future__ import annotations

from buqi.address.evidence.base import Column, EvidenceKind, Features
from buqi.address.parsed import ParsedAddress
from buqi.divisions.words import PLACE_ENDINGS
from buqi.expressions import expression

# A number with what is counted, a corner, a side: 3号, 2栋, 5组, 路口, 对面, 旁.
DOOR = expression(
    r"[0-9一二三四五六七八九十甲乙丙]+(?:号|栋|幢|座|组|队|社|单元|楼|室|层|米|弄|巷|\s*[-－—#])|路口|对面|旁|[东南西北]侧"
)
PLACE = expression(PLACE_ENDINGS)


def has_place_word(text: str) -> bool:
    """Whether a text has the word of a place's kind or of a door."""
    return bool(DOOR.search(text) or PLACE.search(text))


class PlaceWords(EvidenceKind):
    """Looks for words that places and doors have; its columns are the same for all counties."""

    columns = (
        Column("no_place_word"),  # neither a place's kind nor a door
        Column("no_door"),  # no door
    )

    def features(self, address: ParsedAddress) -> Features:
        """Return its columns by name."""
        text = address.without_room
        if DOOR.search(text):
            return {}
        return {"no_door": 1.0} if PLACE.search(text) else {"no_door": 1.0, "no_place_word": 1.0}
