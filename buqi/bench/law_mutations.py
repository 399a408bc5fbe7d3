"""Lines that are wrong in many ways at once. Any answer is right, if nothing of the text is lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

from buqi.address import Completion
from buqi.divisions import Match
from buqi.divisions.names import short_name, short_names
from buqi.divisions.text import SEPARATORS, read

FILLS = ("", "", " ", "，", "中国", "的", "市辖区", *"、/】（）", "全区", "null", *"省市区", "其他", "·")
RESTS = ("人民路12号", "绿地公馆", "第一中学东100米", "高新区科技路8号", "王家村三组", "88号院(人民医院旁)", "")
Names = list[str]
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


def is_kept(answer: Completion, match: Match) -> bool:
    """Whether each character of a text is once in the answer's lead or detail, or in a name that was read."""
    text = match.text
    left, whole = Counter(bare(answer.lead + answer.detail)), Counter(bare(text))
    if bare(answer.full).endswith(bare(text)):
        return True
    read_as_names = text[match.spans[0][0] : match.behind] if match.spans else ""  # with what says nothing between them
    rest, town = bare(match.front + text[match.behind :]), answer.path.name("town")
    if rest and not answer.detail and town.startswith(rest):
        read_as_names = text  # 庄河市大郑: the rest is the town's name
    elif town and rest.endswith(town):
        read_as_names += town  # 相城区人民路5号阳澄湖镇: the rest ends in it
    elif town and rest.strip("()（）").endswith(town):
        read_as_names += town + "()（）"  # in brackets
    elif _is_said_again(rest, bare(answer.detail), answer):
        read_as_names = text
    taken = whole - left
    return not left - whole and not taken - Counter(bare(read_as_names)) and answer.detail in answer.full


def _is_said_again(rest: str, detail: str, answer: Completion) -> bool:
    """Whether all that ``detail`` lacks of ``rest`` are names of the answer, before or behind it."""
    town = answer.path.name("town")
    if town and town in rest and rest.replace(town, "", 1) == detail:
        return True  # behind a zone
    at = rest.find(detail)
    if at < 0 or not town.startswith(rest[:at]):
        return False
    behind = rest[at + len(detail) :].strip("()（）")
    names = [name for division in answer.path.divisions for name in (division.name, *short_names(division.name))]
    for name in sorted(names, key=len, reverse=True):
        behind = behind.replace(name, "")
    return not behind


def bare(text: str) -> str:
    """Return a text as the matcher reads it, without separators."""
    return SEPARATORS.sub("", read(text).plain)
