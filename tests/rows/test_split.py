from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buqi.rows import Row, check_sets, split_rows
from buqi.rows.split import group_of
from buqi.synthesis import build_rows, counties_of
from buqi.task import ADDRESS, ROWS


def address(text: str) -> Row:
    return Row((ADDRESS.prompt(text),), (f"陕西省西安市{text}",), where=text)


def test_two_numbers_of_one_street_are_one_place():
    one, two, other = (
        group_of(address(t), ADDRESS) for t in ("碑林区友谊路1号", "碑林区友谊路2-6号3单元", "碑林区友谊巷1号")
    )
    assert one == two != other


def test_built_rows_split_without_leaks():
    rows = build_rows(counties_of("西安市"), 600)
    sets = split_rows(rows, ADDRESS)
    assert sum(map(len, sets.values())) == 600
    assert abs(len(sets["train"]) / 600 - 0.70) < 0.01
    assert abs(len(sets["test"]) / 600 - 0.15) < 0.01
    assert not check_sets(sets, ADDRESS).leaks


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=60), st.integers(0, 5))
def test_no_input_in_two_sets_and_no_row_lost(texts, seed):
    rows = [Row((t,), ("y",), where=str(i)) for i, t in enumerate(texts)]
    sets = split_rows(rows, ROWS, seed=seed)
    assert sorted(r.where for s in sets.values() for r in s) == sorted(r.where for r in rows)
    seen = [{r.src for r in s} for s in sets.values()]
    assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert split_rows(rows, ROWS, seed=seed) == sets
