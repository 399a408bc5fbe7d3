"""The counties' names as tokens: each is told by its first tokens, and only names of the table can be written."""

from __future__ import annotations

from buqi.constrained.county_tree import CountyTree, county_names
from buqi.task import tokens


def test_each_county_is_told_by_its_own_first_tokens(chooser):
    names, tokenizer, table = chooser.names, chooser.engine.tokenizer, chooser.table
    assert len(set(names.values())) == len(names) > 3000
    assert {"610103", "4419", "110105", "710101", "419001"} <= names.keys() and "6101" not in names
    for code in ("610103", "4419", "110105"):
        whole = tuple(tokens(tokenizer, table.path(code).full))
        ids = names[code]
        assert whole[: len(ids)] == ids
        assert sum(other[: len(ids)] == ids for other in names.values()) == 1


def test_what_may_follow_is_a_name_of_the_table(chooser):
    tree, tokenizer = chooser.country, chooser.engine.tokenizer
    written: list[int] = []
    while (allowed := tree.after(written)) != [tree.end]:
        assert list(allowed) == sorted(set(allowed))
        written.append(allowed[-1])
    code = tree.counties[tuple(written)]
    assert chooser.table.path(code).full.encode().startswith(bytes(tokenizer.decode(written), "utf-8")[:6])
    assert tree.after([*written, 5]) == [tree.end]


def test_a_beginning_knows_what_lies_behind_it():
    names = {"1101": (1, 2), "1102": (1, 3), "1201": (4,)}
    above = {"1101": "11", "1102": "11", "1201": "12"}
    tree = CountyTree(names, 9, above, {"1102": 2.0, "1201": -1.0})
    assert (tree.after([]), tree.after([1]), tree.after([4])) == ([1, 4], [2, 3], [9])
    assert (tree.bound[()], tree.bound[(1, 2)], tree.bound[(4,)]) == (2.0, 0.0, -1.0)
    assert (tree.within[()], tree.within[(1,)], tree.within[(4,)]) == ("", "11", "12")


def test_a_name_that_another_goes_on_from_ends_with_the_end_token(tiny):
    from buqi.base import load_tokenizer
    from buqi.divisions import Table

    table = Table({"11": "甲省", "1101": "乙市", "110101": "丙", "110102": "丙丁"})
    tokenizer = load_tokenizer(tiny)
    names = county_names(tokenizer, table)
    assert (
        names["110101"][-1] == tokenizer.eos_token_id
        and names["110101"][:-1] == names["110102"][: len(names["110101"]) - 1]
    )
