"""Lines that name no place, made up: goods, dishes, shops, messages, some with a place's name in them (长沙臭豆腐)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

import yaml

from buqi.address.settled import plain_kind
from buqi.divisions import Matcher
from buqi.divisions.names import short_name

WORDS_FILE = "no_places.yaml"


def no_places(matcher: Matcher, count: int, rng: random.Random) -> Iterator[str]:
    """Yield ``count`` lines, no two equal, that name no place and that the names alone do not settle."""
    table = matcher.table
    shorts = sorted({short_name(d.name) for level in ("province", "city", "county") for d in table.at(level)})
    places = [name for name in shorts if 2 <= len(name) <= 4]
    made: set[str] = set()
    while len(made) < count:
        text = _line(places, rng)
        if text not in made and plain_kind(matcher.match(text), matcher) is None:
            made.add(text)
            yield text


def _line(places: list[str], rng: random.Random) -> str:
    """Return a line; half of them hold a place's name."""
    choose, words = rng.choice, load_words()
    ways = (
        lambda: choose(places) + choose(("", "", "正宗", "特产", "老", "手工")) + choose(words["dishes"]),
        lambda: choose(places) + choose(words["dishes"]) + choose(words["manners"]),
        lambda: choose(places) + choose(words["of_places"]),
        lambda: choose(places) + choose(words["shops"]),
        lambda: choose(words["before_places"]) + choose(places) + choose((*words["of_places"], *words["dishes"])),
        lambda: choose(words["goods"]) + choose(words["manners"]),
        lambda: choose(("", *words["manners"])) + choose(words["goods"]) + choose(("", f"{rng.randint(1, 50)}个")),
        lambda: choose(words["shop_names"]) + choose(words["shops"]),
        lambda: choose(words["messages"]) + choose(("", "", "，谢谢", "！", choose(words["messages"]))),
        lambda: (
            choose(words["surnames"]) + choose(words["given"]) + choose(("", choose(words["given"]), "先生", "女士"))
        ),
        lambda: choose(("订单", "单号", "运单号", "编号", "")) + str(rng.randint(10**7, 10**12)),
        lambda: choose(words["goods"]) + choose(("和", "、", "+", " ")) + choose(words["goods"]),
    )
    return choose(ways)()


@lru_cache(maxsize=1)
def load_words() -> dict[str, list[str]]:
    """Return the words by what they are."""
    text = resources.files("buqi.fitting").joinpath(WORDS_FILE).read_text(encoding="utf-8")
    return {name: words.split() for name, words in yaml.safe_load(text).items()}
