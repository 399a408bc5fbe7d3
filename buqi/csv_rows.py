"""csv and tsv: what divides the cells of a text, and where each of its rows stands.

Files to complete and files that are imported are read with it; `buqi.encoding` finds the encoding of both. What cannot
be read is another matter: `buqi.bulk.delimited` carries it along, `buqi.rows.cells` refuses it.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from buqi.errors import UsageError
from buqi.files import kind_of
from buqi.json_text import plain_spaces

DIVIDERS = ",;\t|"
ONE_COLUMN = "\x1f"  # a divider that no text has
DIVIDER_LINE = re.compile(r"sep=(.)")  # the first line of some csv files: tells spreadsheets the divider
QUOTED = r'(?<![^{}\n])"(?:[^"]|"")*("|\Z)'  # a cell in quotes, or one that goes on behind the text, by the dividers
CELL_IN_QUOTES = re.compile(r'(?:^|\t)"[^\t\r\n]*"(?:\t|$)')  # in a line that tabs divide
OPEN = 'a quote (") opens a cell and is not closed'
HEADER_LINES = 1000
LONGEST_ROW = 1 << 26  # characters
csv.field_size_limit(LONGEST_ROW)


@dataclass(frozen=True)
class CsvForm:
    """How a text is divided into cells.

    Attributes:
        divider: stands between cells; `ONE_COLUMN` where the header has one name, whatever stands in the rows.
        divider_line: number of the line that names the divider and is no row; 0 if there is none.
        quotes: whether a cell may stand in quotes; if not, a quote is a character like others.
    """

    divider: str
    divider_line: int = 0
    quotes: bool = True

    def without_quotes(self, lines: Iterable[str]) -> CsvForm | None:
        """Return the form in which quotes are characters, for a text that cannot be read with them.

        Returned is ``None`` unless tabs divide the text and no cell of it stands in quotes.
        """
        if self.divider != "\t" or any(CELL_IN_QUOTES.search(line) for line in lines):
            return None
        return CsvForm("\t", self.divider_line, quotes=False)


def form_of(path: Path, lines: Iterable[str], tabs: bool) -> CsvForm:
    """Return the form of a text by its header; what stands in quotes divides nothing.

    Args:
        path: begins a message.
        lines: of the text, from its first; no more than the header is read.
        tabs: whether only tabs may divide it.

    Raises:
        UsageError: JSON stands in it.
    """
    dividers, begun, header, is_open = "\t" if tabs else DIVIDERS, "", "", False
    quoted = re.compile(QUOTED.format(dividers))
    for number, line in enumerate(islice(lines, HEADER_LINES), 1):
        if not begun and line.strip():
            _refuse_json(path, line)
            if named := DIVIDER_LINE.fullmatch(line.strip(" \r\n")):
                return CsvForm(named[1], number)
            begun = line
        header += line if begun else ""
        if '"' in line:
            is_open = any(not found[1] for found in quoted.finditer(header))
        if begun and not is_open:
            break
    bare = begun if is_open else quoted.sub("", header)
    divider = max(dividers, key=bare.count)
    return CsvForm(divider if divider in bare else ONE_COLUMN)


def _refuse_json(path: Path, line: str) -> None:
    value = None
    with suppress(ValueError, RecursionError):
        value = json.loads(plain_spaces(line))
    if isinstance(value[0] if isinstance(value, list) and value else value, dict):
        raise UsageError(f"{path}: JSON stands in it; name it {path.name.replace(kind_of(path), '.jsonl')}")


def csv_rows(path: Path, lines: Iterable[str], form: CsvForm, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row, with the line that it begins at; an empty row has none.

    The lines of a row are taken just before it is yielded, and no others.

    Args:
        path: begins a message.
        lines: of the text, each with its end.
        form: as `form_of` finds it.
        strict: whether text behind a closing quote is refused. In a row of several lines it always is: that quote
            opens a cell of another row.

    Raises:
        UsageError: a quote is not closed, or a row cannot be read.
    """
    held: list[str] = []  # lines of the row at hand
    read = 0

    def taken() -> Iterator[str]:
        nonlocal read
        size = 0
        for line in lines:
            read, size = read + 1, size + len(line) if held else len(line)
            held.append(line)
            if size > LONGEST_ROW and len(held) > 1:
                break
            yield "\n" if read == form.divider_line else line
        if held:  # the reader asks for another line, so the last row is not ended
            raise csv.Error(OPEN)

    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.quotes else csv.QUOTE_NONE
    try:
        for cells in csv.reader(taken(), delimiter=form.divider, quoting=quoting, strict=strict):
            if len(held) > 1 and not strict:
                list(csv.reader(held, delimiter=form.divider, strict=True))
            yield read + 1 - len(held), cells
            held.clear()
    except csv.Error as error:
        what = f"cannot be read as csv ({str(error).replace(ONE_COLUMN, 'end of line')})"
        advice = 'a " that opens a cell must be closed, and one inside it written twice'
        if len(held) > 1 or str(error) == OPEN:
            what, advice = OPEN, 'close it, or write it as """" if it belongs to the text'
        raise UsageError(f"{path}:{read + 1 - len(held)}: {what}; {advice}") from error
