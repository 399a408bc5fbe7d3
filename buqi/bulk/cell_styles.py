"""The styles of a workbook: an added cell looks as the cell to its left, and its number is shown as a number."""

from __future__ import annotations

import re

from buqi.bulk.package import Elements

NUMBER_FORMAT = re.compile(rb'\bnumFmtId="[^"]*"')
PREFIX = re.compile(rb'\squotePrefix="[^"]*"')  # shows a text with ' before it
COUNT = re.compile(rb'\bcount="[^"]*"')
GENERAL = b'numFmtId="0"'


class CellStyles:
    """The XML of the styles. `beside` may add to them; `xml` returns them as they are then.

    Raises:
        ValueError, ExpatError: the XML is damaged.
    """

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._styles: list[tuple[int, int]] = []  # where each style begins and ends
        self._list: tuple[int, int] | None = None  # where the list of styles begins and ends
        self._copies: dict[str, str] = {}  # numbers of styles, and of their copies
        self._added: list[bytes] = []
        self._begin = -1  # of the list at hand, or of the style in it
        self._elements = Elements(self._start, self._end)
        self._elements.parser.Parse(xml, True)

    @property
    def xml(self) -> bytes:
        """The XML with the styles that were added."""
        if not self._added or self._list is None:
            return self._xml
        begin, end = self._list
        head = self._tag(begin)
        counted = COUNT.sub(b'count="%d"' % (len(self._styles) + len(self._added)), head)
        return b"".join((self._xml[:begin], counted, self._xml[begin + len(head) : end], *self._added, self._xml[end:]))

    def beside(self, style: str) -> str:
        """Return the number of a style that looks as ``style`` does, without its format of numbers and dates."""
        if style not in self._copies:
            self._copies[style] = self._general(style)
        return self._copies[style]

    def _general(self, style: str) -> str:
        if not style.isdecimal() or int(style) >= len(self._styles):
            return style
        begin, end = self._styles[int(style)]
        head = self._tag(begin)
        plain = NUMBER_FORMAT.sub(GENERAL, PREFIX.sub(b"", head))
        if plain == head:
            return style
        self._added.append(plain + self._xml[begin + len(head) : end])
        return str(len(self._styles) + len(self._added) - 1)

    def _start(self, name: str, _: dict[str, str]) -> None:
        at = self._elements.parser.CurrentByteIndex
        if name == "cellXfs":
            self._list = (at, at)
        elif name == "xf" and self._list is not None and self._list[0] == self._list[1]:
            self._begin = at

    def _end(self, name: str) -> None:
        at = self._elements.parser.CurrentByteIndex
        if name == "cellXfs" and self._list is not None:
            self._list = (self._list[0], at)
        elif name == "xf" and self._begin >= 0:
            closed = self._tag(self._begin).endswith(b"/>")
            self._styles.append(
                (self._begin, self._begin + len(self._tag(self._begin)) if closed else self._behind(at))
            )
            self._begin = -1

    def _tag(self, at: int) -> bytes:
        """Return the tag that begins at an offset."""
        return self._xml[at : self._behind(at)]

    def _behind(self, at: int) -> int:
        return self._xml.index(b">", at) + 1
