from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from buqi.cli.main import app
from buqi.divisions import load_matcher, load_table
from buqi.errors import UsageError
from buqi.rows.cells import read_cells
from buqi.synthesis.importing import find_column, import_rows

ADDRESSES = [
    "陕西省西安市碑林区长乐坊1号",
    "陕西省西安市雁塔区小寨路2号",
    "浙江省杭州市西湖区文一路3号",
    "江苏省南京市鼓楼区中央路4号",
    "广东省东莞市虎门镇5号",
    "北京市朝阳区建国路6号",
    "四川省成都市武侯区人民南路7号",
    "湖北省武汉市武昌区中北路8号",
]


def test_the_column_with_addresses_is_found():
    columns = {"id": ["1", "2"], "name": ["张三", "李四"], "where": ADDRESSES[:2]}
    assert find_column(columns, load_matcher()) == "where"
    with pytest.raises(UsageError, match="--column"):
        find_column({"id": ["1", "2"]}, load_matcher())


def test_rows_restore_what_was_imported_and_every_cell_is_accounted_for():
    cells = [
        *ADDRESSES,
        "碑林区南大街9号",
        ADDRESSES[0],
        "",
        "没有地方",
        "鼓楼区1号",
        "西安市1号",
        "广东省南昌市南山区1号",
    ]
    found = import_rows(cells, "where")
    assert len(found.rows) == 9
    assert found.full == 8
    assert found.missing["province"] == 1
    assert len(found.rows) + sum(found.left_out.values()) == found.cells == len(cells)
    assert found.left_out["duplicate"] == found.left_out["empty"] == found.left_out["contradicts itself"] == 1
    assert found.left_out["county not named"] == 1
    for row in found.rows:
        path, detail = load_table().read(row.tgt[0])
        assert path.divisions and row.src[0].endswith(detail)


@pytest.mark.parametrize("kind", ["csv", "tsv", "txt", "xlsx", "jsonl", "parquet"])
def test_every_kind_of_file(tmp_path, kind):
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"no": range(8), "where": ADDRESSES})
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        frame.write_excel(path)
    elif kind == "parquet":
        frame.write_parquet(path)
    elif kind == "jsonl":
        frame.write_ndjson(path)
    elif kind == "txt":
        path.write_bytes("\r\n".join(ADDRESSES).encode("gbk"))
    else:
        path.write_bytes(frame.write_csv(separator="\t" if kind == "tsv" else ",").encode("gb18030"))
    columns = read_cells(path)
    assert columns["line" if kind == "txt" else "where"] == ADDRESSES


def test_sheets_are_asked_for(tmp_path):
    xlsxwriter = pytest.importorskip("xlsxwriter")
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("one", "two"):
            book.add_worksheet(name).write_column(0, 0, ["where", *ADDRESSES])
    with pytest.raises(UsageError, match="--sheet: one, two"):
        read_cells(path)
    assert read_cells(path, "two") == {"where": ADDRESSES}


@pytest.mark.parametrize(
    ("name", "data"), [("a.parquet", b"x"), ("a.xlsx", b"PK\x03"), ("a.doc", b"x"), ("a.csv", b"")]
)
def test_what_cannot_be_read_is_said(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError, match=name):
        read_cells(tmp_path / name)


def test_the_command_writes_sets_and_a_report(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(ADDRESSES), encoding="utf-8")
    result = CliRunner().invoke(app, ["data", "import", str(tmp_path / "a.txt"), "--out", str(tmp_path / "rows")])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "rows" / "import.json").read_text(encoding="utf-8"))
    assert sum(report["rows"].values()) == 8
    assert {p.name for p in (tmp_path / "rows").iterdir()} == {"train.json", "dev.json", "test.json", "import.json"}


def test_pairs_are_taken_as_they_are(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("src,tgt\n" + "".join(f"问{i},答{i}\n" for i in range(10)) + "x,\n", encoding="utf-8")
    target = tmp_path / "rows"
    arguments = ["data", "import", str(path), "--out", str(target), "--prompt-template", "{text}", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["left_out"] == {"incomplete": 1}
    assert sum(report["rows"].values()) == 10
