"""Addresses and the memory, without a browser."""

from __future__ import annotations

import csv

import pytest
from xlsxwriter import Workbook

from buqi.errors import UsageError
from buqi.owner import host_hash
from buqi.studio import addresses_tab
from tests.helpers import ADDRESSES, buqi


def test_one_address_and_the_memory(page, tmp_path):
    shown = addresses_tab._complete(page, "扶风法门镇法门寺")
    assert "陕西省宝鸡市扶风县法门镇法门寺" in shown and "610324" in shown
    assert "cannot tell" in addresses_tab._complete(page, "鼓楼区<b>") and "<b>" not in shown
    with pytest.raises(UsageError, match="1 to 500"):
        addresses_tab._complete(page, " ")
    (tmp_path / "mine.csv").write_text("地址\n" + "\n".join(ADDRESSES), encoding="utf-8")
    addresses_tab._learn(page, str(tmp_path / "mine.csv"))
    addresses_tab._complete_file(page, str(tmp_path / "mine.csv"), "")
    for job in page.studio.queue.all():
        buqi(*job.words)
        (page.studio.queue.folder / job.id / "process.txt").write_text(f"999999999-0-{host_hash()}")
    assert "mine.csv · done" in page.recent_jobs("learn") and "mine" in addresses_tab._sources(page)
    (job,) = [job for job in page.studio.queue.all() if job.kind == "complete"]
    assert "/files/address/mine-2/mine.completed.csv" in addresses_tab._links(page, job)
    addresses_tab._forget(page, "mine")
    assert "nothing is learnt yet" in addresses_tab._sources(page) and page.recent_jobs("learn") == ""


def test_a_second_click_asks_nothing_new(page, tmp_path):
    (tmp_path / "mine.csv").write_text("地址\n" + "\n".join(ADDRESSES), encoding="utf-8")
    upload = str(tmp_path / "mine.csv")
    addresses_tab._learn(page, upload)
    addresses_tab._complete_file(page, upload, "")
    for again in (lambda: addresses_tab._learn(page, upload), lambda: addresses_tab._complete_file(page, upload, " ")):
        with pytest.raises(UsageError, match=r"mine\.csv: it is in the queue already"):
            again()
    addresses_tab._complete_file(page, upload, "地址")  # another column is another question
    assert len(page.studio.queue.all()) == 3
    assert len(list(page.studio.folder.addresses.iterdir())) == 3, "the second click leaves nothing behind"


def test_one_of_several_sheets_is_learnt(page, tmp_path):
    with Workbook(tmp_path / "mine.xlsx") as book:
        book.add_worksheet("说明").write(0, 0, "about")
        book.add_worksheet("客户").write_column(0, 0, ["地址", *ADDRESSES])
    found = addresses_tab._sheets(page, str(tmp_path / "mine.xlsx"))
    assert found["choices"] == ["说明", "客户"] and found["visible"]
    assert not addresses_tab._sheets(page, None)["visible"]
    addresses_tab._learn(page, str(tmp_path / "mine.xlsx"), "客户")
    (job,) = page.studio.queue.all()
    buqi(*job.words)
    assert "mine" in addresses_tab._sources(page)


def test_what_cannot_be_told_has_no_empty_table_and_its_reason_is_no_place(page):
    shown = addresses_tab._complete(page, "鼓楼区1号")
    assert "<table" not in shown
    assert shown.index("no place is likely enough") < shown.index("It may also be") < shown.index("南京市")


def test_hostile_names_and_cells_are_text(page, tmp_path):
    name = "<img src=x onerror=alert(1)>&'.csv"
    (tmp_path / name).write_text("地址,<b>备注\n碑林区<script>1号,=1+1\n", encoding="utf-8")
    addresses_tab._complete_file(page, str(tmp_path / name), "")
    (job,) = page.studio.queue.all()
    buqi(*job.words)
    (page.studio.queue.folder / job.id / "process.txt").write_text(f"999999999-0-{host_hash()}")
    shown = page.recent_jobs("complete", links=addresses_tab._links)
    assert "&lt;img src=x" in shown and "<img" not in shown and "onerror=alert(1)>" not in shown
    with open(job.result, encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["<b>备注"] == "'=1+1", "a spreadsheet runs nothing"
    answer = addresses_tab._complete(page, "碑林区<script>alert(1)</script>长乐路=1+1号")
    assert "&lt;/script&gt;" in answer and "script>" not in answer
