"""Labels of a form around the names of an address: 省份:广东 城市:深圳 区县:南山 街道:粤海街道 详细:科苑路15号.

Where short names stand behind the labels, the address is read again without these. The label of the detail is left out
as those between names are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from buqi.address.completion import REFUSALS, Completion
from buqi.expressions import expression

_LEVELS = r"(?:所在|收货)?(?:省份?|城市|地市|市|区县|县区|区/县|地区|区|县|街道|乡镇|镇街|镇|乡)"
_DETAIL = r"(?:详细|具体|街道|收货|收件|详情)?地址|详细|详址|门牌号?"
_SIGN = r"\s?[:：=]\s?"
LABEL = expression(
    rf"(?<![\u4e00-\u9fff])(?:{_LEVELS}|{_DETAIL}){_SIGN}|[【\[(（](?:{_LEVELS}|{_DETAIL})[】\])）][:：]?"
)
DETAIL = expression(rf"\s*(?:[【\[](?:{_DETAIL})[】\]][:：]?|(?:{_DETAIL}){_SIGN}|(?:详细(?:地址)?|收货地址)(?=\s))\s*")
FIRST = frozenset("详具街收门地【[ \t\n")  # what `DETAIL` begins with
SIGN = expression("[:：=】]")  # stands in every form
FEWEST = 2  # labels of a form
SURE = 0.9  # an answer of less confidence is read again


class FormLabels:
    """Reads addresses again without the labels of a form.

    Args:
        complete: completes the address without labels.
    """

    def __init__(self, complete: Callable[[str], Completion]) -> None:
        self.complete = complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that the text gives without labels; ``answer`` itself if it has no form or is sure."""
        text = answer.input
        if SIGN.search(text) is None:
            return answer  # nearly always
        sure = answer.status not in REFUSALS and len(answer.code) > 2 and (answer.confidence or 0.0) >= SURE
        if sure:
            return answer
        labels = list(LABEL.finditer(text))
        if len(labels) < FEWEST:
            return answer
        found = self.complete(LABEL.sub(" ", text).strip())
        if found.status in REFUSALS or len(found.code) < len(answer.code):
            return answer
        lead = found.lead or (labels[0].group() if not labels[0].start() else "")
        return replace(found, input=text, lead=lead)


def without_label(answer: Completion) -> Completion:
    """Return an answer without the label of the detail that stands before it: 详细地址：文一西路969号."""
    detail = answer.detail
    if detail[:1] not in FIRST or not answer.path.divisions or answer.status in REFUSALS:
        return answer
    label = DETAIL.match(detail)
    if label is None:
        return answer
    detail = detail[label.end() :]
    return replace(answer, detail=detail, full=answer.path.full + detail)
