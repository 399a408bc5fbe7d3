"""The columns that are added to many texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from buqi.address import Completion
from buqi.address.completion import BY_TABLE
from buqi.address.lines import Line
from buqi.answering import Answerer, AnswerOptions, Reply, open_answerer
from buqi.bulk.fields import Fields, added_by, fields_of, text_of, with_refused
from buqi.bulk.kept import KeptFields
from buqi.bulk.level_columns import AddressColumns
from buqi.contact import holds_contact
from buqi.divisions import load_matcher


class ColumnFiller:
    """Fills the added columns; equal texts are answered once.

    With ``keep``, answers that took long are kept on disk for the next run, in ``folder`` or the cache, by their
    address alone: no text that holds a telephone is kept. Raises what `open_answerer` raises.
    """

    def __init__(self, options: AnswerOptions, keep: bool = True, folder: Path | None = None) -> None:
        self.contact, self.options = options.contact, replace(options, contact=False)
        self.answerer: Answerer = open_answerer(self.options, many=True)
        self.added = added_by(self.answerer.task, options.contact)  # names of the columns
        self.kept = KeptFields(self.options.version(), folder) if keep and options.mode != "match" else None

    def fill(self, cells: Sequence[Any]) -> list[Fields]:
        """Return the values of the columns for each cell; one that is no text is not asked, and its row says why."""
        asked = [text_of(cell) for cell in cells]
        return with_refused(asked, self.answer([text for text, problem in asked if not problem]), self.added)

    def fill_rows(
        self, address: AddressColumns, cells: Mapping[str, Sequence[Any]], empty: bool = False
    ) -> list[Fields]:
        """Return the values of the columns for each row of a table.

        Args:
            empty: return what goes into their empty cells instead (see `AddressColumns.filled`).
        """
        asked = address.texts(cells, self.contact)
        found = with_refused(asked, self.answer([text for text, problem in asked if not problem]), self.added)
        known = address.noted(cells, found, self.added)
        return address.filled(cells, known, self.added) if empty else known

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return the values of the columns for each text, in order."""
        return self._with_contacts(texts) if self.contact else self._answer(texts)

    def _with_contacts(self, texts: Sequence[str]) -> list[Fields]:
        matcher = load_matcher()
        lines = [Line.read(text, matcher, contact=True) for text in texts]
        found = zip(lines, self._answer([line.asked for line in lines]), strict=True)
        return [
            [*fields[:-1], "; ".join(filter(None, (fields[-1], *line.notes(matcher)))), *line.contact_fields]
            for line, fields in found
        ]

    def _answer(self, texts: Sequence[str]) -> list[Fields]:
        distinct = list(dict.fromkeys(texts))
        known = self.kept.get(distinct) if self.kept else {}
        missing = [text for text in distinct if text not in known]
        replies = dict(zip(missing, self.answerer.answer(missing), strict=True))
        fresh = {text: fields_of(reply, self.options.most_tokens) for text, reply in replies.items()}
        if self.kept:
            kept = (text for text, reply in replies.items() if _took_long(reply) and not holds_contact(text))
            self.kept.put({text: fresh[text] for text in kept})
        known |= fresh
        return [known[text] for text in texts]


def _took_long(reply: Reply) -> bool:
    return not isinstance(reply, Completion) or reply.decided != BY_TABLE
