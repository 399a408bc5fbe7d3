"""The tutorial in a real browser: a file in, a GGUF file out; reloaded and killed on the way."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.browser import open_browser

HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=1+1", "${alert(1)}", "{{alert(1)}}"]
TABS = {
    "zh": ("数据", "训练", "对比", "模型", "地址"),
    "en": ("Data", "Training", "Compare", "Model", "Addresses"),
}
PATIENCE = 180  # seconds that a step may take on a busy machine
LONG_PATIENCE = 900  # with the real base


def table(path: Path, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["src", "tgt"])
        writer.writerows([f"say {i} {HOSTILE[i % len(HOSTILE)]}", f"number {i * 7 % 13}"] for i in range(rows))
    return path


class Visit:
    """A visitor whose page may ask nobody but the studio, and may not run what stands in files."""

    def __init__(self, browser, address: str, patience: int = PATIENCE, **options: object) -> None:
        self.context = browser.new_context(locale="zh-CN", accept_downloads=True, reduced_motion="reduce", **options)
        self.context.set_default_timeout(patience * 1000)
        self.patience = patience
        self.page, self.address = self.context.new_page(), address
        self.asked: list[str] = []
        self.wrong: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def open(self, language: str = "zh") -> None:
        self.page.goto(f"{self.address}/{language}/")
        self.page.wait_for_selector("#data-file")

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def text(self, where: str) -> str:
        return self.page.locator(where).inner_text()

    def wait(self, where: str, words: str) -> None:
        self.page.locator(where).get_by_text(words).first.wait_for()

    def fill(self, key: str, value: object) -> None:
        field = self.page.locator(f"#key-{key} input")
        field.fill(str(value))
        field.blur()

    def end(self) -> None:
        outside = [url for url in self.asked if not url.startswith((self.address, "data:", "blob:"))]
        assert outside == [] and self.wrong == []
        self.context.close()


def import_file(visit: Visit, path: Path) -> None:
    page = visit.page
    page.set_input_files("#data-file input[type=file]", str(path))
    page.wait_for_selector("#data-seen table")
    for text in HOSTILE:
        assert text in visit.text("#data-seen")
    page.click("#data-import")
    page.wait_for_selector("#data-report .figures")
    page.click("#see-tokens")
    page.wait_for_selector("#tokens .trained")


def begin(visit: Visit, steps: int, every: int) -> None:
    """Start a run that is measured, by generation too, and saved every few steps: so that it takes its time."""
    page = visit.page
    visit.tab("训练")
    page.wait_for_function("document.querySelector('#train-data input').value")  # the lists follow the folder's clock
    page.click("#estimate")
    page.wait_for_selector("#expected table")
    page.click("#more button >> nth=0")
    page.wait_for_selector("#key-max_steps input")
    page.wait_for_function("document.querySelector('#key-max_steps input').value !== '-1'")  # the estimate fills it
    for key in ("eval_steps", "save_steps"):
        visit.fill(key, every)
    visit.fill("max_steps", steps)
    page.check("#key-eval_with_do_generation input")
    page.dblclick("#start")


def steps_done(visit: Visit) -> int:
    words = visit.text("#status").split()
    return int(words[words.index("/") - 1]) if "/" in words else 0


def wait_for_step(visit: Visit, step: int) -> int:
    deadline = time.monotonic() + visit.patience
    while time.monotonic() < deadline:
        if (done := steps_done(visit)) >= step:
            return done
        time.sleep(0.2)
    raise AssertionError(visit.text("#status") + visit.text("#queue"))


def logged(folder: Path) -> list[int]:
    lines = (folder / "runs" / "run" / "log.jsonl").read_text().splitlines()
    return [record["step"] for record in map(json.loads, lines) if "loss" in record]


def trainer_of(folder: Path) -> int:
    return json.loads((folder / "runs" / "run" / ".lock").read_text())["pid"]


def test_whole_way(server, tmp_path):
    whole_way(server, tmp_path, PATIENCE, steps=60)  # fewer are done before the page is loaded again


@pytest.mark.long
def test_whole_way_on_the_real_base(real_server, tmp_path):
    whole_way(real_server, tmp_path, LONG_PATIENCE, steps=20, every=4)


def whole_way(server, tmp_path: Path, patience: int, steps: int, every: int = 1) -> None:
    """File in, a run with a reload and a kill on the way, comparison, GGUF out."""
    folder = server.folder
    with open_browser() as browser:
        visit = Visit(browser, server.address, patience)
        visit.open()
        import_file(visit, table(tmp_path / "<b>a&b.csv", 60))
        begin(visit, steps, every)
        early = wait_for_step(visit, max(2, every))  # a step later it is saved
        visit.open()  # reloaded in the middle
        visit.tab("训练")
        wait_for_step(visit, early + 1)
        assert len(list((folder / "jobs").iterdir())) == 1  # a double click began one run
        server.kill()
        os.kill(trainer_of(folder), signal.SIGKILL)
        assert max(logged(folder)) < steps
        server.start()
        visit.open()
        visit.tab("训练")
        visit.wait("#status", "已暂停")
        visit.page.click("#go-on")
        visit.wait("#status", "完成")
        assert logged(folder) == list(range(1, steps + 1))
        assert "--resume" in max((folder / "jobs").glob("*/job.json")).read_text()
        compare(visit)
        export(visit, tmp_path)
        visit.end()


def compare(visit: Visit) -> None:
    page = visit.page
    visit.tab("对比")
    page.locator("#limit input").fill("5")
    page.locator("#limit input").blur()
    page.wait_for_timeout(500)  # no user types and clicks within milliseconds
    page.click("#compare-go")
    page.wait_for_selector("#figures table")
    assert page.locator("#rows tbody tr").count() == 5 and page.locator("#rows mark").count() > 0
    fixed = json.loads(page.request.get(f"{visit.address}/files/report/{report_of(visit)}.json").text())["fixed"]
    page.locator("#filter").get_by_text("纠正的").click()
    page.wait_for_function(f"document.querySelectorAll('#rows tbody tr').length === {len(fixed)}")
    page.fill("#question textarea", "say 3")
    page.click("#ask")
    page.wait_for_selector("#answers table")
    assert "基座" in visit.text("#answers") and "run" in visit.text("#answers")


def report_of(visit: Visit) -> str:
    return str(visit.page.locator("#report input").input_value())


def export(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    visit.tab("模型")
    page.click("#quantize")
    page.wait_for_selector("#proofs a[download$='.gguf']")
    assert "选词相同" in visit.text("#proofs")
    for name, begins in (("run-8bit.gguf", b"GGUF"), ("run.zip", b"PK"), ("run-8bit.Modelfile", b"FROM")):
        with page.expect_download() as download:
            page.click(f"#proofs a[download='{name}']")
        download.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert page.locator("#shell textarea").input_value().count("buqi ") == 3


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_every_tab_fits_a_telephone(server, language, scheme):
    with open_browser() as browser:
        visit = Visit(browser, server.address, color_scheme=scheme, viewport={"width": 400, "height": 900})
        visit.open(language)
        for tab in TABS[language]:
            visit.tab(tab)
            wide = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, tab
        visit.end()
