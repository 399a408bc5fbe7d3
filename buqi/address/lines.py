"""Lines as people have them: the first address on each is completed, with or without its contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from buqi.address.completion import Completion
from buqi.address.questions import question
from buqi.contact import ContactLine, read_line, split_line
from buqi.divisions import Matcher


@dataclass(frozen=True)
class Line:
    """One line, and what is asked of it.

    Attributes:
        text: all of it.
        asked: its first address, without the contact if that is read apart.
        further: the other addresses on it, each with its contact.
        contact: name, telephone and postcode, if they are read apart.
    """

    text: str
    asked: str
    further: tuple[str, ...] = ()
    contact: ContactLine | None = None

    @classmethod
    def read(cls, text: str, matcher: Matcher, contact: bool) -> Line:
        """Take a line apart; ``contact``: whether its contact is read apart."""
        first, *further = split_line(text, matcher)
        read = read_line(first, matcher) if contact else None
        return cls(text, read.address if read else first, tuple(further), read)

    @property
    def contact_fields(self) -> list[str]:
        """Name, telephone and postcode; ``""`` where none is certain, or none is read."""
        return [self.contact.name, self.contact.phone, self.contact.postcode] if self.contact else ["", "", ""]

    def notes(self, matcher: Matcher) -> tuple[str, ...]:
        """Return a note of the address that follows, without its contact; none if no other follows."""
        if not self.further:
            return ()
        return (f"another address follows: {read_line(self.further[0], matcher).address.strip()}",)

    def completed(self, found: Completion, matcher: Matcher) -> Completion:
        """Return the completion of the line, given that of `asked`.

        The other addresses stay at the end of the detail. They are left out if the contact is read apart, as they hold
        contacts of others.
        """
        if not self.further and self.contact is None:
            return found if found.input == self.text else replace(found, input=self.text)
        notes = (*found.notes, *self.notes(matcher))
        if self.contact is not None:
            return replace(found, input=self.text, notes=notes, contact=self.contact)
        rest = self.text[len(self.asked) :]
        alternatives = tuple(other | {"full": other["full"] + rest} for other in found.alternatives)
        full, detail = found.full + rest, found.detail + rest
        return replace(found, input=self.text, full=full, detail=detail, notes=notes, alternatives=alternatives)


def complete_lines(
    texts: Iterable[str],
    complete: Callable[[list[str]], list[Completion]],
    matcher: Matcher,
    contact: bool = False,
    at_once: Callable[[str], Completion | None] = lambda _: None,
) -> list[Completion]:
    """Return a completion for each line, in order; equal addresses are completed once.

    Args:
        texts: the lines.
        complete: completes addresses, one each.
        matcher: tells where another address begins, and names from places.
        contact: whether name, telephone and postcode are read apart.
        at_once: completes a line if it is one address of a frequent form; not asked if the contact is read apart.
    """
    given = list(texts)
    questions = {text: asks for text in dict.fromkeys(given) if (asks := question(text))}
    asked = [questions[text].address if text in questions else text for text in given] if questions else given
    known = {text: None if contact else at_once(text) for text in dict.fromkeys(asked)}
    lines = {text: Line.read(text, matcher, contact) for text, answer in known.items() if answer is None}
    addresses = list(dict.fromkeys(line.asked for line in lines.values()))
    found = dict(zip(addresses, complete(addresses), strict=True))
    answers = {text: line.completed(found[line.asked], matcher) for text, line in lines.items()}
    completed = [known[text] or answers[text] for text in asked]
    if not questions:
        return completed
    return [questions[t].answered(c) if t in questions else c for t, c in zip(given, completed, strict=True)]
