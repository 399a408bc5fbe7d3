"""The page in a real browser, from typing to the downloaded file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter

from buqi.serve import ServiceSettings
from buqi.serve.keys import Keys
from tests.browser import open_browser
from tests.serve.conftest import running


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for rows, name in enumerate(("客户", "仓库"), 1):
            book.add_worksheet(name).write_column(0, 0, ["地址", *["碑林区1号"] * rows])
    return path


def levels(path: Path) -> Path:
    path.write_text("号,省,市,区,地址\n1,陕西,,碑林区,长乐路1号\n2,,,鼓楼区,1号\n", encoding="utf-8")
    return path


def ask(page):
    from playwright.sync_api import expect

    page.fill("#text", "余航区文一西路1号")
    expect(page.locator("#full")).to_contain_text("浙江省杭州市余杭区")
    assert page.locator("#chips li b").all_text_contents()[:3] == ["浙江省", "杭州市", "余杭区"]
    assert "330110" in page.locator("#chips").text_content() and page.locator(".note").count() == 1
    assert page.locator("#full .a").count() >= 1
    page.fill("#text", "广州市天河路385号")
    expect(page.locator("#full .a")).to_have_text(["广东省", "天河区"])
    page.fill("#text", "收货人：王小明\n电话：18291234567\n扶风法门镇法门寺")
    expect(page.locator("#contact")).to_have_text("收件人 王小明 · 电话 18291234567")
    expect(page.locator("#full")).to_have_text("陕西省宝鸡市扶风县法门镇法门寺")
    page.check("#each")
    expect(page.locator("#list li")).to_have_count(3)
    page.fill("#text", "扶风法门镇法门寺\n长沙臭豆腐\n王小明 18291234567 余航区文一西路1号")
    expect(page.locator("#list li").nth(0)).to_contain_text("陕西省宝鸡市扶风县法门镇法门寺")
    expect(page.locator("#list li").nth(1)).to_have_text("长沙臭豆腐 无法确定 · 未识别出行政区划")
    expect(page.locator("#list li").nth(2)).to_contain_text("浙江省杭州市余杭区文一西路1号")
    expect(page.locator("#list li").nth(2)).to_contain_text("王小明 · 18291234567")
    expect(page.locator("#status")).to_have_text("已补齐 2 / 3")
    page.fill("#text", "鼓楼区")
    expect(page.locator("#many")).to_be_hidden()
    page.wait_for_selector("#others:not([hidden]) input")
    page.locator("#choices input").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#full")).to_contain_text("市鼓楼区")
    expect(page.locator("#chips li b").nth(2)).to_have_text("鼓楼区")
    assert page.locator("#choices input:checked").count() == 1
    page.click("#ask")
    for answer in ("#base-answer", "#tuned-answer"):
        expect(page.locator(answer)).not_to_have_text("正在生成…", timeout=30_000)
    page.get_by_role("button", name="训练曲线").click()
    page.wait_for_selector("#curve img")


def complete_a_file(page, tmp_path, saved):
    from playwright.sync_api import expect

    page.set_input_files("#file", str(tmp_path / "客户.csv"))
    page.check("#apart")
    before = page.locator("#jobs .job").count()
    page.click("#send")
    expect(page.locator("#jobs .job")).to_have_count(before + 1)
    first = page.locator("#jobs .job").first
    expect(first.locator("button[data-what=result]")).to_be_visible(timeout=20_000)
    expect(first).to_contain_text("50 行")
    with page.expect_download() as download:
        first.locator("button[data-what=result]").click()
    download.value.save_as(saved)
    assert download.value.suggested_filename == "客户.completed.csv"
    with saved.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["county"] for row in rows] == ["碑林区"] * 50 and rows[0]["phone"] == ""


def complete_columns_of_levels(page, tmp_path, saved):
    from playwright.sync_api import expect

    page.uncheck("#apart")
    page.set_input_files("#file", str(levels(tmp_path / "分列.csv")))
    assert "省,市,区,地址" in page.locator("#hint").text_content()
    assert page.locator("#column").get_attribute("placeholder") == "如 省,市,区,地址"
    page.fill("#column", "省,市,区,地址")
    page.check("#fill")
    page.fill("#keycolumn", "号")
    before = page.locator("#jobs .job").count()
    page.click("#send")
    expect(page.locator("#jobs .job")).to_have_count(before + 1)
    expect(page.locator("#jobs .job").first.locator("button[data-what=review]")).to_be_visible(timeout=20_000)
    with page.expect_download() as download:
        page.locator("#jobs .job").first.locator("button[data-what=result]").click()
    download.value.save_as(saved)
    with saved.open(encoding="utf-8", newline="") as file:
        assert [row["市"] for row in csv.DictReader(file)] == ["西安市", ""]
    for name in ("#column", "#keycolumn"):
        page.fill(name, "")
    page.uncheck("#fill")


def complete_sheets(page, tmp_path):
    from playwright.sync_api import expect

    expect(page.locator("#sheet")).to_be_hidden()
    page.set_input_files("#file", str(workbook(tmp_path / "客户.xlsx")))
    for sheet, said in (("", "读取工作表 客户，未读取 仓库"), ("仓库", "2 行")):
        page.fill("#sheet", sheet)
        before = page.locator("#jobs .job").count()
        page.click("#send")
        expect(page.locator("#jobs .job")).to_have_count(before + 1)
        expect(page.locator("#jobs .job").first).to_contain_text(said, timeout=20_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page(served, tmp_path: Path, scheme: str):
    (tmp_path / "客户.csv").write_text("id,地址\n" + "".join(f"{i},碑林区{i}号\n" for i in range(50)), encoding="utf-8")
    with open_browser() as browser:
        for width in (1440, 400):
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, locale="zh-CN", accept_downloads=True
            )
            page = context.new_page()
            problems: list[str] = []
            outside: list[str] = []
            page.on("pageerror", lambda error, to=problems: to.append(str(error)))
            page.on("request", lambda request, to=outside: to.append(request.url))
            page.goto(served[0])
            ask(page)
            complete_a_file(page, tmp_path, tmp_path / f"{width}.csv")
            complete_columns_of_levels(page, tmp_path, tmp_path / f"{width}.csv")
            complete_sheets(page, tmp_path)
            page.screenshot(path=str(tmp_path / f"{scheme}-{width}.png"), full_page=True)
            page.click("#lang")
            assert page.locator("h2").first.text_content() == "Address"
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0 and problems == []
            assert page.evaluate("[...document.querySelectorAll('input,select,textarea')].every(e => e.labels.length)")
            assert all(url.startswith((served[0], "data:", "blob:")) for url in outside)
            context.close()


def test_a_page_without_its_key_asks_for_it(tmp_path: Path):
    from playwright.sync_api import expect

    key = Keys.new(tmp_path / "keys", "shop")
    with (
        running(ServiceSettings(data=tmp_path / "data", keys=tmp_path / "keys")) as (url, _),
        open_browser() as browser,
    ):
        page = browser.new_context(locale="zh-CN").new_page()
        page.goto(url)
        page.fill("#text", "碑林区1号")
        expect(page.locator("#problem")).to_have_text("此服务需要有效的密钥，请在下方填写 API key")
        expect(page.locator("#key")).to_be_visible()
        page.fill("#key", key)
        page.locator("#key").blur()
        expect(page.locator("#full")).to_have_text("陕西省西安市碑林区1号")
        expect(page.locator("#problem")).to_have_text("")
