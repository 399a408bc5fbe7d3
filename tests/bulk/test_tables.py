"""Which file is opened as what, and which column holds the addresses."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import polars as pl
import pytest

from buqi.bulk.delimited import Delimited
from buqi.bulk.json_lines import JsonLines
from buqi.bulk.parquet import Parquet
from buqi.bulk.tables import check_target, open_table
from buqi.bulk.workbook import Workbook
from buqi.errors import UsageError

TABLE = pl.DataFrame({"id": ["1", "2", "3"], "地址": ["碑林区1号", "雁塔区2号", "鼓楼区3号"]})
KINDS = {
    "a.csv": Delimited,
    "a.TSV": Delimited,
    "a.csv.gz": Delimited,
    "a.jsonl": JsonLines,
    "a.ndjson.gz": JsonLines,
    "a.parquet": Parquet,
    "a.xlsx": Workbook,
}


def write(path: Path) -> Path:
    """Write `TABLE` as what the name says."""
    kind = path.name.lower().split(".")[1]
    if kind == "parquet":
        TABLE.write_parquet(path)
    elif kind == "xlsx":
        TABLE.write_excel(path)
    else:
        text = TABLE.write_ndjson() if "json" in kind else TABLE.write_csv(separator="\t" if kind == "tsv" else ",")
        path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_gives_the_same_pieces_and_cells(tmp_path, name):
    table = open_table(write(tmp_path / name), added=("full",))
    assert type(table) is KINDS[name]
    assert table.columns == ["id", "地址"] and list(table.added) == ["full"]
    pieces = list(table.pieces(2, ["地址"]))
    assert [len(piece) for piece in pieces] == [2, 1]
    assert [cell for piece in pieces for cell in piece.cells["地址"]] == TABLE["地址"].to_list()
    first = 1 if name in ("a.jsonl", "a.ndjson.gz", "a.parquet") else 2
    assert [number for piece in pieces for number in piece.numbers] == list(range(first, first + 3))


@pytest.mark.parametrize("name", KINDS)
def test_what_is_written_in_pieces_is_read_again(tmp_path, name):
    table = open_table(write(tmp_path / name), added=("full",))
    parts = []
    for piece in table.pieces(2, ["地址"]):
        parts.append(tmp_path / f"part{len(parts)}")
        table.write(parts[-1], piece, [[f"市{cell}"] for cell in piece.cells["地址"]], safe=False)
    table.join(parts, tmp_path / f"out{name[1:]}", safe=False)
    again = open_table(tmp_path / f"out{name[1:]}")
    assert again.columns == ["id", "地址", "full"]
    (piece,) = again.pieces(9, ["full", "id"])
    assert piece.cells["full"] == [f"市{cell}" for cell in TABLE["地址"]]
    assert piece.cells["id"] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("name", "data", "sheet", "message"),
    [
        ("a.csv", b"a\n1\n", "x", "has no sheets"),
        ("a.doc", b"x", None, r"\.doc is not read"),
        ("a.xls", b"x", None, r"\.xls is not read; .*; save it as xlsx$"),
        ("b.xlsx", b"a,b", None, r"not a zip file\); open it in a spreadsheet and save it as xlsx, without a password"),
        ("a", b"x", None, "no suffix is not read"),
        ("a.csv", b"", None, "no rows"),
        ("a.jsonl", b"[1]\n", None, "no line of it is a JSON object"),
        ("a.csv.gz", b"a\n", None, "cannot be read"),
        ("a.xlsx", b"PK", None, "cannot be read as xlsx"),
    ],
)
def test_what_cannot_be_opened_is_said(tmp_path, name, data, sheet, message):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=message):
        open_table(tmp_path / name, sheet)


def test_links_are_followed_and_what_is_no_file_is_refused_before_work(tmp_path):
    write(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to("a.csv")
    assert open_table(tmp_path / "link.csv").columns == ["id", "地址"]
    (tmp_path / "gone.csv").symlink_to("nothing.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name, message in {"gone": "a link to nothing", "pipe": "no file but a pipe", "folder": "is a folder"}.items():
        with pytest.raises(UsageError, match=message):
            open_table(tmp_path / f"{name}.csv")


def test_a_result_that_cannot_be_written_is_refused_before_work(tmp_path):
    write(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to("a.csv")
    (tmp_path / "free.csv").symlink_to("later.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    refused = {"": "--out . is a folder", "pipe.csv": "no file but a pipe", "link.csv": "exists", "a.csv": "exists"}
    refused |= {"a.csv/x.csv": "nothing can be written in"}
    for name, message in refused.items():
        with pytest.raises(UsageError, match=message):
            check_target(tmp_path / name if name else Path(""), overwrite=False)
    for name in ("free.csv", "new.csv", "deep/new/x.csv"):
        check_target(tmp_path / name, overwrite=False)
    check_target(tmp_path / "link.csv", overwrite=True)
