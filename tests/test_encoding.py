"""Encodings are told apart by a text's first bytes."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from pathlib import Path

import pytest
from opencc import OpenCC

from buqi.bulk.delimited import Delimited
from buqi.bulk.tables import open_table
from buqi.divisions import load_matcher
from buqi.encoding import encoding_of, guessed_encoding, half_in, has_mark, looks_western, read_text
from buqi.errors import UsageError
from buqi.rows.cells import cells_of
from tests.helpers import buqi

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


def test_a_named_encoding_is_not_guessed(tmp_path):
    text = "id,地址\n1,联通\n"  # 联通 in GBK is valid UTF-8 too
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("gbk"))
    assert encoding_of("联通".encode("gbk"), "x", "GBK") == "gb18030"
    assert encoding_of("x".encode("utf-16-be"), "x", "utf-16-be") == "utf-16-be"
    assert encoding_of(b"\xfe\xff\x00x", "x", "UTF-16") == "utf-16-be"
    assert read_text(path, "gb2312") == text
    assert cells_of(path, encoding="gbk").columns["地址"] == ["联通"]
    assert Delimited(path, encoding="gbk").columns == ["id", "地址"] and not Delimited(path, encoding="gbk").guesses
    with pytest.raises(UsageError, match="--encoding big5: expected one of utf-8, gbk"):
        read_text(path, "big5")
    with pytest.raises(UsageError, match=r"a\.csv:1: not in --encoding utf-8"):
        read_text(path, "utf-8")
    with pytest.raises(UsageError, match=r"--encoding gbk: .*no text"):
        cells_of(Path(shutil.copy(path, tmp_path / "a.parquet")), encoding="gbk")
    with pytest.raises(UsageError, match=r"--encoding gbk: .*no text"):
        open_table(tmp_path / "a.parquet", encoding="gbk")


def test_the_commands_take_an_encoding(tmp_path):
    (tmp_path / "rows.json").write_bytes('{"src": "联通", "tgt": "联通"}\n'.encode("gbk"))
    assert "task rows; 1 " in buqi("data", "check", tmp_path / "rows.json", "--encoding", "gbk").stdout
    assert (
        "not in --encoding utf-8" in buqi("data", "check", tmp_path / "rows.json", "--encoding", "utf-8", code=2).stderr
    )
    (tmp_path / "in.csv").write_bytes("地址\n碑林区联通1号\n".encode("gbk"))
    out = tmp_path / "out.csv"
    buqi("complete", "--file", tmp_path / "in.csv", "--out", out, "--encoding", "gb18030", "--mode", "match")
    assert "陕西省西安市碑林区联通1号" in out.read_bytes().decode("gbk")
    ray = ("complete", "--file", "a.csv", "--out", "b", "--ray", "local", "--encoding", "gbk")
    assert "--encoding: not on Ray" in buqi(*ray, code=2).stderr


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


def test_japanese_is_refused_and_short_texts_are_not_judged():
    with pytest.raises(UsageError, match=r"a\.csv: looks like Shift-JIS; save it as UTF-8"):
        encoding_of("東京都千代田区,日本のまちです\n".encode("shift_jis"), "a.csv")
    assert encoding_of("喆\n".encode("gb18030"), "x") == "gb18030"
    for text in tables(60):
        assert not looks_western(text.encode("gbk")) and not looks_western(OpenCC("s2t").convert(text).encode("gbk"))
    assert looks_western("it’s a café".encode("cp1252")) and not looks_western(b"plain")


def test_odd_texts():
    with pytest.raises(UsageError, match="UTF-32 is not read"):
        encoding_of("a".encode("utf-32"), "x")
    assert encoding_of(b"", "x") == encoding_of(b"id,a\n1,\x00\n", "x") == "utf-8"
    assert encoding_of("地址\n碑林区\x001号\n".encode("gbk"), "x") == "gb18030"
    assert encoding_of("地址\n上海市\n".encode() + b"\xff\xfe\xe7\n", "x") == "utf-8"
    assert has_mark("a".encode("utf-16")) and has_mark("a".encode("utf-8-sig")) and not has_mark(b"a")


def test_a_named_encoding_that_the_text_contradicts_is_refused():
    text = "单号,地址\n1,碑林区文昌路1号\n"
    for data, name, said in (
        (text.encode(), "gbk", "is valid UTF-8"),
        (text.encode(), "utf-16", "is valid UTF-8"),
        (text.encode("utf-8-sig"), "gbk", "begins with the mark of UTF-8"),
        (text.encode("utf-16"), "utf-8", "begins with the mark of UTF-16-LE"),
    ):
        with pytest.raises(UsageError, match=f"--encoding {name}: a.csv {said}; leave --encoding out"):
            encoding_of(data, "a.csv", name)
    assert encoding_of(text.encode("utf-16"), "a.csv", "utf-16") == "utf-16-le"
    assert encoding_of("id,联通".encode("gbk"), "a.csv", "gbk") == "gb18030", "valid UTF-8 by chance"
    assert encoding_of(b"id", "a.csv", "gbk") == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_text_is_read_in_its_encoding(tmp_path, encoding, packed):
    data = "碑林区1号\r\n".encode(encoding)
    (tmp_path / "a").write_bytes(gzip.compress(data) if packed else data)
    assert read_text(tmp_path / "a") == "碑林区1号\r\n"


def test_what_is_no_text_is_said(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        read_text(tmp_path / "none")
    with pytest.raises(UsageError, match="is a folder; name a file in it"):
        read_text(tmp_path)
    for data, message in (
        (gzip.compress(b"a" * 99)[:-9], "cannot be read"),
        (b"\x80\xff\xff\x00\x81", "neither UTF-8"),
        ("碑林区\n".encode("gbk") + "say 😀\n".encode(), "a:2: UTF-8 text, but line 1 is GBK"),
        ("碑林区\n".encode() + "莲湖区\n".encode("utf-16"), "a:2: UTF-16 text, but line 1 is UTF-8"),
        ("ok\nI can’t see it\n".encode("cp1252"), "a:2: looks like Windows-1252 text"),
        (b"PK\x03\x04", "no text but a workbook"),
        # One character, which is UTF-8 and cannot be GBK, in a file of GBK.
        (b'{"\xe2\x80\x9c"}\n' + "碑林区".encode("gb18030"), "a:2: GBK .* text, but line 1 is UTF-8"),
    ):
        (tmp_path / "a").write_bytes(data)
        with pytest.raises(UsageError, match=message):
            read_text(tmp_path / "a")


@pytest.mark.parametrize("packed", [False, True])
def test_a_guessed_encoding_is_known(tmp_path, packed):
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    for encoding, found in (("gbk", "GBK (GB18030)"), ("utf-16-le", "UTF-16-LE"), ("utf-16", ""), ("utf-8", "")):
        data = "碑林区1号\r\n".encode(encoding)
        path.write_bytes(gzip.compress(data) if packed else data)
        assert guessed_encoding(path) == found
    path.write_bytes(b"PK\x03\x04")
    assert guessed_encoding(path) == ""


@pytest.mark.parametrize(("text", "half"), [("区😀\0", ""), ("区\ud83d😀", "\ud83d"), ("\udcff\ud800", "\udcff")])
def test_half_a_character(text, half):
    assert half_in(text) == half


def test_a_device_is_no_text(tmp_path):
    (tmp_path / "link.json").symlink_to(os.devnull)  # as /dev/zero, which never ends
    with pytest.raises(UsageError, match="link.json: a device, no file"):
        read_text(tmp_path / "link.json")
