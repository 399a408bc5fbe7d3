"""A line taken apart: name, telephones, postcode, labels, and the address that is left.

Every character of the line is in exactly one part, and a field holds only what is written. A name is taken where a
label asks for it, or where it stands apart on a line that has a telephone or a label. It must be no place that fits the
address.
"""

from __future__ import annotations

from dataclasses import dataclass

from buqi.contact.labels import ADDRESS, NAME, PHONE, POSTCODE
from buqi.contact.parts import LineMarks, LinePart
from buqi.contact.persons import find_name
from buqi.divisions import Matcher, load_matcher

LONGEST = 1000  # characters of a line that is taken apart; a longer one is no shipping line
BETWEEN = "; "  # between several telephones


@dataclass(frozen=True)
class ContactLine:
    """A line in parts, in order, without gaps.

    Attributes:
        text: the line.
        parts: all of it.
    """

    text: str
    parts: tuple[LinePart, ...]

    def _texts(self, kind: str) -> list[str]:
        return [self.text[part.start : part.end] for part in self.parts if part.kind == kind]

    @property
    def name(self) -> str:
        """The receiver as written, ``""`` if none is certain."""
        return "".join(self._texts(NAME))

    @property
    def phone(self) -> str:
        """The telephone as written; several with ``; `` between them."""
        return BETWEEN.join(self._texts(PHONE))

    @property
    def postcode(self) -> str:
        """Six digits, or ``""``."""
        return "".join(self._texts(POSTCODE))

    @property
    def address(self) -> str:
        """The line without fields and labels."""
        return "".join(self._texts(ADDRESS))


def read_line(text: str, matcher: Matcher | None = None) -> ContactLine:
    """Return a line in parts. Never raises for any text.

    Args:
        text: one line, or several of one label each.
        matcher: tells names from places; the shipped table's if not given.
    """
    if not text or len(text) > LONGEST:
        return ContactLine(text, (LinePart(0, len(text), ADDRESS),) if text else ())
    matcher = matcher or load_matcher()
    marks = LineMarks(text)
    marks.find_labels_and_phones()
    find_name(marks, matcher)
    marks.find_postcode(matcher)
    marks.cut_separators()
    return ContactLine(text, marks.parts())
