"""What commands say, in Chinese: the Chinese page shows no English sentence where there is a translation."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from buqi.studio.texts import Texts, read_texts

PLACE = re.compile(r"\{([a-z])\}")
COUNTED = re.compile(r"^(\\? [a-z]+?)(s)\b")  # as it is escaped
REST = re.compile(r"… and ([\d,]+) more")  # of a list that a message cuts off
SIGNS = {"buqi: ": "", "warning: ": "注意：", "note: ": "说明："}  # what a line of a command may begin with
LINES_KEPT = 10_000  # translated lines that are remembered: a log is shown anew each second


class Pattern(NamedTuple):
    """A message with places for what it names, and its translation."""

    expression: re.Pattern[str]
    chinese: str


@lru_cache(maxsize=1)
def patterns() -> list[Pattern]:
    """Return all translations; those with more words of their own come first."""
    pairs: list[list[str]] = [*read_texts("messages_zh.yaml")]
    pairs.sort(key=lambda pair: -len(PLACE.sub("", pair[0])))
    return [Pattern(_expression(english), chinese) for english, chinese in pairs]


def _expression(english: str) -> re.Pattern[str]:
    """Return the pattern of a message. A noun behind a number may be singular: ``{a} rows`` finds ``1 row``."""
    own = [COUNTED.sub(r"\1(?:\2)?", re.escape(part)) for part in PLACE.split(english)]
    own[1::2] = [f"(?P<{name}>.+?)" for name in own[1::2]]
    return re.compile("".join(own))


def in_chinese(message: str) -> str | None:
    """Return a message in Chinese, line by line; a line that is not known stays. ``None`` if none is known."""
    lines = message.split("\n")
    found = [_line(line) for line in lines]
    if all(translation is None for translation in found):
        return None
    return "\n".join(line if new is None else new for line, new in zip(lines, found, strict=True))


def message_in(t: Texts, message: str) -> str:
    """Return a command's message in a page's language; one that is not known is quoted as English."""
    known = in_chinese(message) if t.language == "zh" else message
    return t("in_english", message=message) if known is None else known


def translated_in(t: Texts, output: str) -> str:
    """Return what a command writes in a page's language, line by line; a line that is not known stays."""
    return (in_chinese(output) if t.language == "zh" else None) or output


@lru_cache(maxsize=LINES_KEPT)
def _line(line: str) -> str | None:
    text = line.strip()
    sign = next((sign for sign in SIGNS if text.startswith(sign)), "")
    for expression, chinese in patterns():
        if found := expression.fullmatch(text.removeprefix(sign)):
            begin = line[: len(line) - len(line.lstrip())] + SIGNS.get(sign, "")
            return begin + REST.sub(r"……等 \1 个", chinese.format(**found.groupdict()))
    return None
