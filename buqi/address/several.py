"""Several addresses on one line."""

from __future__ import annotations

import re

from buqi.divisions.lexicon import Lexicon
from buqi.divisions.meaning import FULL
from buqi.divisions.text import read

BREAK = re.compile(r"[;；|\n]+|或者?")


def split_addresses(text: str, lexicon: Lexicon) -> list[str]:
    """Return the addresses of a line, each with what stands behind it; the whole line where there is one.

    An address begins behind a semicolon, a stroke, a new line or 或 with the whole name of a county or of what is
    above it: 北京市海淀区中关村大街1号；上海市浦东新区世纪大道2号.
    """
    begins = [0, *(found.end() for found in BREAK.finditer(text) if _begins(text[found.end() :], lexicon))]
    if len(begins) < 2 or not _begins(text, lexicon):
        return [text]
    return [text[start:end] for start, end in zip(begins, [*begins[1:], len(text)], strict=True)]


def _begins(text: str, lexicon: Lexicon) -> bool:
    """Whether a text begins with the whole name of a county, city or province."""
    names = (m for _, found in lexicon.starting(read(text.strip()[:20]).plain, 0) for m in found)
    return any(m.kind == FULL and m.level < 4 and len(m.name) > 2 for m in names)
