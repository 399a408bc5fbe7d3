"""Names, phone numbers and ID numbers in lines that hold an address: cut out, as `buqi.contact` finds them."""

from __future__ import annotations

import re
from collections import Counter

from buqi.contact import read_line
from buqi.contact.labels import ADDRESS, NAME, PHONE
from buqi.contact.numbers import IDENTITY, PHONE_PATTERN
from buqi.contact.people import is_labelled_name

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# A contact has one of these. Most addresses have none, and reading takes twenty times as long as this look.
SIGNS = re.compile("[:：]|[0-9０-９]{6}|[0-9]{3}[- .*]|收|姓名|电话|手机|联系|先生|女士|小姐|老师")
# A word alone between separators beside a telephone. Only there also a rare name is one.
BESIDE_PHONE = re.compile(
    r"(?:(?<=[\s,，;；])|^)([\u4e00-\u9fff]{2,4})[\s,，;；]*\x00|\x00[\s,，;；]*([\u4e00-\u9fff]{2,4})(?=[\s,，;；]|$)"
)


def mask(text: str) -> tuple[str, dict[str, int]]:
    """Return ``text`` without names, phone numbers, ID numbers and their labels, and how many of each were found."""
    counts = {"names": 0, "phones": 0, "ids": 0}
    if not SIGNS.search(text):
        return text, counts

    def name(match: re.Match[str]) -> str:
        if not is_labelled_name(match[1] or match[2]):
            return match.group()
        counts["names"] += 1
        return "\x00"

    line = read_line(text)
    kinds = Counter(part.kind for part in line.parts)
    ids = [number for number in IDENTITY.findall(text) if valid_identity(number)]
    counts |= {"names": kinds[NAME], "phones": kinds[PHONE], "ids": len(ids)}
    stand_in = {PHONE: "\x00", ADDRESS: None}
    left = "".join(stand_in.get(part.kind, " ") or text[part.start : part.end] for part in line.parts)
    for number in ids:
        left = left.replace(number, " ")
    left, more = PHONE_PATTERN.subn("\x00", left)  # of a line too long to be read
    counts["phones"] += more
    if left == text:
        return text, counts
    left = BESIDE_PHONE.sub(name, left).replace("\x00", " ")
    return re.sub(r"[\s,，;；]+", " ", left).strip(), counts


def valid_identity(number: str) -> bool:
    """Whether the check character of an 18-character identity number is right (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()
