"""Encodings are told apart by a text's first bytes."""

from __future__ import annotations

import random

import pytest
from opencc import OpenCC

from buqi.divisions import load_matcher
from buqi.encoding import encoding_of, has_mark
from buqi.errors import UsageError

CODECS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-16": "utf-16-le",
}


def tables(count: int) -> list[str]:
    """Return texts of a few lines with names of divisions."""
    chosen = random.Random(1)
    names = [division.name for division in load_matcher().table.at("county")]
    lines = [f"{i},{chosen.choice(names)}{chosen.choice(names)}{i}号" for i in range(5 * count)]
    return ["\r\n".join(["编号,地址", *lines[5 * i : 5 * i + 5], ""]) for i in range(count)]


@pytest.mark.parametrize("codec", CODECS)
def test_every_encoding_is_told_also_where_a_character_is_cut(codec):
    for text in tables(60):
        data = text.encode(codec)
        for end in range(len(data) - 6, len(data) + 1):
            assert encoding_of(data[:end], "x") == CODECS[codec]


def test_big5_is_refused():
    to_traditional = OpenCC("s2t").convert
    for text in tables(60):
        with pytest.raises(UsageError, match="a.csv: looks like Big5, .*save it as UTF-8"):
            encoding_of(to_traditional(text).encode("big5", "ignore"), "a.csv")
        assert encoding_of(to_traditional(text).encode("gb18030"), "x") == "gb18030"


def test_odd_texts():
    with pytest.raises(UsageError, match="UTF-32 is not read"):
        encoding_of("a".encode("utf-32"), "x")
    assert encoding_of(b"", "x") == encoding_of(b"id,a\n1,\x00\n", "x") == "utf-8"
    assert encoding_of("地址\n碑林区\x001号\n".encode("gbk"), "x") == "gb18030"
    assert encoding_of("地址\n上海市\n".encode() + b"\xff\xfe\xe7\n", "x") == "utf-8"
    assert has_mark("a".encode("utf-16")) and has_mark("a".encode("utf-8-sig")) and not has_mark(b"a")
