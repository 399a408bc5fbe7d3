"""Words before a chain of short names: 籍贯湖北仙桃彭场镇, (代收)湖北潜江熊口镇, 景区票务 浙江嘉兴桐乡乌镇.

A verb, a label, a bracket or a word with a space behind it hides the short names that follow. What stands behind it is
read as an address of its own. It counts if it begins with certain names. The words go to ``lead``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import replace
from itertools import islice

from buqi.address.certain_names import certain_answer
from buqi.address.completion import AGAINST, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.divisions import Matcher
from buqi.divisions.lead import PLACE
from buqi.expressions import expression

LONGEST = 80  # characters of a text that is read
MOST_BEGINS = 10  # places at which an address may begin
MOST_SPACES = 6  # spaces behind which an address may begin
_EDGE = r"(?:^|(?<=[\s,，。;；:：!！】\])）]))"
_PARCEL = "(?:快递|快件|外卖|包裹|货|东西|餐|订单|邮件)"
# What says where: a word of its own anywhere, a verb of one character only at an edge.
SAYS = expression(
    "(?:籍贯|祖籍|出生地|户籍|户口|现?住址|(?:现|常|暂|居)住|现居|坐落|座落|位|居住|地址|所在地)(?:所在地|地址|地)?(?:[于在是为]|位于)?"
    rf"|{_EDGE}(?:{_PARCEL}?(?:麻烦|请)?(?:放|送|寄|发|派送|配送)(?:[到在至往去])?|家?住[在于]?|[去到回]|前往|来自|打车[去到])"
)
BRACKET = expression(r"^[\s,，]*[(（【\[〔「][^()（）【】\[\]〔〕「」]{1,12}[)）】\]〕」]\s*")
PART = expression(r"[0-9一二三四五六七八九十]期|[A-Za-z0-9]+[座区]")  # of an estate
SPACE = expression(r"[\s,，;；。]+")
EDGES = " \t,，;；。()（）【】[]〔〕「」"
COUNTY = 6  # characters of a county's code
_READING = ContextVar(
    "_READING", default=False
)  # what stands behind words is not read so again; each thread has its own


class WordsBefore:
    """Finds the place behind words in what was refused, or answered without any name at its front.

    Args:
        matcher: has the names.
        complete: completes what stands behind the words.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.matcher, self.complete = matcher, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that the text behind the words gives, or ``answer`` itself."""
        text, refused = answer.input, answer.status in REFUSALS
        if _READING.get() or len(text) > LONGEST or not (refused or answer.detail == text):
            return answer  # most addresses
        before = _READING.set(True)
        try:
            return self._behind(answer, refused)
        finally:
            _READING.reset(before)

    def _behind(self, answer: Completion, refused: bool) -> Completion:
        """Return the answer of the first place behind words, or ``answer`` itself."""
        text = answer.input
        for start, apart in islice(_begins(text), MOST_BEGINS):
            found = certain_answer(text[start:], self.matcher, self.complete)
            if found is None or not self._counts(found, text[:start], apart):
                continue
            if refused or (found.code.startswith(answer.code) and found.code != answer.code):
                confidence = min(found.confidence or 0.0, LESS_SURE)
                return replace(found, input=text, lead=text[:start] + found.lead, confidence=confidence)
        return answer

    def _counts(self, found: Completion, before: str, apart: bool) -> bool:
        """Whether an answer begins with two names, a county or what lies around it first, and words stand before it.

        Behind a space or a bracket it must say a town or a detail too: 送变电公司 河南郑州 names a firm. Before it no
        place may stand: 王府井 北京东城东华门.
        """
        if any(note.endswith(AGAINST.format("")) for note in found.notes):
            return False
        used = self.matcher.match(found.input).candidates[0].used
        if len(used) < 2 or len(used[0].code) > COUNTY or PLACE.search(before):
            return False
        if not apart:
            return True
        if PART.search(before) or not (found.path.name("town") or found.detail.strip()):
            return False
        return self.complete(before.strip(EDGES)).status in REFUSALS


def _begins(text: str) -> Iterator[tuple[int, bool]]:
    """Yield where an address may begin behind words, and whether only a space or a bracket parts it from them."""
    for says in SAYS.finditer(text):
        yield says.end(), False
    if bracket := BRACKET.match(text):
        yield bracket.end(), True
    for space in islice(SPACE.finditer(text), MOST_SPACES):
        if space.start():
            yield space.end(), True
