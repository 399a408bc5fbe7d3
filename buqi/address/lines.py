"""Lines as people have them: the first address on each is completed, with or without its contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple

from buqi.address.completion import REFUSALS, Completion
from buqi.address.confidence_caps import MOST_AGAINST
from buqi.address.questions import question
from buqi.contact import ContactLine, read_line, split_line
from buqi.divisions import Matcher
from buqi.expressions import expression
from buqi.machine import collector_paused

OLDER = expression(r"\s*[旧老原](?:地址|住址|址)")
NEWER = expression(r"[新现](?:地址|住址|址)\s?[:：]?\s*$")


class Line(NamedTuple):
    """One line, and what is asked of it.

    Attributes:
        text: all of it.
        asked: its first address, without the contact if that is read apart. Of 旧地址 and 新地址 it is the newer one.
        further: the other addresses on it, each with its contact.
        contact: name, telephone and postcode, if they are read apart.
        before: what stands before `asked` where an older address does.
    """

    text: str
    asked: str
    further: tuple[str, ...] = ()
    contact: ContactLine | None = None
    before: str = ""

    @classmethod
    def read(cls, text: str, matcher: Matcher, contact: bool) -> Line:
        """Take a line apart; ``contact``: whether its contact is read apart."""
        first, *further = split_line(text, matcher)
        before = _before_newer(text, first, further)
        if before:
            first, further = further[0], [first]
        read = read_line(first, matcher) if contact else None
        return cls(text, read.address if read else first, tuple(further), read, before)

    @property
    def contact_fields(self) -> list[str]:
        """Name, telephone and postcode; ``""`` where none is certain, or none is read."""
        return [self.contact.name, self.contact.phone, self.contact.postcode] if self.contact else ["", "", ""]

    def notes(self, matcher: Matcher) -> tuple[str, ...]:
        """Return a note of the address that follows, without its contact; none if no other follows."""
        if not self.further:
            return ()
        other = self._other(matcher)
        return (f"an older address stands before: {other}" if self.before else f"another address follows: {other}",)

    def completed(self, found: Completion, matcher: Matcher) -> Completion:
        """Return the completion of the line, given that of `asked`.

        The other addresses stay at the end of the detail. They are left out if the contact is read apart, as they hold
        contacts of others.
        """
        if not self.further and self.contact is None:
            return found if found.input == self.text else replace(found, input=self.text)
        notes, confidence = (*found.notes, *self.notes(matcher)), self._confidence(found, matcher)
        found = replace(found, input=self.text, notes=notes, confidence=confidence)
        if self.contact is not None:
            return replace(found, contact=self.contact)
        rest = self.text[len(self.before) + len(self.asked) :]
        refused = found.status in REFUSALS
        front = self.before if refused else ""
        alternatives = tuple(other | {"full": front + other["full"] + rest} for other in found.alternatives)
        full, detail = front + found.full + rest, front + found.detail + rest
        lead = found.lead if refused else self.before + found.lead
        return replace(found, full=full, detail=detail, lead=lead, alternatives=alternatives)

    def _other(self, matcher: Matcher) -> str:
        """Return the next of the other addresses, without its contact and the word that it is an older one."""
        other = OLDER.sub("", self.further[0]).lstrip(" :：") if self.before else self.further[0]
        return read_line(other, matcher).address.strip()

    def _confidence(self, found: Completion, matcher: Matcher) -> float | None:
        """Return the confidence of an answer, lowered where another address on the line lies in another county."""
        if not self.further or found.confidence is None or not found.path.divisions:
            return found.confidence
        other = matcher.match(self._other(matcher)).path
        one, two = found.path.divisions[-1].code[:6], other.divisions[-1].code[:6] if other.divisions else ""
        same = one.startswith(two) or two.startswith(one)
        return found.confidence if same else min(found.confidence, MOST_AGAINST)


def _before_newer(text: str, first: str, further: list[str]) -> str:
    """Return what stands before the second of two addresses on a line, if it is the newer one; else ``""``."""
    if len(further) != 1 or OLDER.match(first) is None:
        return ""
    before = text[: len(text) - len(further[0])]
    return before if NEWER.search(before) else ""


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
    with collector_paused():
        known = {text: None if contact else at_once(text) for text in dict.fromkeys(asked)}
        lines = {text: Line.read(text, matcher, contact) for text, answer in known.items() if answer is None}
    addresses = list(dict.fromkeys(line.asked for line in lines.values()))
    found = dict(zip(addresses, complete(addresses), strict=True))
    answers = {text: line.completed(found[line.asked], matcher) for text, line in lines.items()}
    completed = [known[text] or answers[text] for text in asked]
    if not questions:
        return completed
    return [questions[t].answered(c) if t in questions else c for t, c in zip(given, completed, strict=True)]
