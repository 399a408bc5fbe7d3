"""`Completion`: what is known of an address, level by level, and nothing that is not in the table."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from buqi.contact import ContactLine
from buqi.divisions import LEVELS, Candidate, Division, DivisionPath, Match, Table, load_table
from buqi.divisions.level_names import LevelNames
from buqi.divisions.match import Used
from buqi.divisions.meaning import MISSING, SHORT
from buqi.divisions.mistyping import MISTYPINGS

CONTACT = ("name", "phone", "postcode")  # in JSON only where they were asked for
SHOWN_EQUAL = 8  # of several equal places
# Behind a short name: the two are one name, and it stays whole. 四川音乐学院, 武夷山风景区, 大兴国际机场, 宁波银行.
INSTITUTION = re.compile(
    r"(?:(?:国家级?)?(?:风景|名胜|旅游|生态)*(?:风景|名胜|旅游|生态|景)区|古[城镇](?![区街路镇乡])|(?:国际)?机场|站$|银行)(?![路街巷村镇])"
    r"|"
    r"(?:中?医[科药]?|药科|音乐|农[业林垦]?|林业|工[业商程]?|科技|理工|师范|财[经贸]|经[贸济]|商[业贸]?|金融|交通|邮电|电力|电子|信息|机电|石油|化工|海[洋事]"
    r"|民族|建筑|城建|建设|外国?语|体育|美术|艺术|传媒|戏曲|政法|警[察官]|公安|旅游|水利|地质|矿业|航[空海天]|铁[道路]|职[业工]|技[术师]|卫生|管理|教育"
    r"|第[一二三]|幼儿|广播|电视|开放|联合|女子|城市|国际|高等专科)+(?:大学|学[院校])(?![路街巷村])"
)
AGAINST = "{}: contradicts the other names"  # the note of a name that goes against the answer
UNLIKELY = "no place is likely enough"
REFUSALS = ("ambiguous", "unknown")  # statuses


def percent(share: float) -> str:
    """Return a probability for people, rounded down: what is not certain is never shown as 100 %."""
    return f"{math.floor(1000 * share + 1e-6) / 10:g} %"


@dataclass(frozen=True)
class Completion(LevelNames):
    """An answer about one address.

    A level that is not known is ``""``. ``status`` is ``complete`` (down to a town), ``partial`` (to a city or
    county), ``ambiguous`` or ``unknown``. ``lead`` is what stood before the address and is no part of it (a country, a
    label, a name, a telephone), ``detail`` what is left of the input beside lead and names, unchanged: the three hold
    every character of it. ``full`` begins with the province and ends with ``detail``. ``confidence`` is the
    calibrated probability that every level given down to the county is right, ``None`` where nothing calibrated it;
    alternatives have the share that the chooser gives them. ``decided`` says by what: ``table`` (its names leave
    nothing open), ``evidence`` (smaller names of the table weighed), ``memory`` (the user's place names weighed too),
    ``model`` (a language model chose).
    ``contact`` holds name, telephone and postcode where these were asked for; they are in no other field then.
    ``village`` is the fifth level by its official name; its text stays in ``detail``.
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

    @property
    def code(self) -> str:
        """The code of the deepest level that is known; it begins with the others."""
        return max(self.codes.values(), key=len, default="")

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
    def from_match(cls, match: Match) -> Completion:
        """Return the completion that the table alone allows: one candidate, or several equal ones, or none.

        With several equal candidates the levels that they have in common are given, ``full`` stays the input, and they
        stand among the alternatives.
        """
        best = match.best
        if best is None:
            equal = match.candidates[: match.equal]
            alternatives = tuple({"full": c.path.full + match.detail, "confidence": None} for c in equal[:SHOWN_EQUAL])
            return cls(
                input=match.text,
                full=match.text,
                path=match.path,
                detail=match.text,
                status="ambiguous" if equal else "unknown",
                alternatives=alternatives,
                notes=(f"{len(equal)} places fit equally well",) if equal else ("no division was recognised",),
            )
        path, detail = best.path, unread(match, best, best.path)
        return cls(
            input=match.text,
            full=path.full + detail,
            path=path,
            detail=detail,
            status="complete" if path.name("town") else "partial",
            notes=notes(match, best),
            lead=match.lead,
        )

    @classmethod
    def known(
        cls,
        text: str,
        path: DivisionPath,
        detail: str,
        confidence: float | None = None,
        decided: str = "",
        village: Division | None = None,
    ) -> Completion:
        """Return the completion of a text whose names leave nothing to be said."""
        status = "complete" if path.name("town") else "partial"
        return cls(text, path.full + detail, path, detail, confidence, status, decided=decided, village=village)

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
        """Return the completion of a text whose places are none likely enough; ``path`` is what they have in common."""
        status = "ambiguous" if alternatives else "unknown"
        path, notes = path or DivisionPath(), (UNLIKELY,)
        return cls(text, text, path, text, confidence, status, alternatives, notes, decided)

    def refused(self) -> Completion:
        """Return a refusal in which the answer is the first of the alternatives."""
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
    def from_answer(cls, text: str, answer: str, stopped: bool = True, table: Table | None = None) -> Completion:
        """Return the completion that a freely written ``answer`` to ``text`` amounts to.

        The answer counts only if it begins with divisions that exist under each other, down to a city at least, and
        ends as the input ends. Otherwise the status is ``unknown``, ``full`` is the input, and what the model wrote
        stands among the alternatives.
        """
        path, detail = (table or load_table()).read(answer)
        problem = ""
        if not stopped:
            problem = "the model did not end its answer"
        elif not path.name("city") and not path.name("county"):
            problem = "the answer does not begin with divisions of the table"
        elif not text.endswith(detail):
            problem = "the answer does not keep the end of the input"
        if problem:
            alternatives = ({"full": answer, "confidence": None},)
            return cls(text, text, detail=text, alternatives=alternatives, notes=(problem,))
        return cls(
            input=text,
            full=path.full + detail,
            path=path,
            detail=detail,
            status="complete" if path.name("town") else "partial",
        )


def unread(match: Match, candidate: Candidate | None, path: DivisionPath) -> str:
    """Return what is left of an address when the names that ``path`` says again are taken from its front.

    Names that contradict the path, that are deeper than it, or that are no divisions (zones) stay.
    """
    own = [division.code for division in path.divisions]
    used = candidate.used if candidate else ()
    said = [(u.start, u.end) for u in used if u.code in own and not u.zone]
    if said and _is_short(used[-1]) and INSTITUTION.match(match.text, used[-1].end):
        said = [span for span in said if span != (used[-1].start, used[-1].end)]
    if not said:
        return match.address
    kept = sorted([span for span in match.spans if span not in said])
    if not kept:
        return match.front + match.text[match.behind :]
    at, pieces = kept[0][0], [match.front]
    for start, end in sorted(span for span in said if span[0] > at):
        pieces.append(match.text[at:start])
        at = end
    return "".join([*pieces, match.text[at:]])


def _is_short(used: Used) -> bool:
    """Whether a name was read without its kind: 武夷山."""
    return used.kind == SHORT or (used.kind == MISSING and used.end - used.start < len(used.name))


def passed_over(match: Match, candidate: Candidate | None) -> list[str]:
    """Return the names that were read and go against an answer elsewhere, where one of the text speaks for it.

    三亚秀英区海秀路 is in 海口: 三亚 goes against it.
    """
    if candidate is not None or not match.equal or not match.candidates[0].against:
        return []
    return [match.text[used.start : used.end] for used in match.candidates[0].used]


def notes(match: Match, candidate: Candidate | None) -> tuple[str, ...]:
    """Return what `notes_of` yields; of most addresses nothing is to be said."""
    if candidate is not None and not candidate.against:
        for used in candidate.used:
            if used.zone or used.kind not in ("full", "short"):
                break
        else:
            return ()
    return tuple(notes_of(match, candidate))


def notes_of(match: Match, candidate: Candidate | None) -> Iterator[str]:
    """Yield what was renamed, corrected or contradicted on the way to a candidate, or to an answer elsewhere."""
    yield from map(AGAINST.format, passed_over(match, candidate))
    if candidate is None:
        return
    text = match.text
    names = {d.code: d.name for d in candidate.path.divisions}
    for used in candidate.used:
        written = text[used.start : used.end]
        if used.zone:
            yield f"{written}: a zone in {names.get(used.code, candidate.path.divisions[-1].name)}"
        elif used.kind == "former":
            yield f"{written}: today {names.get(used.code, candidate.path.divisions[-1].name)}"
        elif used.kind == "moved":
            yield f"{written}: {candidate.path.divisions[-1].name} lies in {names[used.code]} today"
        elif used.kind not in ("full", "short"):
            yield f"{written}: read as {used.name} ({MISTYPINGS[used.kind]})"
    for written in candidate.against:
        yield AGAINST.format(written)
