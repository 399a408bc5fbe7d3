from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from buqi.rows import FILE_NAMES, Row, check_sets, split_rows
from buqi.rows.read import line_of
from buqi.rows.split import SplitLines, group_of, split_key
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


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=1, max_size=60), st.integers(0, 5))
def test_lines_are_split_as_rows_are(texts, seed):
    rows = [Row((text,), (str(number),)) for number, text in enumerate(texts)]
    with tempfile.TemporaryDirectory() as name, SplitLines(Path(name)) as lines:
        for row in rows:
            lines.add(split_key(row, ROWS, seed), line_of(row))
        sizes = lines.write(Path(name))
        sets = split_rows(rows, ROWS, seed=seed)
        assert sizes == {name: len(chosen) for name, chosen in sets.items()}
        assert sorted(path.name for path in Path(name).iterdir()) == sorted(FILE_NAMES.values()), (
            "no other file is left"
        )
        for one, chosen in sets.items():
            assert (Path(name) / FILE_NAMES[one]).read_bytes() == b"".join(map(line_of, chosen))


def test_the_split_of_a_seed_stays():
    rows = [Row((f"{number % 7}",), (str(number),)) for number in range(40)]
    found = {name: [int(row.tgt[0]) for row in chosen] for name, chosen in split_rows(rows, ROWS, seed=3).items()}
    order = sorted({row.src[0] for row in rows}, key=lambda src: hashlib.sha256(f"3/{src}".encode()).digest())
    first = [number for number in range(40) if str(number % 7) == order[0]]
    assert found["train"][: len(first)] == first
