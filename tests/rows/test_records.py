"""JSON records one after another: each with its line, and what cannot be read is named."""

from __future__ import annotations

import pytest

from buqi.rows.records import MISTAKES_SHOWN, Wrong, first_of, records


def read(text: str) -> list:
    return list(records(text))


def test_lines_arrays_and_objects_are_all_read():
    assert read('{"a": 1}\r\n\r\n{"a": 2}\r3') == [(1, {"a": 1}), (3, {"a": 2}), (4, 3)]
    assert read('[{"a": 1}]\n[{"a": 2}]\n{"a": 3}\n') == [(1, {"a": 1}), (2, {"a": 2}), (3, {"a": 3})]
    assert read('{\n  "a": 1,\n  "b": 2\n}\n{\n  "a": 3\n}\n') == [(1, {"a": 1, "b": 2}), (5, {"a": 3})]
    assert read('{\u00a0"a": "b\u00a0c"}\n[\n') == [
        (1, {"a": "b\u00a0c"}),
        (2, "not JSON (Expecting value, column 2): ["),
    ]
    assert read('[\n\u00a0\u00a0{"a": "b\u00a0c"}\n]') == [(2, {"a": "b\u00a0c"})]


def test_behind_a_mistake_in_an_array_nothing_is_read():
    for text, line, said in (
        ('[{"a": 1}]\nand more', 2, "not JSON (Expecting value, column 1): and more; nothing behind it was read"),
        ('[{"a": 1},\n{"a"\n1}, 2]', 2, "not JSON (Expecting ':' delimiter, column 1, line 3)"),
        ('[{"a": 1},\n', 2, "the JSON array is not closed: expected ]"),
    ):
        *_, (at, wrong) = read(text)
        assert at == line and isinstance(wrong, Wrong) and said in wrong


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (r'{"a": "\ud83d 碑林区"}', r"a lone surrogate (\ud83d, half of a character)"),
        (r'{"a": {"x": ["\udc00"]}}', "lone surrogate"),
        ('{"a": 1, "a": 2}', "a given twice"),
        ('{"a": {"b": 1, "b": 2}}', "b given twice"),
        ("[" * 100_000, "nested too deep"),
        ('{"n": ' + "9" * 5000 + "}", "cannot be read"),
        ('{"a": 1}{"a": 2}', "not JSON (another object stands behind the first; put it on a line of its own)"),
    ],
)
def test_what_would_be_read_wrongly_is_named(line, said):
    _, (at, wrong) = read(f'{{"a": 1}}\n{line}')
    assert at == 2 and isinstance(wrong, Wrong) and said in wrong


def test_an_object_over_several_lines_may_stand_behind_others():
    assert read('{"a": 1}\n{\n "a": 2,\n "b": 1.10\n}\n{"a": 3}') == [
        (1, {"a": 1}), (2, {"a": 2, "b": 1.1}), (6, {"a": 3}),
    ]  # fmt: skip
    cut = read('{"a": 1}\n{"a": 2,\n{"a": 3}\n{"a": {\n')
    assert [line for line, value in cut if isinstance(value, Wrong)] == [2, 4] and cut[2] == (3, {"a": 3})
    odd = read('{"a": 1}\n{"a": 1,\n"a": 2}\n{"a": 3}')
    assert odd[1] == (2, "a given twice; keep one of them") and odd[2] == (4, {"a": 3})


def test_of_many_mistakes_the_first_are_shown():
    many = [str(number) for number in range(MISTAKES_SHOWN + 3)]
    assert first_of(many) == [*many[:MISTAKES_SHOWN], "… and 3 more"] and first_of(many[:3]) == many[:3]
