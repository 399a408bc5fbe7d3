"""Lines with several faults."""

from __future__ import annotations

from buqi.bench.law_mutations import CHANGES, FILLS, RESTS, mutated

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
