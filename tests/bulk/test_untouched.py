"""Files made at random come back with every original cell as it was: its type, its value, its format."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from buqi.bulk.tables import open_table

TEXTS = [
    "碑林区文昌路1号", "鼓楼区1号", "", "a,b", 'the "A" 1', "two\nlines", " x ", "=1+1", "１２３", "12", "𠮷野",
    "_x0041_",
]  # fmt: skip
KINDS = [".csv", ".tsv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet", ".xlsx"]
ADDED = ("full", "confidence", "notes")


def carried(path: Path, size: int, column: str = "地址") -> tuple[Path, list[int], list[Any]]:
    """Return a file with added columns, the numbers of its rows, and the cells that were read as addresses."""
    table = open_table(path, added=ADDED, column=column)
    parts: list[Path] = []
    numbers: list[int] = []
    cells: list[Any] = []
    for piece in table.pieces(size, [column]):
        parts.append(path.with_name(f"{path.name}.{len(parts):03}.part"))
        table.write(parts[-1], piece, [[f"市{n}", n / 7, "=x" if n % 3 else ""] for n in piece.numbers], safe=False)
        numbers += piece.numbers
        cells += piece.cells[column]
    out = path.with_name(f"out.{path.name.partition('.')[2]}")
    table.join(parts, out, safe=False)
    return out, numbers, cells


def names(chosen: random.Random) -> list[str]:
    found = ["地址", *chosen.sample(["id", "full", "备 注", 'q"', "数\n", "x"], chosen.randint(0, 4))]
    chosen.shuffle(found)
    return found


def opened(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def keep(path: Path, data: bytes) -> None:
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def check_delimited(path: Path, chosen: random.Random) -> None:
    columns, tabs = names(chosen), path.name.startswith("in.tsv")
    divider = "\t" if tabs else chosen.choice(",,;|") if len(columns) > 1 else ","
    codec = chosen.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
    end, quoting = chosen.choice(["\n", "\r\n"]), chosen.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=divider, lineterminator=end, quoting=quoting)
    writer.writerow(columns)
    for _ in range(chosen.randint(0, 30)):
        if chosen.random() < 0.1:
            text.write(end)
        writer.writerow([chosen.choice(TEXTS) for _ in columns])
    whole = text.getvalue()
    whole = whole.removesuffix(end) if chosen.random() < 0.3 and not whole.endswith(end * 2) else whole
    keep(path, whole.encode(codec))
    out, numbers, cells = carried(path, chosen.randint(1, 9))
    found = opened(out).decode(codec)
    before = list(csv.reader(io.StringIO(whole, newline=""), delimiter=divider))
    after = list(csv.reader(io.StringIO(found, newline=""), delimiter=divider))
    width = len(columns)
    assert len(after) == len(before)
    asked = [i for i, row in enumerate(before) if i and (row or width == 1)]
    assert numbers == [i + 1 for i in asked]
    for i, (row, more) in enumerate(zip(before, after, strict=True)):
        if i and not row and width > 1:
            assert more == []
        else:
            assert more[:width] == (row or [""]) and len(more) == width + 3
    assert [after[i][width] for i in asked] == [f"市{n}" for n in numbers]
    at = columns.index("地址")
    assert cells == [before[i][at] if before[i] else "" for i in asked]
    if quoting == csv.QUOTE_ALL and width > 1:
        lines = [line for line in re.split(r"(?<=\")\r?\n", whole) if line.strip()]
        assert all(line.rstrip("\r\n") in found for line in lines), "a row keeps its own quotes"


def check_lines(path: Path, chosen: random.Random) -> None:
    values = ["1.10", "1E5", "1e400", "-0", "12345678901234567890", '"a\\u0041"', '"\\ud83d"', "null", "[1, 2]",
              '{"a":1,"a":2}', '"碑林区"', "9" * 5000]  # fmt: skip
    codec = chosen.choice(["utf-8", "gb18030", "utf-16"])
    lines = []
    for _ in range(chosen.randint(1, 30)):
        pairs = [f'"{k}"{chosen.choice([":", " : "])}{chosen.choice(values)}' for k in chosen.choices("abcd", k=3)]
        address = json.dumps(chosen.choice(TEXTS), ensure_ascii=chosen.random() < 0.5)
        pairs.insert(chosen.randint(0, 3), f'"地址": {address}')
        lines.append(chosen.choice(["{%s}", " { %s } "]) % ", ".join(pairs))
        lines += [chosen.choice(["", "[1]", "{broken", "{}", "7", "  "])] if chosen.random() < 0.3 else []
    lines.insert(0, '{"地址": "碑林区1号"}')
    end = chosen.choice(["\n", "\r\n"])
    keep(path, end.join(lines).encode(codec))
    out, numbers, _ = carried(path, chosen.randint(1, 9))
    found = opened(out).decode(codec).split(end)
    assert len(found) == len(lines) and numbers == [i for i, line in enumerate(lines, 1) if line.strip()]
    for number, (line, more) in enumerate(zip(lines, found, strict=True), 1):
        if not line.strip():
            assert more == line
        elif not line.strip().startswith("{") or line == "{broken":
            assert json.loads(more)["line"] == line and json.loads(more)["notes"] == "not a JSON object"
        else:
            own = line.rstrip()[:-1]
            assert more.startswith(own) and more.endswith(line[len(own) :])
            assert f'"full": "市{number}"' in more and json.loads("{" + more[len(own) :].lstrip(", "))


def table_of(chosen: random.Random, rows: int) -> pa.Table:
    far = [0, 1, -62135596800, 253402300800, 10**12, None]
    spread = [chosen.choice(far) for _ in range(rows)]
    numbers = [chosen.choice([None, chosen.randint(-(2**31), 2**31 - 1)]) for _ in range(rows)]
    columns = {
        "ns": pa.array(
            [None if n is None else n * 1_000_000_007 for n in numbers], pa.timestamp("ns", "Asia/Shanghai")
        ),
        "us": pa.array([None if n is None else n * 10**6 for n in spread], pa.timestamp("us")),
        "day": pa.array([None if n is None else n // 86400 % 2**31 for n in spread], pa.int32()).cast(pa.date32()),
        "time": pa.array([None if n is None else abs(n) % 86400 * 10**9 + 7 for n in numbers], pa.time64("ns")),
        "money": pa.array([None if n is None else n for n in numbers], pa.int64()).cast(pa.decimal128(38, 10)),
        "kind": pa.array([chosen.choice(["甲", "乙", None]) for _ in range(rows)], pa.string()).dictionary_encode(),
        "nested": pa.array([chosen.choice([None, [], [{"a": 1, "b": ["x", None]}]]) for _ in range(rows)]),
        "map": pa.array([chosen.choice([None, [], [("k", 1)]]) for _ in range(rows)], pa.map_(pa.string(), pa.int8())),
        "raw": pa.array([chosen.choice([None, b"", b"\xff\x00"]) for _ in range(rows)], pa.binary()),
        "fixed": pa.array([b"abcd"] * rows, pa.binary(4)),
        "none": pa.nulls(rows),
        "large": pa.array(["x"] * rows, pa.large_string()),
        "float": pa.array([chosen.choice([None, float("nan"), float("inf"), -0.0]) for _ in range(rows)], pa.float32()),
        "full": pa.array(list(range(rows)), pa.uint64()),
        "yes": pa.array([chosen.choice([True, False, None]) for _ in range(rows)]),
        "took": pa.array(numbers, pa.int64()).cast(pa.duration("us")),
        "ms": pa.array(numbers, pa.int64()).cast(pa.timestamp("ms", "+05:30")),
        "noon": pa.array([None if n is None else abs(n) % 86400 for n in numbers], pa.int32()).cast(pa.time32("s")),
        "half": pa.array([chosen.choice([None, 0.5, -2.0]) for _ in range(rows)], pa.float32()).cast(pa.float16()),
        "huge": pa.array([chosen.choice([None, 10**60 + 1, -1]) for _ in range(rows)], pa.decimal256(70, 0)),
        "tiny": pa.array([chosen.choice([None, 255]) for _ in range(rows)], pa.uint8()),
        "code": pa.array([chosen.choice([7, 9, None]) for _ in range(rows)], pa.int16()).dictionary_encode(),
        "pair": pa.array([chosen.choice([None, [1, None]]) for _ in range(rows)], pa.list_(pa.int8(), 2)),
        "days": pa.array([chosen.choice([None, [dt.date(1, 1, 1), None]]) for _ in range(rows)], pa.list_(pa.date32())),
        "when": pa.array([chosen.choice([None, {"at": dt.datetime(9999, 12, 31), "x": {"y": None}}]) for _ in numbers],
                         pa.struct({"at": pa.timestamp("us", "UTC"), "x": pa.struct({"y": pa.large_binary()})})),
    }  # fmt: skip
    taken = dict(chosen.sample(sorted(columns.items()), chosen.randint(0, len(columns))))
    taken["地址"] = pa.array([chosen.choice([*TEXTS, None]) for _ in range(rows)], pa.string())
    table = pa.table(taken).replace_schema_metadata({"who": "客户", "pandas": "{}"})
    field = table.schema.field("地址").with_metadata({"说明": "where"})
    return table.cast(table.schema.set(table.schema.get_field_index("地址"), field))


def same(one: pa.ChunkedArray, other: pa.ChunkedArray) -> bool:
    if pa.types.is_dictionary(one.type):
        one, other = one.cast(pa.string()), other.cast(pa.string())
    return one.equals(other) or (pa.types.is_floating(one.type) and repr(one.to_pylist()) == repr(other.to_pylist()))


def check_parquet(path: Path, chosen: random.Random) -> None:
    table = table_of(chosen, chosen.randint(0, 60))
    packed = chosen.choice(["snappy", "zstd", "gzip", "none"])
    pq.write_table(table, path, row_group_size=chosen.randint(1, 40), compression=packed)
    before = pq.read_table(path)
    out, numbers, cells = carried(path, chosen.randint(1, 20))
    after = pq.read_table(out)
    width = before.num_columns
    assert before.num_rows == after.num_rows and numbers == list(range(1, len(numbers) + 1))
    assert cells == before["地址"].to_pylist()
    for i in range(width):
        assert after.schema.field(i).equals(before.schema.field(i), check_metadata=True)
        assert same(before.column(i), after.column(i))
    assert {k: v for k, v in after.schema.metadata.items() if k != b"ARROW:schema"} == before.schema.metadata
    assert after.column_names[width:] == [f"buqi_{n}" if n in before.column_names else n for n in ADDED]
    assert after.column(width).to_pylist() == [f"市{n}" for n in numbers]
    if before.num_rows:
        kinds = [pq.ParquetFile(p).metadata.row_group(0).column(0).compression for p in (path, out)]
        assert kinds[0] == kinds[1]


def make_book(path: Path, chosen: random.Random) -> str:
    """Write a workbook of several sheets and return the one with the addresses."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "in_memory": True}) as book:
        formats = [None, *(book.add_format({"num_format": f, "bold": chosen.random() < 0.5, "bg_color": "#FFCC00"})
                           for f in ("yyyy-mm-dd hh:mm:ss", "0.00%", "#,##0.00", "@", "[h]:mm"))]  # fmt: skip
        sheets = [f"表{i}" for i in range(chosen.randint(1, 10))]
        chosen_sheet = chosen.choice(sheets)
        for name in sheets:
            page = book.add_worksheet(name)
            columns = names(chosen)
            columns = columns if name == chosen_sheet else [c if c != "地址" else "电话" for c in columns]
            page.set_column(0, 3, chosen.randint(5, 60), chosen.choice(formats))
            head = chosen.choice([0, 0, 2]) if len(columns) > 1 else 0
            if head:
                page.merge_range(0, 0, 0, 5, "标题")
            page.write_row(head, 0, columns)
            rows = chosen.randint(0, 20)
            for row in range(head + 1, head + 1 + rows):
                for column in range(len(columns)):
                    write_cell(page, row, column, chosen, chosen.choice(formats))
                if chosen.random() < 0.2:
                    page.set_row(row, 30, formats[1])
                if chosen.random() < 0.2:
                    page.write_blank(row, len(columns) + 1, None, formats[2])
            page.autofilter(head, 0, head + rows, len(columns) - 1)
            page.conditional_format(0, 0, 9, 3, {"type": "3_color_scale"})
            if rows:
                chart = book.add_chart({"type": "column"})
                chart.add_series({"values": [name, head + 1, 0, head + rows, 0]})
                page.insert_chart("H2", chart)
    return chosen_sheet


