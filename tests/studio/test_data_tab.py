"""What the data tab does with a file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import gradio as gr
import pytest
import xlsxwriter

from buqi.errors import UsageError
from buqi.serve.problems import Problem
from buqi.studio import data_tab
from tests.conftest import pairs, write_jsonl
from tests.helpers import buqi


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    """Commands run in this process: to start another one takes seconds."""
    monkeypatch.setattr(data_tab, "run_now", lambda words: buqi(*words).stdout)


def table(path: Path, head: str, rows: int = 20) -> Path:
    path.write_text(head + "\n" + "".join(f"<b>{i},answer {i}\n" for i in range(rows)), encoding="utf-8")
    return path


def test_a_file_is_shown_before_it_is_read(page, tmp_path):
    seen, kind, source, target, sheet, name = data_tab._seen(page, str(table(tmp_path / "<i>x.csv", "src,tgt")))
    assert "2 columns, 20 rows" in seen and "&lt;b&gt;0" in seen and "<b>" not in seen
    assert (
        kind == data_tab.PAIR_TABLE
        and name == "i-x"
        and not sheet["visible"]
        and source["value"] == target["value"] == ""
    )
    _, kind, source, target, *_ = data_tab._seen(page, str(table(tmp_path / "y.csv", "a,b")))
    assert (kind, source["value"], target["value"]) == (data_tab.PAIR_TABLE, "a", "b")
    (tmp_path / "z.csv").write_text("a,b\n" + "碑林区长乐坊1号,x\n" * 9, encoding="utf-8")
    assert data_tab._seen(page, str(tmp_path / "z.csv"))[1] == data_tab.ADDRESS_TABLE
    for asked, offered in ((data_tab.PAIR_TABLE, ["a", "b"]), (data_tab.ADDRESS_TABLE, ["", "a", "b"])):
        source, target = data_tab._kind_chosen(page, str(tmp_path / "y.csv"), asked, None)
        assert [value for _, value in source["choices"]] == [value for _, value in target["choices"]] == offered
    *_, source, target, _, _ = data_tab._seen(page, str(table(tmp_path / "w.csv", "a,b,c\n1,2,3")))
    assert source["value"] is target["value"] is None and len(source["choices"]) == 3, "none of them can be found"
    with pytest.raises(UsageError, match="choose the column"):
        data_tab._import(page, str(tmp_path / "y.csv"), data_tab.PAIR_TABLE, "a", "", None, "mine")
    with pytest.raises(UsageError, match="make a data set first"):
        data_tab._tokens(page, None, "train", 1, "embedded")


def test_sheets_can_be_chosen(page, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        for number, name in enumerate(("one", "two"), 1):
            book.add_worksheet(name).write_column(0, 0, ["address", *["碑林区1号"] * number])
    first, second = (data_tab._seen(page, str(tmp_path / "x.xlsx"), sheet) for sheet in (None, "two"))
    assert "1 row" in first[0] and first[4]["visible"] and "2 rows" in second[0] and second[4]["value"] == "two"


def test_a_sheet_without_rows_is_passed_over(page, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        book.add_worksheet("about").write_column(0, 0, ["read this"])
        book.add_worksheet("rows").write_column(0, 0, ["address", "碑林区1号"])
    seen = data_tab._seen(page, str(tmp_path / "x.xlsx"))
    assert "1 row" in seen[0] and seen[4]["value"] == "rows" and seen[4]["choices"] == ["about", "rows"]
    with pytest.raises(UsageError, match=r"x\.xlsx: no rows in"):
        data_tab._seen(page, str(tmp_path / "x.xlsx"), "about")


def test_large_cells_and_long_names_of_columns(page, tmp_path):
    upload = table(tmp_path / "x.csv", f"{'q' * 300},a")
    with upload.open("a", encoding="utf-8") as file:
        file.write(f"{'x' * 200_000},y\n")
    seen, _, source, *_ = data_tab._seen(page, str(upload))
    assert "21 rows" in seen and "q" * 61 not in seen and source["value"] == "q" * 300
    data_tab._import(page, str(upload), data_tab.PAIR_TABLE, "q" * 300, "a", None, "mine")
    assert "mine" in page.studio.folder.data_sets()
    (tmp_path / "y.txt").write_text("碑林区1号\n碑林区2号\n", encoding="utf-8")
    assert "the text of each line" in data_tab._seen(page, str(tmp_path / "y.txt"))[0]


def test_an_error_names_no_folder_of_the_server(page):
    upload = page.studio.folder.uploads / "0a1b" / "x.csv"
    upload.parent.mkdir()
    upload.write_text("src,src\na,b\n")
    for handler, given in (
        (page.handler(data_tab._seen), [str(upload)]),
        (page.handler(data_tab._import), [str(upload), data_tab.PAIR_TABLE, "", "", None, "mine"]),
    ):
        with pytest.raises(gr.Error) as refused:
            handler(*given)
        assert refused.value.message.startswith("x.csv:1: two columns")
    with pytest.raises(UsageError, match="make a data set first"):
        data_tab._save_prompt(page, None, "say: {text}")


def test_what_is_no_table_is_refused(page, tmp_path):
    for name, content, why in (
        ("x.xlsx", b"no zip", "no xlsx"),
        ("x.csv", b"\x7fELF\0", "no text"),
        ("x.csv", b"", "no rows"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises((Problem, UsageError), match=why):
            data_tab._seen(page, str(tmp_path / name))
    with zipfile.ZipFile(tmp_path / "y.xlsx", "w") as damaged:
        damaged.writestr("xl/workbook.xml", "<")
    with pytest.raises(UsageError, match=r"y\.xlsx: cannot be read as xlsx"):
        data_tab._seen(page, str(tmp_path / "y.xlsx"))


def test_import_report_prompt(page, tmp_path):
    upload = str(table(tmp_path / "x.csv", "q,a"))
    chosen = data_tab._import(page, upload, data_tab.PAIR_TABLE, "q", "a", None, "mine")
    assert chosen["value"] == "mine" and (page.studio.folder.data / "mine" / "test.json").is_file()
    shown, prompt = data_tab._report(page, "mine")
    assert "Checked: no duplicates" in shown and prompt == "{text}"
    with pytest.raises(UsageError, match=r"\{text\}"):
        data_tab._save_prompt(page, "mine", "no place")
    assert data_tab._save_prompt(page, "mine", "Say: {text}")[1] == "Say: {text}"
    tokens = data_tab._tokens(page, "mine", "train", 1, page.studio.settings.base)
    assert 'class="trained"' in tokens and "trained (green)" in tokens
    with pytest.raises(UsageError, match="no row 99"):
        data_tab._tokens(page, "mine", "train", 99, page.studio.settings.base)
    for name in ("../x", "", "a/b"):
        with pytest.raises(UsageError, match="name"):
            data_tab._import(page, upload, data_tab.PAIR_TABLE, "q", "a", None, name)


def test_addresses_are_built_and_left_out_ones_are_told(page, tmp_path):
    cells = ["陕西省西安市碑林区长乐坊1号", "哪里都不是", "陕西省西安市雁塔区小寨路2号 13800138000"]
    (tmp_path / "a.csv").write_text("地址\n" + "\n".join(cells), encoding="utf-8")
    data_tab._import(page, str(tmp_path / "a.csv"), data_tab.ADDRESS_TABLE, "地址", "", None, "mine")
    shown = data_tab._report(page, "mine")[0]
    assert "left out: no division recognised 1" in shown and "personal data cut out: phones 1" in shown
    _, free = data_tab._build(page, "西安市", 50, "built")
    assert free == "addresses" and "built" in page.studio.folder.data_sets()


def test_findings_have_lines(page):
    place = page.studio.folder.data / "x"
    write_jsonl(place / "train.json", [*pairs(4), *pairs(1), {"src": "say 1", "tgt": "another"}])
    write_jsonl(place / "test.json", pairs(1))
    shown = data_tab._report(page, "x")[0]
    for told in ("1 leak", "1 contradiction", "1 duplicate", "train.json:5: same as train.json:1", "test.json:1"):
        assert told in shown
    assert str(place) not in shown and json.dumps("") not in shown
