"""Lines with several faults, and whether an answer keeps their characters."""

from __future__ import annotations

from buqi.address import Completion
from buqi.bench.law_mutations import CHANGES, FILLS, RESTS, bare, is_kept, mutated
from buqi.divisions import load_matcher, load_table

NAMES = ["陕西省", "西安市", "碑林区", "长乐坊街道"]


def test_the_same_seed_gives_the_same_lines():
    lines = list(mutated(NAMES, 7, 200))
    assert lines == list(mutated(NAMES, 7, 200)) != list(mutated(NAMES, 8, 200))
    assert len(lines) == 200 and len(set(lines)) > 150
    assert all(any(line.endswith(rest) for rest in RESTS) for line in lines)


def test_a_line_has_no_characters_but_those_of_its_parts():
    allowed = set("".join([*NAMES, *FILLS, *RESTS]))
    assert set("".join(mutated(NAMES, 1, 300))) <= allowed


def test_every_change_leaves_some_name():
    import random

    for change in CHANGES:
        for names in (["碑林区"], NAMES):
            changed = change(names, random.Random(3))
            assert changed and all(set(name) <= set("".join(names)) for name in changed)


def test_what_is_lost_or_said_twice_is_seen():
    text = "西安碑林区人民路12号"
    match, path = load_matcher().match(text), load_table().path("610103")

    def kept(detail: str, lead: str = "") -> bool:
        return is_kept(Completion(text, path.full + detail, path, detail, lead=lead), match)

    assert kept("人民路12号")
    assert not kept("人民路2号"), "a character is lost"
    assert not kept("人民路12号号"), "one is said twice"
    assert not kept("人民路12号", "顺丰"), "one comes from nowhere"


def test_separators_are_no_part_of_a_line():
    assert bare("西安市，碑林区 1号") == "西安市碑林区1号"