def write_cell(page: Any, row: int, column: int, chosen: random.Random, form: Any) -> None:
    kind = chosen.randint(0, 7)
    if kind == 0:
        page.write_datetime(row, column, dt.datetime(2024, 5, 1, 13, chosen.randint(0, 59)), form)
    elif kind == 1:
        page.write_number(row, column, chosen.choice([1, 2.5, 13800138000, 0.1 + 0.2, 1e300]), form)
    elif kind == 2:
        page.write_boolean(row, column, True, form)
    elif kind == 3:
        page.write_formula(row, column, "=1+1", form, 2)
    elif kind == 4:
        page.write_blank(row, column, None, form)
    elif kind == 5:
        page.write_rich_string(row, column, "碑林", page.default_url_format, "区1号", *([form] if form else []))
    elif text := chosen.choice(TEXTS):
        page.write_string(row, column, text, form)


STYLES = "xl/styles.xml"
CHANGED = re.compile(r"<(dimension|/?row|/?cols?)\b[^>]*>")
CELL = re.compile(r"<c r=\"([A-Z]+)(\d+)\"[^>]*?(?:/>|>.*?</c>)", re.DOTALL)


def cells_of(xml: str) -> dict[tuple[int, str], str]:
    return {(int(m[2]), m[1]): m[0] for m in CELL.finditer(xml)}


