"""Text files keep their encoding, line ends and broken cells."""

from __future__ import annotations

import gzip
import json

import polars as pl
import pytest

from buqi.bulk import Job, run_job, text_lines
from buqi.bulk.tables import open_table
from buqi.bulk.text_lines import TextLines
from buqi.errors import UsageError
from tests.bulk.conftest import MATCH, read


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_encodings_stay(tmp_path, encoding):
    text = "id,地址\r\n1,碑林区文昌路1号\r\n"
    (tmp_path / "in.csv").write_bytes(text.encode(encoding))
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH))
    out = (tmp_path / "out.csv").read_bytes().decode(encoding)
    assert out.startswith("id,地址,province") and "1,碑林区文昌路1号,陕西省,西安市,碑林区" in out
    assert out.count("\r\n") == 2


def test_broken_cells_come_through_with_a_note(tmp_path):
    lines = [
        b"id,address,note",
        b'1,"\xe7\xa2\x91\xe6\x9e\x97\xe5\x8c\xba\n\xe6\x96\x87\xe6\x98\x8c\xe8\xb7\xaf ""A"" 1\xe5\x8f\xb7",x',
        b"2,\xff\xfe\xe7,bad bytes",
        b"3,,empty",
        b"4," + "区".encode() * 40_000 + b",long",
        b"5",
        b"6,=cmd|' /C calc'!A0,formula,extra",
    ]
    (tmp_path / "in.csv").write_bytes(b"\n".join(lines) + b"\n")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=MATCH))
    rows = read(tmp_path / "out.csv")
    assert [row["id"] for row in rows] == list("123456")
    assert rows[0]["county"] == "碑林区" and "\n" in rows[0]["address"] and '"A"' in rows[0]["address"]
    notes = [row["notes"] for row in rows]
    assert notes[1] == "not in the file's encoding" and notes[2] == "empty cell" and "longer than" in notes[3]
    assert notes[4] == "empty cell" and rows[5]["status"] == "unknown"
    assert b"\xff\xfe\xe7" in (tmp_path / "out.csv").read_bytes()
    assert len(rows[3]["address"]) == 40_000
    run_job(Job(tmp_path / "in.csv", tmp_path / "safe.csv", options=MATCH, safe=True))
    assert ",'=cmd" in (tmp_path / "safe.csv").read_text(errors="replace")


def test_jsonl_with_lines_that_are_none(tmp_path):
    lines = [
        '{"address": "碑林区1号", "n": 1.5}',
        "{broken",
        '{"address": 7}',
        '{"n": null}',
        '{"address": null}',
        "[1]",
        '{"address": "碑林区1号\\ud83d"}',
    ]
    with gzip.open(tmp_path / "in.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    run_job(Job(tmp_path / "in.jsonl.gz", tmp_path / "out.jsonl.gz", options=MATCH))
    with gzip.open(tmp_path / "out.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    assert len(rows) == 7 and rows[0]["county"] == "碑林区" and rows[0]["n"] == 1.5
    assert rows[1]["line"] == "{broken" and rows[1]["notes"] == "not a JSON object" and rows[5]["line"] == "[1]"
    assert rows[2]["notes"] == "a number, no address" and rows[3]["notes"] == rows[4]["notes"] == "empty cell"
    assert rows[6]["address"] == rows[6]["full"] == "碑林区1号\ud83d" and rows[6]["notes"] == "half a character"


def test_a_workbook_with_the_name_of_a_text_is_refused(tmp_path):
    pl.DataFrame({"地址": ["碑林区1号"]}).write_excel(tmp_path / "in.xlsx")
    for name in ("in.csv", "in.jsonl"):
        (tmp_path / name).write_bytes((tmp_path / "in.xlsx").read_bytes())
        with pytest.raises(UsageError, match=r"this is no text but a workbook \(xlsx\)"):
            open_table(tmp_path / name)
    (tmp_path / "pk.csv").write_text("PK,address\n1,x\n")
    assert open_table(tmp_path / "pk.csv").columns == ["PK", "address"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_without_an_end_is_refused_and_never_cut(tmp_path, monkeypatch, encoding):
    monkeypatch.setattr(text_lines, "LONGEST_LINE", 1 << 20)
    path = tmp_path / "a.jsonl"
    path.write_text('{"地址": "' + "长" * (1 << 20) + '"}\n', encoding=encoding)
    with pytest.raises(UsageError, match="a line is longer than 1 MB"):
        list(TextLines(path).lines(at_cr=False))
