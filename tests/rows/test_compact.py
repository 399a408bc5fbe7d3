from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buqi.rows import compact
from buqi.rows.compact import CompactRows
from buqi.task import Encoded

one = st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), min_size=1, max_size=30)


@given(st.lists(one, max_size=20), st.sampled_from((8, 64, 1 << 20)))
def test_every_row_comes_back_as_it_was(rows, packed):
    encoded = [Encoded([token for token, _ in row], [on for _, on in row]) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "PACKED_AT_ONCE", packed)
        made = CompactRows(CompactRows.arrays(iter(encoded)))
    assert list(made) == encoded and len(made) == len(encoded)
    assert made[:] == encoded and made[1:3] == encoded[1:3]
    assert made.lengths.tolist() == [len(row.ids) for row in encoded]
    assert made.learnt == sum(sum(row.trained) for row in encoded)
    if encoded:
        assert made[-1] == encoded[-1]
    with pytest.raises(IndexError):
        made[len(encoded)]


def test_a_row_takes_little():
    made = CompactRows.arrays(Encoded(list(range(64)), [False] * 40 + [True] * 24) for _ in range(1000))
    assert sum(array.nbytes for array in made.values()) < 1000 * (64 * 4 + 8 + 8 + 1)
