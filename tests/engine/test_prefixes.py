from __future__ import annotations

from buqi.engine import prefixes as module
from buqi.engine.prefixes import LEAST_SAVED, CachedPrefix, PrefixCache


def test_the_longest_beginning_of_the_same_adapter_is_found():
    kept = PrefixCache()
    long, short = list(range(60)), [*range(30), 99]
    kept.keep(CachedPrefix(None, short, ("short",)))
    kept.keep(CachedPrefix(None, long, ("long",)))
    kept.keep(CachedPrefix("a", list(range(200)), ("other",)))
    found, same = kept.longest(None, [*range(50), 7])
    assert found.tensors == ("long",) and same == 50
    assert kept.longest(None, list(range(40)))[1] == 39, "the last token is always computed"
    assert kept.longest(None, list(range(LEAST_SAVED))) == (None, 0), "too little to gain"
    kept.forget("a")
    assert kept.longest("a", long) == (None, 0) and kept.longest(None, long)[1] == 59


def test_what_was_of_use_longest_ago_goes(monkeypatch):
    monkeypatch.setattr(module, "MOST_PROMPTS", 2)
    kept = PrefixCache()
    first, second, third = ([n, *range(100, 140)] for n in range(3))
    kept.keep(CachedPrefix(None, first, ()))
    kept.keep(CachedPrefix(None, second, ()))
    assert kept.longest(None, first)[1]
    kept.keep(CachedPrefix(None, third, ()))
    assert [bool(kept.longest(None, ids)[1]) for ids in (first, second, third)] == [True, False, True]


def test_long_prompts_push_out_others_before_they_are_many(monkeypatch):
    monkeypatch.setattr(module, "MOST_TOKENS", 100)
    kept = PrefixCache()
    for number in range(3):
        kept.keep(CachedPrefix(None, [number, *range(40)], ()))
    assert [prefix.ids[0] for prefix in kept.kept] == [1, 2]
