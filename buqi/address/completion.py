"""`Completion`: what is known of an address, level by level, and nothing that is not in the table."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from buqi.address.unread import left_of
from buqi.contact import ContactLine
from buqi.divisions import LEVELS, Candidate, Division, DivisionPath, Match, load_table
from buqi.divisions.level_names import LevelNames
from buqi.divisions.match import Used
from buqi.divisions.meaning import FORMER, FULL, MOVED, SHORT
from buqi.divisions.mistyping import MISTYPINGS
from buqi.divisions.text import read

CONTACT = ("name", "phone", "postcode")  # in JSON only where they were asked for
SHOWN_EQUAL = 8  # of several equal places
AGAINST = "{}: contradicts the other names"  # the note of a name that goes against the answer
NO_SUCH_TOWN = "{}: {} has no such town today"  # the note of a town that other counties have
UNLIKELY = "no place is likely enough"
REFUSALS = ("ambiguous", "unknown")  # statuses
BY_TABLE, BY_EVIDENCE, BY_MEMORY, BY_MODEL = "table", "evidence", "memory", "model"  # `Completion.decided`


def percent(share: float) -> str:
    """Return a probability for people, rounded down: what is not certain is never shown as 100 %."""
    return f"{math.floor(1000 * share + 1e-6) / 10:g} %"


@dataclass(frozen=True)
class Completion(LevelNames):
    """An answer about one address.

    Attributes:
        input: the text that was asked.
        full: the names of ``path`` and then ``detail``; the input where the answer is a refusal.
        path: the divisions that are known, from the province down.
        detail: what is left of the input without ``lead`` and the names of ``path``, unchanged.
        confidence: calibrated probability that every level given down to the county is right; ``None`` where nothing
            calibrated it.
        status: ``complete`` (down to a town), ``partial`` (to a county, city or province), ``ambiguous``, ``unknown``.
        alternatives: other places, each with ``full`` and ``confidence``: the share that the chooser gives it.
        notes: what was renamed, corrected or contradicted.
        decided: what decided: `BY_TABLE` (the names leave nothing open), `BY_EVIDENCE` (evidence was weighed),
            `BY_MEMORY` (the user's place names were weighed too) or `BY_MODEL` (a language model chose).
        village: the fifth level. Its text stays in ``detail``.
        lead: what stands before the address and is no part of it: a country, a label, a name, a telephone. The words of
            a question behind the address follow there.
        contact: name, telephone and postcode where they were asked for. They are then in no other field but ``input``.

    The names that were read, ``lead`` and ``detail`` together hold every character of the input, but for separators,
    words that mean nothing between names, the keys of a record (``{"city":"保定市"}``) and the labels of a form.
    """

    input: str
    full: str
    path: DivisionPath = field(default_factory=DivisionPath)
    detail: str = ""
    confidence: float | None = None
    status: str = "unknown"
    alternatives: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    decided: str = ""
    village: Division | None = None
    lead: str = ""
    contact: ContactLine | None = None

    def __str__(self) -> str:
        return self.full

    @property
    def codes(self) -> dict[str, str]:
        """The code of every level that is known, by its name."""
        return self.path.codes | ({"village": self.village.code} if self.village is not None else {})

    @cached_property
    def code(self) -> str:
        """The code of the deepest level that is known."""
        if self.village is not None:
            return self.village.code
        return next((division.code for division in reversed(self.path.divisions) if division.official), "")

    @property
    def name(self) -> str:
        """The receiver, ``""`` if none is certain or none was asked for."""
        return self.contact.name if self.contact else ""

    @property
    def phone(self) -> str:
        """The telephone as written, in the same way; several with ``; `` between them."""
        return self.contact.phone if self.contact else ""

    @property
    def postcode(self) -> str:
        """The postcode, in the same way."""
        return self.contact.postcode if self.contact else ""

    def as_json(self) -> dict[str, Any]:
        """Return the completion as a JSON object."""
        levels = {level: self.path.name(level) for level in LEVELS}
        return {
            "input": self.input,
            "full": self.full,
            **levels,
            "village": self.village.name if self.village else "",
            "lead": self.lead,
            "detail": self.detail,
            "codes": self.codes,
            "confidence": self.confidence,
            "status": self.status,
            "alternatives": list(self.alternatives),
            "notes": list(self.notes),
            "decided": self.decided,
        } | ({name: getattr(self, name) for name in CONTACT} if self.contact else {})

    @classmethod
    def known(
        cls,
        text: str,
        path: DivisionPath,
        detail: str,
        confidence: float | None = None,
        decided: str = "",
        village: Division | None = None,
        *,
        alternatives: tuple[dict[str, Any], ...] = (),
        notes: tuple[str, ...] = (),
        lead: str = "",
    ) -> Completion:
        """Return the completion of a text that lies in ``path``; ``full`` and ``status`` follow from the arguments."""
        status = "complete" if path.name("town") else "partial"
        full = path.full + detail
        return cls(text, full, path, detail, confidence, status, alternatives, notes, decided, village, lead)

    @classmethod
    def from_match(cls, match: Match) -> Completion:
        """Return the completion that the table alone allows: one candidate, or several equal ones, or none.

        With several equal candidates the levels that they have in common are given, ``full`` stays the input, and they
        stand among the alternatives.
        """
        best = match.best
        if best is not None:
            detail = left_of(match, best, best.path, former_towns=True)
            return cls.known(match.text, best.path, detail, notes=notes(match, best), lead=match.lead)
        equal = match.candidates[: match.equal]
        if not equal:
            return cls.nothing(match.text)
        return cls(
            input=match.text,
            full=match.text,
            path=match.path,
            detail=match.text,
            status="ambiguous",
            alternatives=tuple({"full": c.path.full + match.detail, "confidence": None} for c in equal[:SHOWN_EQUAL]),
            notes=(f"{len(equal)} places fit equally well",),
        )

    @classmethod
    def nothing(cls, text: str) -> Completion:
        """Return the completion of a text that names no place."""
        return cls(text, text, detail=text, notes=("no division was recognised",))

    @classmethod
    def unlikely(
        cls,
        text: str,
        confidence: float | None,
        alternatives: tuple[dict[str, Any], ...],
        decided: str,
        path: DivisionPath | None = None,
    ) -> Completion:
        """Return a refusal: none of the places is likely enough. ``path`` is what they have in common."""
        status = "ambiguous" if alternatives else "unknown"
        return cls(text, text, path or DivisionPath(), text, confidence, status, alternatives, (UNLIKELY,), decided)

    def refused(self) -> Completion:
        """Return a refusal in which this answer is the first of the alternatives."""
        own = {"full": self.full, "confidence": self.confidence}
        return replace(
            self,
            full=self.input,
            path=DivisionPath(),
            detail=self.input,
            status="ambiguous",
            alternatives=(own, *self.alternatives),
            notes=(UNLIKELY, *self.notes),
            village=None,
            lead="",
        )

    @classmethod
    def from_answer(cls, text: str, answer: str, stopped: bool = True) -> Completion:
        """Return the completion that a model's freely written ``answer`` to ``text`` amounts to.

        The answer counts only if it begins with divisions that exist under each other, down to a city at least, and
        ends as the input ends. Otherwise the status is ``unknown``, ``full`` is the input, and what the model wrote
        stands among the alternatives.

        Args:
            text: the address.
            answer: what the model wrote.
            stopped: whether the model ended its answer itself.
        """
        path, detail = load_table().read(answer)
        if not stopped:
            problem = "the model did not end its answer"
        elif not path.name("city") and not path.name("county"):
            problem = "the answer does not begin with divisions of the table"
        elif not text.endswith(detail):
            problem = "the answer does not keep the end of the input"
        else:
            return cls.known(text, path, detail)
        return cls(text, text, detail=text, alternatives=({"full": answer, "confidence": None},), notes=(problem,))


def passed_over(match: Match) -> list[str]:
    """Return the names that were read but go against an answer for which no candidate speaks.

    三亚秀英区海秀路 is in 海口: 三亚 goes against it.
    """
    if not match.equal or not match.candidates[0].against:
        return []
    return [match.text[used.start : used.end] for used in match.candidates[0].used]


def notes(match: Match, candidate: Candidate | None, code: str = "") -> tuple[str, ...]:
    """Return what was renamed, corrected or contradicted by an answer.

    Args:
        match: what was read.
        candidate: the reading that the answer follows; ``None`` if it follows none.
        code: of the answer's deepest division, if it is not the candidate's: nothing is said of mistyped names below.
    """
    if candidate is None:
        return tuple(map(AGAINST.format, passed_over(match)))
    said = [
        used for used in candidate.used if not (code and used.kind in MISTYPINGS and not code.startswith(used.code))
    ]
    own = [_note(match.text, used, candidate.path) for used in said if not _says_again(used, said)]
    return (*dict.fromkeys([note for note in own if note]), *map(AGAINST.format, candidate.against))


def _says_again(used: Used, said: list[Used]) -> bool:
    """Whether a short name stands beside the same former name in full: 大港区大港油田."""
    return used.kind == SHORT and any(other.kind == FORMER and other.name == used.name for other in said)


def _is_shorter(written: str, name: str) -> bool:
    """Whether a name has all the characters of a short one, in their order."""
    characters = iter(name)
    return all(character in characters for character in written)


def _note(text: str, used: Used, path: DivisionPath) -> str:
    """Return the note of a name that was read, ``""`` if it is written as the table has it, or shortened."""
    if used.kind == FULL and not used.zone:
        return ""
    written, last = text[used.start : used.end], path.divisions[-1].name
    today = next((division.name for division in path.divisions if division.code == used.code), last)
    if used.kind == SHORT and not used.zone:  # 第八师 is 石河子市, 芳村 in 荔湾区 was 芳村区
        return "" if used.name == today and _is_shorter(read(written).plain, today) else f"{written}: today {today}"
    if used.zone:
        return f"{written}: a zone in {today}"
    if used.kind == FORMER:
        return "" if written == today else f"{written}: today {today}"
    if used.kind == MOVED:
        below = next((division.name for division in path.divisions if division.parent == used.code), last)
        return f"{written}: {below} lies in {today} today"
    return f"{written}: read as {used.name} ({MISTYPINGS[used.kind]})"
