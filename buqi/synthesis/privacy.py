"""Names, phone numbers and ID numbers in lines that hold an address: found and cut out."""

from __future__ import annotations

import re

# Resident identity number: GB 11643-1999, 18 digits, the last a check character by ISO 7064 MOD 11-2.
ID_NUMBER = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PHONE = re.compile(
    r"(?:(?:手机|电话|联系电话|联系方式|tel|mobile|phone)\s*[:：]?\s*)?"
    r"(?<![0-9])(?:\+?86[- ]?)?(?:1[3-9][0-9](?:[- ]?[0-9]{4}){2}|0[0-9]{2,3}[- ][0-9]{7,8}(?:-[0-9]{1,5})?)(?![0-9])",
    re.IGNORECASE,
)
NAME = re.compile(r"(?:收件人|收货人|寄件人|联系人|姓名|客户)\s*[:：]\s*[\u4e00-\u9fff·]{2,4}(?=[^\u4e00-\u9fff]|$)")
LABEL = re.compile(
    r"(?:收件人|收货人|联系人|姓名|身份证号?|证件号码?|手机号?|电话|联系电话|收货地址|详细地址|地址)\s*[:：]"
)
# The name of a waybill: two to four characters, alone between separators, beside a phone number.
BESIDE_PHONE = re.compile(
    r"(?:(?<=[\s,，;；])|^)[\u4e00-\u9fff]{2,4}[\s,，;；]*\x00|\x00[\s,，;；]*[\u4e00-\u9fff]{2,4}(?=[\s,，;；]|$)"
)


def mask(text: str) -> tuple[str, dict[str, int]]:
    """Return ``text`` without names, phone numbers and ID numbers, and how many of each were found.

    Names are found only beside a label (``收件人：``) or a phone number; a name in the middle of a line is not.
    """
    found = {"names": 0, "phones": 0, "ids": 0}

    def identity(match: re.Match[str]) -> str:
        if not valid_identity(match.group()):
            return match.group()
        found["ids"] += 1
        return " "

    text = ID_NUMBER.sub(identity, text)
    text, found["names"] = NAME.subn(" ", text)
    text, found["phones"] = PHONE.subn("\x00", text)
    text, beside = BESIDE_PHONE.subn(" ", text)
    found["names"] += beside
    if any(found.values()):
        text = LABEL.sub(" ", text.replace("\x00", " "))
        text = re.sub(r"[\s,，;；]+", " ", text).strip()
    return text, found


def valid_identity(number: str) -> bool:
    """Whether the check character of an 18-character identity number is right."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == number[17].upper()
