"""csv: what a file does not say is guessed and said, and no row swallows others."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buqi.bulk.delimited import Delimited
from buqi.bulk.json_lines import JsonLines
from buqi.bulk.text_lines import READ_BYTES, TextLines
from buqi.csv_rows import ONE_COLUMN
from buqi.errors import UsageError


def made(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def carried(path: Path, size: int = 2) -> bytes:
    table = Delimited(path, ("full",))
    parts = []
    for piece in table.pieces(size, table.columns[:1]):
        parts.append(path.with_name(f"{len(parts)}.part"))
        table.write(parts[-1], piece, [["X"]] * len(piece), safe=False)
    table.join(parts, path.with_name("out.csv"), safe=False)
    return path.with_name("out.csv").read_bytes()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('id,a\n1,x\n2,"y\n3,z\n4,z\n', 3),
        ('id,a\n1,"x\n2,"y"\n3,"z"\n', 2),
        ('"id","a"\n"1","x\n"2","y"\n', 2),
        ('id,"a\n1,x\n', 1),
        ('id,a\n1,"two\nlines"\n2,"open', 4),
        ('id,a\r\n1,"x\r\n\r\n2,y\r\n', 2),
    ],
)
def test_a_quote_that_is_never_closed_is_an_error_with_its_line(tmp_path, text, line):
    path = made(tmp_path / "in.csv", text)
    with pytest.raises(UsageError, match=rf"in\.csv:{line}: a quote .* is not closed"):
        carried(path)
    if text.count('"') % 2:
        with pytest.raises(UsageError, match=f"csv:{line}: a quote"):
            Delimited(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nx\n\ny\n", "a,full\nx,X\n,X\ny,X\n"),
        ("\na,b\n\n1,2\n\n", "\na,b,full\n\n1,2,X\n\n"),
        ('a,b\r\n"1" ,2\r\n3', 'a,b,full\r\n"1" ,2,X\r\n3,,X'),
        ('a,b\n1,"x, y",3,4\n', 'a,b,full\n1,"x, y",X,3,4\n'),
        ('a,b\n"q"z,"a""b"\n', 'a,b,full\n"q"z,"a""b",X\n'),
        ("a;b\r1;2\r", "a;b;full\r1;2;X\r"),
        ("a,b\n\ufeff1,2,3,4\n\ufeff\n", "a,b,full\n\ufeff1,2,X,3,4\n\ufeff\n"),
        ('"a,1"|b\n1|2\n', '"a,1"|b|full\n1|2|X\n'),
        ("sep=;\n;;\na;b\n1;x,y\n", "sep=;\n;;\na;b;full\n1;x,y;X\n"),
        ('a\nx,y\n"x,y"\nx;"y"\n,"\n', 'a,full\n"x,y",X\n"x,y",X\nx;"y",X\n",""",X\n'),
    ],
)
def test_rows_keep_their_text_and_their_place(tmp_path, before, after):
    assert carried(made(tmp_path / "in.csv", before)).decode() == after


@pytest.mark.parametrize(
    ("row", "fields", "after"),
    [
        ('"1","","q ""z"', [None, "市", None, "X"], '"1",市,"q ""z",X'),
        ('"","",x"y,z,"w"', ["省", None, None, "X"], '省,"",x"y,X,z,"w"'),
        ('"1"', [None, None, "a,b", "X"], '"1",,"a,b",X'),
        ("\ufeff,,", ["省", None, None, "X"], "\ufeff省,,,X"),
    ],
)
def test_cells_that_are_not_filled_keep_their_quotes(tmp_path, row, fields, after):
    table = Delimited(made(tmp_path / "in.csv", f"a,b,c\n{row}\n"), ("full",))
    table.filled = ("a", "b", "c")
    (piece,) = table.pieces(9, ["a"])
    table.write(tmp_path / "part", piece, [fields], safe=False)
    assert (tmp_path / "part").read_text() == f"{after}\n"


