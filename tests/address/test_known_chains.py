from __future__ import annotations

import random
from functools import lru_cache

import pytest

from buqi.address import known_chains
from buqi.address.completer import Completer
from buqi.address.known_chains import chains_for, load_known_chains
from buqi.bench.bulk import mix
from buqi.divisions import Matcher, load_matcher, load_table
from buqi.divisions.lexicon import Lexicon
from buqi.divisions.text import read
from buqi.evaluate.contestants import texts_of
from buqi.task import ADDRESS


@pytest.fixture(scope="module")
def chains():
    return load_known_chains()


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("碑林区扬子江南路467-6号", "陕西省西安市碑林区扬子江南路467-6号"),
        ("陕西西安碑林区文艺路街道友谊西路１号", "陕西省西安市碑林区文艺路街道友谊西路１号"),
        ("东莞市虎门镇人民路3号", "广东省东莞市虎门镇人民路3号"),
    ],
)
def test_an_address_is_answered_by_its_chain(chains, text, full):
    found = chains.read(text)
    assert found.path.full + found.detail == full
    assert found.plain == read(found.detail).plain


@pytest.mark.parametrize(
    "text",
    [
        "鼓楼区中央路1号",  # four cities have one
        "岳阳岳阳县荣家湾镇",
        "碑林区",
        "宝安区公明街道松白路1号",  # a town of elsewhere
        "七里河区西果镇",  # a town of another name
        "碑林区的友谊路",
        "碑林区，友谊路1号",
        "碑林区友谊路1号;雁塔区小寨路2号",
        "东城区莞樟路3号东莞市",
        "博爱县城关镇",
        "",
    ],
)
def test_what_may_be_read_otherwise_is_left_to_the_matcher(chains, text):
    assert chains.read(text) is None


def changed(texts, names, rng):
    """Yield each text with something between its names and what follows."""
    for text in texts:
        at = rng.randint(2, min(len(text), 14))
        yield text[:at] + rng.choice(names)[: rng.randint(1, 6)] + text[at + rng.randint(0, 1) :]


@pytest.mark.parametrize("count", [700, pytest.param(20_000, marks=pytest.mark.long)])
def test_answers_are_the_matchers(chains, monkeypatch, count):
    rng = random.Random(count)
    made = texts_of(ADDRESS, mix(count))
    texts = list(dict.fromkeys([*made, *changed(made, list(chains.lexicon.names), rng)]))
    fast = Completer().complete_all(texts)
    assert sum(chains.read(text) is not None for text in texts) > 0.4 * len(texts)
    monkeypatch.setattr("buqi.address.completer.chains_for", lambda *_: None)
    assert Completer().complete_all(texts) == fast


def test_chains_are_opened_for_many_texts_of_the_shipped_table(monkeypatch):
    load_known_chains()
    assert chains_for(load_matcher(), 1) is load_known_chains()
    assert chains_for(Matcher(Lexicon(load_table())), 1000) is None


def test_for_a_few_texts_chains_are_not_opened(monkeypatch):
    never = lru_cache(lambda: pytest.fail("opened"))
    monkeypatch.setattr(known_chains, "load_known_chains", never)
    assert chains_for(load_matcher(), known_chains.MANY - 1) is None
