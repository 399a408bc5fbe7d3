"""Lists that follow the folder, jobs as lines, and errors as one message."""

from __future__ import annotations

import errno

import gradio as gr
import pytest

from buqi.errors import BuqiError, UsageError
from buqi.owner import host_hash
from buqi.studio.page import Page, _chosen, download, notify
from buqi.studio.texts import Texts


def test_a_list_keeps_its_choice_as_long_as_it_is_there():
    assert _chosen("b", ["a", "b"])["value"] == "b"
    assert _chosen("gone", ["a", "b"])["value"] == "a" == _chosen(None, [("A", "a")])["value"]
    assert _chosen("b", [])["value"] is None


def message_of(page: Page, error: Exception) -> str:
    """Return what a visitor is told where a handler fails."""

    def fails(_: Page) -> None:
        raise error

    with pytest.raises(gr.Error) as raised:
        page.handler(fails)()
    return str(raised.value)


def test_an_error_is_one_message_that_runs_nothing(page):
    said = message_of(page, BuqiError("<script>alert(1)</script>"))
    assert "&lt;script&gt;" in said and "<script>" not in said
    assert page.handler(lambda _, more: more)(3) == 3
    notify("nobody is there")


def test_the_chinese_page_tells_errors_in_chinese(page, caplog):
    chinese = Page(page.studio, Texts("zh"))
    for error, said, english in (
        (
            UsageError("name 'a/b': use letters, digits, '.', '-' and '_', 60 at most"),
            "名称 &#x27;a/b&#x27; 不能用",
            "use",
        ),
        (BuqiError("of no known kind"), "程序的原话（英文）：of no known kind", "of no known kind"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), "磁盘已满。已有的内容都还在", "no room on the disk"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x/a.csv"), "a.csv：没有这个文件", "a.csv: no such file"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x/y"),
            "原话（英文）：y: Permission denied",
            "y: Permission",
        ),
        (
            ZeroDivisionError("division by zero"),
            "程序出错了，这是它的缺陷：ZeroDivisionError",
            "An error of the studio",
        ),
    ):
        told_in_chinese, told_in_english = message_of(chinese, error), message_of(page, error)
        assert said in told_in_chinese and english in told_in_english and "/x/" not in told_in_chinese
    assert "Traceback" in caplog.text, "the log has what a visitor need not see"


def test_a_failed_job_is_told_in_the_language_of_the_page(page):
    queue = page.studio.queue
    job = queue.add("train", "r", ["train", "x"], page.studio.folder.runs / "r" / "run.json")
    place = queue.folder / job.id
    (place / "process.txt").write_text(f"999999999-0-{host_hash()}")
    (place / "output.txt").write_text("buqi: too long: 2 rows (nothing is cut silently)\n  t.json:3: 9 tokens, "
                                      "max_length is 8: its end would be cut\n")  # fmt: skip
    shown = Page(page.studio, Texts("zh")).recent_jobs("train")
    assert "2 行太长（不会悄悄截断）" in shown and "t.json:3：9 个词元，max_length 是 8" in shown
    assert "too long: 2 rows" in page.recent_jobs("train")


def test_paths_are_those_of_the_folder(page):
    root = page.studio.folder.root
    said = message_of(page, UsageError(f"{root}/uploads/0a1b/x.csv and {root}/data/d/dev.json: no rows in it"))
    assert said.strip("'") == "x.csv and data/d/dev.json: no rows in it"


def test_jobs_are_lines_with_their_end(page):
    queue = page.studio.queue
    queue.add("merge", "<b>", ["--version"], page.studio.folder.models / "m")
    assert page.recent_jobs("train") == "" and "merge &lt;b&gt; · waiting" in page.recent_jobs("merge")
    (page.studio.queue.folder / queue.all()[0].id / "process.txt").write_text(f"999999999-0-{host_hash()}")
    (page.studio.folder.models / "m").mkdir()
    assert page.recent_jobs("merge").endswith("done · 0 s</div>"), "nothing to save, no dot for it"
    assert download("config", "a.json", "save") == '<a href="/files/config/a.json" download="a.json">save</a>'


def test_a_part_that_fails_keeps_no_other_from_being_renewed(page, caplog):
    def broken() -> str:
        raise KeyError("positions")

    def told() -> str:
        raise BuqiError("<b>: broken")

    assert page._shown(lambda: "fine") == "fine"
    assert "KeyError" in page._shown(broken) and "a defect of the studio" in caplog.text
    assert "&lt;b&gt;: broken" in page._shown(told)
