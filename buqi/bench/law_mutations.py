"""Makes lines that are wrong in several ways at once from the names of a place."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from buqi.divisions.names import short_name

NUMBERS = (" 13862221234 ", " 215332 ", "2-301", " A12 ", "（0512-57891234）")  # they must be kept
FILLS = ("", "", " ", "，", "中国", "的", "市辖区", *"、/】（）", "全区", "null", *"省市区", "其他", "·", *NUMBERS)
RESTS = ("人民路12号", "绿地公馆", "第一中学东100米", "高新区科技路8号", "王家村三组", "88号院(人民医院旁)", "")
Names = list[str]  # of a place, from the province down
Change = Callable[[Names, random.Random], Names]


def mutated(names: Names, seed: int, count: int) -> Iterator[str]:
    """Yield lines made of the names of a path by one to three changes each, with something between and behind them."""
    rng = random.Random(seed)
    for _ in range(count):
        line = names
        for change in rng.choices(CHANGES, k=rng.randint(1, 3)):
            line = [name for name in change(line, rng) if name] or names
        fill = rng.choice(FILLS)
        yield "".join(name + (fill if rng.random() < 0.3 else "") for name in line) + rng.choice(RESTS)


def _leave_out(names: Names, rng: random.Random) -> Names:
    at = rng.randrange(len(names))
    return names[:at] + names[at + 1 :] if len(names) > 1 else names


def _say_again(names: Names, rng: random.Random) -> Names:
    at = rng.randrange(len(names))
    return names[: at + 1] + names[at:]


def _begin_again(names: Names, rng: random.Random) -> Names:
    return names + names[rng.randrange(len(names)) :]


def _shorten(names: Names, rng: random.Random) -> Names:
    at = rng.randrange(len(names))
    return [*names[:at], short_name(names[at]) if not names[at].endswith("自治") else names[at], *names[at + 1 :]]


def _shuffle(names: Names, rng: random.Random) -> Names:
    return rng.sample(names, len(names))


def _lose_a_character(names: Names, rng: random.Random) -> Names:
    at = rng.randrange(len(names))
    cut = rng.randrange(len(names[at]))
    return [*names[:at], names[at][:cut] + names[at][cut + 1 :], *names[at + 1 :]]


CHANGES: tuple[Change, ...] = (_leave_out, _say_again, _begin_again, _shorten, _shuffle, _lose_a_character)
