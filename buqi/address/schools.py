"""Schools behind a province and one of its cities in short: 河北衡水中学, 湖南长沙一中. The city is where they are."""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.address.evidence.named_after import ShortNames
from buqi.divisions import Table
from buqi.divisions.text import read
from buqi.expressions import expression

ENDS = frozenset("中学學校口近面门門")
LONGEST = 20  # characters of such a name
_NUMBER = "第?[一二三四五六七八九十]{1,3}"
SCHOOL = expression(
    rf"(?:{_NUMBER}|实验|高级|初级|外国语|附属|职业|师范)*(?:中学|高中|小学|外国语学校|{_NUMBER}中)(?:[东南西北正]大?门|门口|附近|对面)?"
)


def read_school(answer: Completion, table: Table, short: Callable[[], ShortNames]) -> Completion:
    """Return the answer of the city of a school, or ``answer`` itself if that says as much.

    The text must be nothing but a province, a city in short, and the school. It stays whole in the detail.

    Args:
        answer: the first one. It stays if it is sure of the city.
        table: the divisions.
        short: the short names.
    """
    if answer.input[-1:] not in ENDS or len(answer.input) > LONGEST:
        return answer  # most addresses
    text = read(answer.input).plain
    province = short().at(text, 0)
    code = next(iter(short().by_name.get(province, {}).get("province", ())), "")
    at = len(province)
    at += text[at : at + 1] == "省"
    city = short().at(text, at) if code else ""
    cities = [one for one in short().by_name.get(city, {}).get("city", ()) if one.startswith(code)]
    if len(cities) != 1 or SCHOOL.fullmatch(text, at + len(city)) is None:
        return answer
    sure = answer.status not in REFUSALS and (answer.confidence or 0.0) >= LESS_SURE
    if sure and answer.code.startswith(cities[0]):
        return answer
    return Completion.known(answer.input, table.path(cities[0]), answer.input, LESS_SURE, BY_TABLE)