def added_styles(before: zipfile.ZipFile, after: zipfile.ZipFile) -> int:
    """Return how many styles were added behind those that were there; all else is the same."""
    one, other = (re.sub('<cellXfs count="[0-9]+">', "<cellXfs>", z.read(STYLES).decode()) for z in (before, after))
    at = one.index("</cellXfs>")
    rest = other.removeprefix(one[:at])
    assert rest.endswith(one[at:]) and len(rest) < len(other)
    return rest.removesuffix(one[at:]).count("<xf ")


def check_book(path: Path, chosen: random.Random, make: Callable[[Path, random.Random], str] = make_book) -> None:
    sheet = make(path, chosen)
    out, numbers, cells = carried(path, chosen.randint(1, 9))
    before, after = zipfile.ZipFile(path), zipfile.ZipFile(out)
    assert sorted(before.namelist()) == sorted(after.namelist()) and after.testzip() is None
    book = before.read("xl/workbook.xml").decode()
    names_of_sheets = re.findall('<sheet name="(.*?)"', book)
    part = f"xl/worksheets/sheet{names_of_sheets.index(sheet) + 1}.xml"
    for name in before.namelist():
        assert name in (part, STYLES) or before.read(name) == after.read(name), name
    assert added_styles(before, after) <= len(re.findall("<xf ", before.read(STYLES).decode()))
    own, found = cells_of(before.read(part).decode()), cells_of(after.read(part).decode())
    added = {place: cell for place, cell in found.items() if place not in own or own[place] != cell}
    lost = {place: cell for place, cell in own.items() if place not in found}
    assert all("<v>" not in cell for cell in lost.values()) and all("<v>" not in own.get(p, "") for p in added)
    rest = [CHANGED.sub("", CELL.sub("", z.read(part).decode())) for z in (before, after)]
    assert rest[0] == rest[1]
    columns = [re.findall(r"<col [^>]*>", z.read(part).decode()) for z in (before, after)]
    assert columns[0] == columns[1][: len(columns[0])]
    heights = [re.findall(r'ht="\d+"', z.read(part).decode()) for z in (before, after)]
    assert heights[0] == heights[1]
    texts = [re.sub(r"<[^>]*>", "", added[place]) for place in sorted(added) if ">市" in added[place]]
    assert texts == [f"市{n}" for n in numbers] and len(cells) == len(numbers)


CHECKS = {
    "csv": check_delimited, "tsv": check_delimited, "jsonl": check_lines, "parquet": check_parquet, "xlsx": check_book,
}  # fmt: skip


def check(tmp_path: Path, kind: str, seeds: range) -> int:
    for seed in seeds:
        path = tmp_path / f"in{kind}"
        for old in tmp_path.iterdir():
            old.unlink()
        try:
            CHECKS[kind.split(".")[1]](path, random.Random(f"{kind}{seed}"))
        except BaseException as error:
            error.args = (f"{kind}, seed {seed}: {error}", *error.args[1:])
            raise
    return len(seeds)


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_files_of_each_kind_come_back_equal(tmp_path, kind):
    assert check(tmp_path, kind, range(12)) == 12


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_hundreds_of_files_of_each_kind_come_back_equal(tmp_path, kind):
    assert check(tmp_path, kind, range(100, 300)) == 200
