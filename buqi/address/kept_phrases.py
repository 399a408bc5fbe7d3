"""Brackets and phrases that tell where a place lies stay whole: 值班室（罗源县松山镇政府旁）, 乡道与来安县水口镇交叉处.

The names were read inside of them. Cut out, they would leave empty brackets and torn words.
"""

from __future__ import annotations

from dataclasses import replace

from buqi.address.completion import REFUSALS, Completion
from buqi.expressions import expression

LAST = ("）", ")", "】", "]", "界", "处", "口", "叉", "汇")  # one of these ends such a text
BRACKET = expression(
    r"(?P<front>[^（(【\[）)】\],，;；:：]{2,24}[（(【\[])(?P<inside>[^（(【\[）)】\]]{4,30})[）)】\]]"
)
NO_NAME = expression(r"地址|[收寄送发][货件到往至给]|\d{7}")  # the words before the bracket are no name of a place
NUMBERED = expression(r"[0-9０-９一二三四五六七八九十]号")  # the bracket is an address of its own
TORN = expression(r"与(?=(?:交界|交叉|交汇|相交|接壤)(?:处|口|点)?$)")


def keep_phrases(answer: Completion) -> Completion:
    """Return the answer with the text whole in its detail if names were cut out of a bracket or phrase in it."""
    text = answer.input
    if not text.endswith(LAST) or answer.status in REFUSALS or answer.detail == text:
        return answer
    if _is_torn_bracket(answer) or _is_torn_phrase(answer):
        return replace(answer, lead="", detail=text, full=answer.path.full + text)
    return answer


def _is_torn_bracket(answer: Completion) -> bool:
    """Whether all names were read in a bracket behind other words."""
    found = BRACKET.fullmatch(answer.input)
    if found is None or NO_NAME.search(found["front"]) or NUMBERED.search(found["inside"]):
        return False
    front = found["front"]
    before = answer.lead == front or (not answer.lead and answer.detail.startswith(front))
    return before and found["inside"] not in answer.detail


def _is_torn_phrase(answer: Completion) -> bool:
    """Whether all names were read between 与 and 交界."""
    found = TORN.search(answer.detail)
    return found is not None and answer.input.startswith(answer.lead + answer.detail[: found.end()])
