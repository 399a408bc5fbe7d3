"""What the matcher found: candidates, the names that were read, what is certain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from buqi.divisions.table import Division, DivisionPath
from buqi.divisions.words import TOWN_ENDS
from buqi.expressions import expression

# What people call so that is no division of the table: 东湖区 in 武汉市.
LOOSE_KIND = expression(rf"(?:{TOWN_ENDS}|区)$")


class Used(NamedTuple):  # made for each name of each candidate: a frozen dataclass takes four times as long
    """One name that was read: ``text[start:end]`` stands for ``name`` of the division ``code``.

    ``kind`` is that of the `Meaning`. ``zone`` is whether it is the name of a zone in that division.
    """

    start: int
    end: int
    kind: str
    name: str
    code: str
    zone: bool = False


@dataclass(slots=True)
class Candidate:
    """One division that the text can mean. It is never changed: a frozen one takes four times as long to make.

    Attributes:
        path: from the province down.
        score: evidence for it, in arbitrary units; more is better.
        used: the names that speak for it.
        against: names that contradict it, as written.
        named: the score of the names alone, without what stands behind them.
        covered: the sum of `Meaning.covered` of its names.
        code: of the deepest division.
    """

    path: DivisionPath
    score: float
    used: tuple[Used, ...] = ()
    against: tuple[str, ...] = ()
    named: float = 0.0
    covered: float = 0.0
    code: str = field(init=False)

    def __post_init__(self) -> None:
        self.code = self.path.divisions[-1].code

    @property
    def contradicted(self) -> bool:
        """Whether a name contradicts it that is no town's or district's."""
        return any(not LOOSE_KIND.search(written) for written in self.against)


@dataclass(frozen=True, slots=True)
class Match:
    """What was read of ``text``.

    Attributes:
        text: the input.
        candidates: what it can mean, best first.
        detail: the text behind the names that were read, with ``front`` before it; all of the text if none counts.
        equal: how many candidates are as good as the best; 0 if none is good enough.
        spans: where the names that were read stand in ``text``.
        behind: where the text goes on behind them.
        lead: what stands before the address and is no part of it: a country, a label, a name, a telephone.
        front: what stands between that and the first name, and belongs to ``detail``: a road, an estate.
    """

    text: str
    candidates: tuple[Candidate, ...] = ()
    detail: str = ""
    equal: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    behind: int = 0
    lead: str = ""
    front: str = ""

    @property
    def address(self) -> str:
        """The text without what stands before the address."""
        return self.text[len(self.lead) :]

    @property
    def path(self) -> DivisionPath:
        """What is certain: the best candidate's path, or the part that all equal candidates have in common."""
        if self.equal == 1:
            return self.candidates[0].path
        return common(c.path for c in self.candidates[: self.equal])

    @property
    def best(self) -> Candidate | None:
        """The one best candidate; ``None`` if there is none, or several are equal."""
        return self.candidates[0] if self.equal == 1 else None


def common(paths: Iterable[DivisionPath]) -> DivisionPath:
    """Return the divisions that all paths begin with."""
    shared: list[Division] = []
    for level in zip(*(path.divisions for path in paths), strict=False):
        if len({d.code for d in level}) > 1:
            break
        shared.append(level[0])
    return DivisionPath(tuple(shared))
