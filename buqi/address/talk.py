"""A place that is named inside talk: 老板发到义乌廿三里,电话还是原来那个.

Behind a word that asks or says where, the clause is read as an address of its own. It counts if it begins with names
that are certain.
"""

from __future__ import annotations

from collections.abc import Callable

from buqi.address.certain_names import certain_answer
from buqi.address.completion import BY_TABLE, REFUSALS, Completion
from buqi.address.confidence_caps import LESS_SURE
from buqi.divisions import Matcher
from buqi.expressions import expression

# What stands before the place.
SAYS = expression(
    "(?:[发寄送邮]|快递|派送)(?:到|往|至|去)|(?:我们?|人|家|店|公司|仓库)(?:是|在|就在)|[住家]在|(?:老家|地址|位置)就?(?:是|在|改成|改为|换成)"
    "|^(?:[嗯呃啊哦喂][,，、。…]*|那个|这个|就是|[,，、。])+(?:我?在)?"
    "|^我?(?:要|想)?[到在去](?=.{2,20}下车)|^我们?(?:(?:现在|目前|就)?住?在|住)|(?:师傅|司机)[,，]?[去到]"
)
CLAUSE = expression(r"[^,，。!！?？;；~\s]{2,30}")
END = expression("(?:的|了|吧|呢|啊|哦|哈|呀|嘛|这边|那边|这里|那里|人|哪里|谢谢|[,，]|下车|就行|就好|就可以|即可)+$")
LONGEST = 60  # characters of a text that is read


class Talk:
    """Finds the places in what was refused, or answered without any name at its front.

    Args:
        matcher: has the names.
        complete: completes the clause.
    """

    def __init__(self, matcher: Matcher, complete: Callable[[str], Completion]) -> None:
        self.matcher, self.complete = matcher, complete

    def read(self, answer: Completion) -> Completion:
        """Return the answer that a clause gives, or ``answer`` itself."""
        text = answer.input
        unread = answer.detail in (text, text[len(answer.lead) :])  # no name was read at the front
        asked = any(says.end() == len(answer.lead) for says in SAYS.finditer(answer.lead)) if answer.lead else False
        if len(text) > LONGEST or not (answer.status in REFUSALS or unread or asked):
            return answer
        for says in SAYS.finditer(text):
            clause = CLAUSE.match(text, says.end())
            place = END.sub("", clause.group()) if clause else ""
            if asked and not unread and (not clause or place == clause.group()):
                continue  # no words behind the place hide a name
            found = self._place(place)
            if found is not None and (unread or answer.status in REFUSALS or _is_deeper(found, answer)):
                detail = found.detail + text[says.end() + len(place) :].lstrip(",，。 ")
                confidence = min(found.confidence or 0.0, LESS_SURE)
                lead = text[: says.end()]
                return Completion.known(text, found.path, detail, confidence, BY_TABLE, found.village, lead=lead)
        return answer

    def _place(self, text: str) -> Completion | None:
        """Return the answer to a clause if it begins with certain names and nothing has to be said of them."""
        found = certain_answer(text, self.matcher, self.complete)
        return None if found is None or found.lead or found.notes else found


def _is_deeper(found: Completion, answer: Completion) -> bool:
    """Whether an answer lies inside another one."""
    return found.code.startswith(answer.code) and found.code != answer.code