def test_quotes_are_text_where_no_cell_between_tabs_is_in_quotes(tmp_path):
    table = Delimited(made(tmp_path / "in.tsv", 'id\ta\n"p\t5"\n"q\tb\tc\n'), ("full",))
    table.filled = ("a",)
    (piece,) = table.pieces(9, ["id"])
    table.write(tmp_path / "part", piece, [[None, 'x "y"'], ["z", "1\t2\n3"]], safe=False)
    assert piece.cells == {"id": ['"p', '"q']} and (tmp_path / "part").read_text() == (
        '"p\t5"\tx "y"\n"q\tz\t1 2 3\tc\n'
    )
    with pytest.raises(UsageError, match=r"in\.tsv:3: a quote"):
        Delimited(made(tmp_path / "in.tsv", 'id\ta\n"p"\t5\n"q\tb\n'))


def test_what_is_guessed_is_said(tmp_path):
    text = "id;地址\n1;碑林区文昌路1号\n"
    assert Delimited(made(tmp_path / "a.csv", text.encode("gbk"))).guesses == [
        "read as GBK (GB18030)",
        "columns divided by ';'",
    ]
    assert Delimited(made(tmp_path / "b.csv", text.encode("utf-16-le"))).guesses[0] == "read as UTF-16-LE"
    assert Delimited(made(tmp_path / "c.csv", text.replace(";", ",").encode("utf-16"))).guesses == []
    assert Delimited(made(tmp_path / "d.tsv", "a\tb\n")).guesses == []


@pytest.mark.parametrize("shift", range(4))
def test_a_character_over_the_end_of_a_block_changes_nothing(tmp_path, shift):
    line = "碑林区文昌路1号\n".encode()
    data = b"a" * shift + b"\n" + line * (READ_BYTES // len(line) + 2)
    assert TextLines(made(tmp_path / "a.csv", data)).encoding == "utf-8"
    assert (
        TextLines(made(tmp_path / "b.csv", b"a\n" * READ_BYTES + line.decode().encode("gbk") * 9)).encoding == "gb18030"
    )


def test_damage_in_the_middle_is_one_sentence(tmp_path):
    import gzip

    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 900_000)
    with pytest.raises(UsageError, match=r"in\.csv\.gz: cannot be read"):
        list(Delimited(made(tmp_path / "in.csv.gz", whole[:-9])).pieces(1000, ["a"]))
    with pytest.raises(UsageError, match="cannot be read"):
        list(JsonLines(made(tmp_path / "in.jsonl", '{"a": 1}\n'.encode("utf-16") + b"\x00")).pieces(9, ["a"]))


@given(st.text('a",;\r\n \u533a', max_size=40), st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_any_text_keeps_its_rows_or_is_refused(tmp_path_factory, text, size):
    """Rows that Python's csv finds are found again, each with its cells; a quote over several rows is refused."""
    path = tmp_path_factory.getbasetemp() / "any" / "in.csv"
    path.parent.mkdir(exist_ok=True)
    try:
        found = carried(made(path, text), size).decode()
    except UsageError as error:
        found, refused = "", str(error)
    if not found:
        assert "no rows in it" in refused or "is not closed" in refused or "cannot be read" in refused
        return
    table = Delimited(path)
    before = list(csv.reader(io.StringIO(text, newline=""), delimiter=table.form.divider))
    after = list(csv.reader(io.StringIO(found, newline=""), delimiter=table.delimiter))
    only = table.form.divider == ONE_COLUMN
    head = next(i for i, row in enumerate(before) if any(map(str.strip, row)) or (only and row == [""]))
    width = len(before[head])
    assert len(after) == len(before)
    for i, (row, more) in enumerate(zip(before, after, strict=True)):
        if i >= head and (row or width == 1):
            assert more == (row or [""])[:width] + [""] * (width - len(row or [""])) + [more[width]] + row[width:]
            assert more[width] in ("X", "full", "buqi_full")
        else:
            assert not any(map(str.strip, row)) and "X" not in more
