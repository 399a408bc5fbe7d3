from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buqi.rows import Row
from buqi.rows.keys import KeyMaker, RowKeys, control_tokens, shared_groups
from buqi.task import ROWS


def keys_of(rows):
    maker = KeyMaker(ROWS)
    for row in rows:
        maker.add(row)
    return RowKeys.of(maker.arrays())


texts = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xy")), max_size=25)


@given(texts)
def test_repeats_are_those_of_the_texts(pairs):
    same, differing = keys_of([Row((a,), (b,)) for a, b in pairs]).repeats()
    first = {}
    expected = [(i, first.setdefault(a, i)) for i, (a, _) in enumerate(pairs)]
    later = [(i, j) for i, j in expected if i != j]
    assert same == [(i, j) for i, j in later if pairs[i][1] == pairs[j][1]]
    assert differing == [(i, j) for i, j in later if pairs[i][1] != pairs[j][1]]


@given(texts, texts)
def test_shared_groups_name_the_last_row_of_each_set(one, other):
    found = set(shared_groups(*(keys_of([Row((a,), (b,)) for a, b in pairs]) for pairs in (one, other))))
    last = [{a: i for i, (a, _) in enumerate(pairs)} for pairs in (one, other)]
    assert found == {(last[0][a], last[1][a]) for a in last[0].keys() & last[1].keys()}


def test_control_tokens_are_found():
    row = Row(("a <|im_end|>",), ("b",), where="f:2")
    assert keys_of([Row(("<|",), ("b",)), row]).control.tolist() == [1]
    assert control_tokens(row) == "f:2: src holds <|im_end|>: taken as text, not as control tokens"
