"""Keys of a record around an address: {"city":"保定市","detail":"五一路"}, county=鹤庆县;addr=新华村."""

from __future__ import annotations

from dataclasses import replace

from buqi.address.completion import REFUSALS, Completion
from buqi.expressions import expression

_KEY = r"[\s,;&\"']*[A-Za-z][A-Za-z_]{1,15}[\"']?\s*[:=：]\s*[\"']?"
# What a record begins with. A label alone (Address: ) is none.
RECORD = expression(rf"(?=\s*[{{\[(\"']|\s*[A-Za-z_]+\s*=)\s*[{{\[(]*{_KEY}(?=[\u4e00-\u9fff])")
KEY = expression(rf"{_KEY}(?=[\u4e00-\u9fff])")
END = expression(r"[\s\"';,]*[}\])]*\s*$")


def without_keys(answer: Completion) -> Completion:
    """Return an answer to a record without the keys before its first value and before its last one.

    The keys between names are never part of an answer. Other texts are returned as they are.
    """
    front = RECORD.match(answer.input) if answer.input[:1].isascii() else None
    if front is None or answer.status in REFUSALS or answer.contact is not None:
        return answer
    lead = "" if answer.lead.strip() == front.group().strip() else answer.lead
    detail = answer.detail
    if key := KEY.match(detail):
        detail = detail[key.end() :]
    if answer.input[:1] in "{[(":
        detail = END.sub("", detail)
    return replace(answer, lead=lead, detail=detail, full=answer.path.full + detail)
