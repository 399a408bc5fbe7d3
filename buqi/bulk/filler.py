"""The columns that are added to many texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buqi.address import Completion
from buqi.address.completer import TABLE
from buqi.answering import Answerer, AnswerOptions, Reply, open_answerer
from buqi.bulk.fields import Fields, added_by, fields_of, text_of, with_refused
from buqi.bulk.kept import KeptFields


class ColumnFiller:
    """Fills the added columns; equal texts are answered once.

    With ``keep``, answers that took long are kept on disk for the next run. Raises what `open_answerer` raises.
    """

    def __init__(self, options: AnswerOptions, keep: bool = True) -> None:
        self.options = options
        self.answerer: Answerer = open_answerer(options)
        self.added = added_by(self.answerer.task, options.contact)  # names of the columns
        keep = keep and options.mode != "match" and not options.contact  # names and telephones are kept nowhere
        self.kept = KeptFields(options.version()) if keep else None

    def fill(self, cells: Sequence[Any]) -> list[Fields]:
        """Return the values of the columns for each cell; one that is no text is not asked, and its row says why."""
        asked = [text_of(cell) for cell in cells]
        return with_refused(asked, self.answer([text for text, problem in asked if not problem]), self.added)

    def answer(self, texts: Sequence[str]) -> list[Fields]:
        """Return the values of the columns for each text, in order."""
        distinct = list(dict.fromkeys(texts))
        known = self.kept.get(distinct) if self.kept else {}
        missing = [text for text in distinct if text not in known]
        replies = dict(zip(missing, self.answerer.answer(missing), strict=True))
        fresh = {text: fields_of(reply, self.options.most_tokens) for text, reply in replies.items()}
        if self.kept:
            self.kept.put({text: fresh[text] for text, reply in replies.items() if _took_long(reply)})
        known |= fresh
        return [known[text] for text in texts]


def _took_long(reply: Reply) -> bool:
    return not isinstance(reply, Completion) or reply.decided != TABLE
