"""Fills the added columns for many texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from buqi.address import Completion
from buqi.address.completion import BY_TABLE
from buqi.address.lines import Line
from buqi.answering import Answerer, AnswerOptions, Reply, open_answerer
from buqi.bulk.answer_cache import AnswerCache
from buqi.bulk.fields import Fields, added_columns, fields_of, text_of, with_refused
from buqi.bulk.level_columns import AddressColumns
from buqi.contact import holds_contact
from buqi.divisions import load_matcher


class ColumnFiller:
    """Fills the added columns; equal texts are answered once.

    Args:
        options: how texts are answered.
        use_cache: whether answers that took long are kept on disk for the next run. They are kept by their address
            alone: no text that holds a telephone is kept.
        cache_folder: where these answers lie; in buqi's cache if not given.

    Raises:
        UsageError: as `open_answerer`.
        BuqiError: as `open_answerer`.
    """

    def __init__(self, options: AnswerOptions, use_cache: bool = True, cache_folder: Path | None = None) -> None:
        self.contact, self.options = options.contact, replace(options, contact=False)
        self.answerer: Answerer = open_answerer(self.options, many=True)
        self.added = added_columns(self.answerer.task, options.contact)  # names of the columns
        self.cache: AnswerCache | None = None
        if use_cache and options.mode != "match":  # the table alone is faster than the disk
            self.cache = AnswerCache(self.options.version(), cache_folder)

    def fill(self, cells: Sequence[Any]) -> list[Fields]:
        """Return the added columns of each cell. A cell that is no text is not asked; ``notes`` says why."""
        return self._fill([text_of(cell) for cell in cells])

    def fill_rows(
        self, address: AddressColumns, cells: Mapping[str, Sequence[Any]], only_empty: bool = False
    ) -> list[Fields]:
        """Return the added columns of each row of a table.

        Args:
            address: the columns that hold the address.
            cells: their cells, by column.
            only_empty: return what goes into empty cells of these columns instead (see `AddressColumns.filled`).
        """
        rows = address.with_contradictions(cells, self._fill(address.texts(cells, self.contact)), self.added)
        return address.filled(cells, rows, self.added) if only_empty else rows

    def _fill(self, asked: Sequence[tuple[str, str]]) -> list[Fields]:
        return with_refused(asked, self.answer([text for text, problem in asked if not problem]), self.added)

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return the added columns of each text, in order."""
        return self._answer_with_contacts(texts) if self.contact else self._answer(texts)

    def _answer_with_contacts(self, texts: Sequence[str]) -> list[Fields]:
        matcher = load_matcher()
        lines = [Line.read(text, matcher, contact=True) for text in texts]
        answers = self._answer([line.asked for line in lines])
        return [
            [*fields[:-1], "; ".join(filter(None, (fields[-1], *line.notes(matcher)))), *line.contact_fields]
            for line, fields in zip(lines, answers, strict=True)
        ]

    def _answer(self, texts: Sequence[str]) -> list[Fields]:
        distinct = list(dict.fromkeys(texts))
        answers = self.cache.get(distinct) if self.cache else {}
        missing = [text for text in distinct if text not in answers]
        replies = dict(zip(missing, self.answerer.answer(missing), strict=True))
        fresh = {text: fields_of(reply, self.options.most_tokens) for text, reply in replies.items()}
        if self.cache:
            slow = (text for text, reply in replies.items() if _took_long(reply) and not holds_contact(text))
            self.cache.put({text: fresh[text] for text in slow})
        answers |= fresh
        return [answers[text] for text in texts]


def _took_long(reply: Reply) -> bool:
    return not isinstance(reply, Completion) or reply.decided != BY_TABLE
