"""Lines of the kinds that people have (``data/kinds.jsonl``): what is right, what is refused, what is doubted.

``path``: from the province down; a city that a municipality lacks is ``""``, deeper levels are not judged. ``refuse``:
the line names no place. ``may_refuse``: a refusal is right too. ``max_confidence``: something contradicts. ``note``:
something must be said. ``known``: a fault that is left.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from buqi.address.completer import Completer
from buqi.address.completion import Completion
from buqi.divisions import LEVELS

LINES = [json.loads(line) for line in Path(__file__).with_name("data").joinpath("kinds.jsonl").open(encoding="utf-8")]
KINDS = sorted({line["kind"] for line in LINES})
SURE = 0.9


@pytest.fixture(scope="module")
def answers() -> dict[str, Completion]:
    texts = [line["input"] for line in LINES]
    return dict(zip(texts, Completer().complete_all(texts), strict=True))


def faults(line: dict[str, Any], answer: Completion) -> list[str]:
    """Return what is not as the line says."""
    levels = [answer.path.name(level) for level in LEVELS]
    answered = bool(levels[0]) and answer.status not in ("ambiguous", "unknown")
    if line.get("refuse"):
        return [f"answered {answer.full}"] * answered
    if not answered:
        return [] if line.get("may_refuse") else ["refused"]
    found = []
    path = line.get("path", [])
    if levels[: len(path)] != path:
        found.append(f"{levels}, not {path}")
    if (answer.confidence or 0.0) > line.get("max_confidence", 1.0):
        found.append(f"confidence {answer.confidence}")
    if line.get("note") and not answer.notes:
        found.append("no note")
    if "detail" in line and answer.detail.strip() != line["detail"]:
        found.append(f"detail {answer.detail}")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_a_kind_are_answered_as_they_should(kind: str, answers: dict[str, Completion]) -> None:
    lines = [line for line in LINES if line["kind"] == kind]
    found = {line["input"]: faults(line, answers[line["input"]]) for line in lines}
    known = {line["input"] for line in lines if line.get("known")}
    assert len(lines) >= 10
    assert {text: fault for text, fault in found.items() if fault and text not in known} == {}
    assert [text for text in known if not found[text]] == [], "mended: take `known` out"


def test_every_character_is_in_a_name_in_the_detail_or_before_it(answers: dict[str, Completion]) -> None:
    """An answer's detail and lead are pieces of the line; nothing is made up."""
    for line in LINES:
        answer = answers[line["input"]]
        assert answer.full.endswith(answer.detail)
        assert set(answer.detail) <= set(line["input"])
