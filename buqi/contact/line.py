"""A line as people have it, divided: name, telephones, postcode, labels, and the address with these cut out.

Every character of the line is in exactly one part, and a field says nothing that is not written. A name is only taken
where it is labelled, or stands apart beside what else a shipping line holds, and is no place that fits the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from buqi.contact.labels import ADDRESS, NAME, PHONE, POSTCODE
from buqi.contact.parts import LineMarks, LinePart
from buqi.contact.persons import find_name
from buqi.divisions import Matcher, load_matcher

LONGEST = 1000  # characters; what is longer is no shipping line
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

    def _of(self, kind: str) -> list[str]:
        return [self.text[part.start : part.end] for part in self.parts if part.kind == kind]

    @property
    def name(self) -> str:
        """The receiver as written, ``""`` if none is certain."""
        return "".join(self._of(NAME))

    @property
    def phone(self) -> str:
        """The telephone as written; several with ``; `` between them."""
        return BETWEEN.join(self._of(PHONE))

    @property
    def postcode(self) -> str:
        """Six digits, or ``""``."""
        return "".join(self._of(POSTCODE))

    @property
    def address(self) -> str:
        """The line without fields and labels."""
        return "".join(self._of(ADDRESS))


def read_line(text: str, matcher: Matcher | None = None) -> ContactLine:
    """Return a line in parts. Never raises for any text.

    Args:
        text: one line, or several of one label each.
        matcher: tells names from places; the shipped table's if not given.
    """
    if not text or len(text) > LONGEST:
        return ContactLine(text, (LinePart(0, len(text), ADDRESS),) if text else ())
    marks = LineMarks(text)
    marks.find_labels_and_phones()
    find_name(marks, matcher or load_matcher())
    marks.find_postcode(matcher or load_matcher())
    marks.cut_separators()
    return ContactLine(text, marks.parts())
