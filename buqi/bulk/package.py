"""The parts of an xlsx file besides its rows: sheets, shared texts, and formats of dates (ECMA-376)."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

BLOCK = 1 << 16
DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}  # numbers of built-in formats
NOT_DATE = re.compile(r'"[^"]*"|\\.|_.|\[(?![hmsHMS]+\])[^\]]*\]')  # in a format: texts, colours, currencies
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


class Elements:
    """Reads XML in blocks, and calls functions for its elements, with their local names.

    Raises:
        ValueError: a document type, or another encoding than UTF-8.
    """

    def __init__(self, start: Start, end: End | None = None, text: Callable[[str], None] | None = None) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
        if end is not None:
            self.parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
        if text is not None:
            self.parser.CharacterDataHandler = text

    def blocks(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the blocks of a file, each parsed."""
        first = True
        while block := file.read(BLOCK):
            if first and b"\x00" in block[:4]:
                raise ValueError("its XML is in UTF-16")
            first = False
            self.parser.Parse(block, False)
            yield block
        self.parser.Parse(b"", True)

    def read(self, file: IO[bytes]) -> None:
        """Parse a whole file."""
        for _ in self.blocks(file):
            pass

    @staticmethod
    def _refuse(*_: Any) -> None:
        raise ValueError("it has a document type")

    @staticmethod
    def _declared(version: str, encoding: str | None, alone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise ValueError(f"its XML is in {encoding}")


@dataclass(frozen=True)
class SheetPart:
    """A sheet of rows."""

    name: str
    part: str  # its file in the package
    hidden: bool


class WorkbookPackage:
    """An open xlsx file."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        if (bad := self.zip.testzip()) is not None:  # found now, and not after hours of work
            raise zipfile.BadZipFile(f"{bad} is damaged")
        book = self._related("", "/officeDocument")[0]
        parts = dict(self._relations(book, "/worksheet"))
        self.sheets: list[SheetPart] = []
        self.old_dates = False  # days count from 1904, as on old Macs

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "sheet":
                number = next(v for key, v in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key)
                if number in parts:  # else it is a chart
                    hidden = attributes.get("state", "visible") != "visible"
                    self.sheets.append(SheetPart(attributes["name"], parts[number], hidden))
            elif name == "workbookPr":
                self.old_dates = attributes.get("date1904") in ("1", "true")

        self._parse(book, Elements(start))
        self.texts = [text for part in self._related(book, "/sharedStrings") for text in self._texts(part)]
        self.styles = self._related(book, "/styles")  # names of the parts with styles: one, or none
        self.dates = {i for part in self.styles for i in self._dates(part)}

    def _parse(self, part: str, elements: Elements) -> None:
        with self.zip.open(part) as file:
            elements.read(file)

    def _related(self, part: str, kind: str) -> list[str]:
        """Return the names of the parts that `_relations` finds."""
        return [found for _, found in self._relations(part, kind)]

    def _relations(self, part: str, kind: str) -> list[tuple[str, str]]:
        """Return the parts that ``part`` relates to, of the types that end with ``kind``: their ids and names."""
        folder, name = posixpath.split(part)
        found: list[tuple[str, str]] = []

        def start(element: str, attributes: dict[str, str]) -> None:
            if element == "Relationship" and attributes["Type"].endswith(kind):
                target = posixpath.normpath(posixpath.join("/" + folder, attributes["Target"]))
                found.append((attributes["Id"], target.lstrip("/")))

        self._parse(posixpath.join(folder, "_rels", f"{name}.rels"), Elements(start))
        return found

    def _texts(self, part: str) -> list[str]:
        """Return the shared texts, which cells name by their numbers."""
        texts: list[str] = []
        reading = TextReader()

        def start(name: str, attributes: dict[str, str]) -> None:
            if name == "si":
                reading.clear()
            reading.start(name)

        def end(name: str) -> None:
            reading.end(name)
            if name == "si":
                texts.append(reading.text)

        self._parse(part, Elements(start, end, reading.add))
        return texts

    def _dates(self, part: str) -> set[str]:
        """Return the numbers of the styles that show a number as a date."""
        own: dict[str, str] = {}  # formats of the file's own by their numbers
        used: list[str] = []  # number of the format of each style
        inside = ""

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal inside
            if name in ("cellXfs", "cellStyleXfs", "dxfs"):
                inside = name
            elif name == "numFmt":
                own[attributes["numFmtId"]] = NOT_DATE.sub("", attributes["formatCode"]).lower()
            elif name == "xf" and inside == "cellXfs":
                used.append(attributes.get("numFmtId", "0"))

        self._parse(part, Elements(start))
        return {
            str(style) for style, number in enumerate(used)
            if (set(own[number]) & set("ymdhs") if number in own else int(number) in DATES)
        }  # fmt: skip


class TextReader:
    """Collects the text of a cell from all its runs, without the phonetic ones (the readings above characters)."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Begin another cell."""
        self.parts: list[str] = []
        self.in_text = self.in_phonetic = False

    def start(self, name: str) -> None:
        """Take the beginning of an element."""
        if name == "rPh":
            self.in_phonetic = True
        self.in_text = name in ("t", "v") and not self.in_phonetic

    def end(self, name: str) -> None:
        """Take the end of an element."""
        self.in_text = False
        if name == "rPh":
            self.in_phonetic = False

    def add(self, text: str) -> None:
        """Take characters."""
        if self.in_text:
            self.parts.append(text)

    @property
    def text(self) -> str:
        """The text of the cell so far."""
        return ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(self.parts))
