"""Two tabs, a second visitor, a file that goes away, a full disk: one message for one of them, nothing lost."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

import pytest

from buqi.config import load_config
from buqi.errors import BuqiError, UsageError
from buqi.studio import addresses_tab, data_tab, folder, training_tab
from buqi.studio.fields import FormState, form_of
from buqi.studio.page import Page
from buqi.studio.texts import Texts
from tests.browser import open_browser
from tests.conftest import pairs, write_jsonl
from tests.studio.test_whole_way import Visit, begin, import_file, table
from tests.torture.full_disk import Disk, full

OF_FILE = FormState([], from_file=True)
TRAINED = form_of({"do_train": True, "lora": True, "max_steps": 3})


@pytest.fixture
def tabs(page) -> list[Page]:
    """Two tabs on one studio."""
    return [page, Page(page.studio, Texts("zh"))]


def at_once(first, second) -> list[object]:
    """Run two handlers at the same time; return what each gives or raises."""
    found: list[object] = [None, None]

    def run(at: int, handler) -> None:
        try:
            found[at] = handler()
        except BuqiError as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(at, handler)) for at, handler in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def test_one_of_two_tabs_makes_a_data_set(tabs, monkeypatch):
    made: list[list[str]] = []
    other_was_told = threading.Event()

    def run(words: list[str]) -> str:
        made.append(words)
        other_was_told.wait(timeout=30)  # it asks while this command runs
        return ""

    def told(page: Page) -> object:
        try:
            return data_tab._import(page, "x.csv", "addresses", "a", "", None, "mine")
        except UsageError:
            other_was_told.set()
            raise

    monkeypatch.setattr(data_tab, "run_now", run)
    found = at_once(*(partial(told, page) for page in tabs))
    (error,) = [one for one in found if isinstance(one, UsageError)]
    assert len(made) == 1 and "mine" in str(error) and ("take another name" in str(error) or "请换一个" in str(error))
    data_tab._build(tabs[0], "西安市", 50, "mine")  # what failed left the name free
    assert len(made) == 2


def test_one_of_two_tabs_starts_a_run_and_the_other_does_not_take_its_configuration_away(tabs, monkeypatch):
    here, both, made = tabs[0].studio, threading.Barrier(2), training_tab.config_of
    write_jsonl(here.folder.data / "d" / "train.json", pairs(24))

    def together(*given):
        both.wait(timeout=30)
        return made(*given)

    monkeypatch.setattr(training_tab, "config_of", together)
    start = [
        lambda page=page: training_tab._start(page, "d", "embedded", "quick", "mine", OF_FILE, *TRAINED)
        for page in tabs
    ]
    found = at_once(*start)
    assert len([one for one in found if isinstance(one, UsageError) and "mine" in str(one)]) == 1
    (job,) = here.queue.all()
    assert load_config(Path(job.words[1])).max_steps == 3


def test_two_files_of_one_name_are_kept_apart(tabs, tmp_path):
    uploads = []
    for at in range(2):
        (tmp_path / str(at)).mkdir()
        uploads.append(tmp_path / str(at) / "a.csv")
        uploads[-1].write_text(f"地址\n碑林区{at}号\n", encoding="utf-8")
    at_once(*[
        lambda page=page, upload=upload: addresses_tab._complete_file(page, str(upload), "")
        for page, upload in zip(tabs, uploads, strict=True)
    ])  # fmt: skip
    uploads[0].write_text("replaced")  # what was asked for does not change
    kept = [Path(job.words[job.words.index("--file") + 1]) for job in tabs[0].studio.queue.all()]
    assert len(set(kept)) == 2 and {path.read_text(encoding="utf-8")[-3] for path in kept} == {"0", "1"}


def test_a_file_that_went_away_is_named(page, tmp_path):
    gone = str(tmp_path / "a.csv")
    for asked in (
        lambda: data_tab._seen(page, gone),
        lambda: data_tab._import(page, gone, "pairs", "", "", None, "mine"),
        lambda: addresses_tab._complete_file(page, gone, ""),
        lambda: addresses_tab._learn(page, gone),
    ):
        with pytest.raises((UsageError, FileNotFoundError), match=r"a\.csv"):
            asked()
    assert page.studio.queue.all() == [] and list(page.studio.folder.addresses.iterdir()) == []


def test_a_full_disk_loses_nothing(page, tmp_path, monkeypatch):
    here = page.studio.folder
    write_jsonl(here.data / "d" / "train.json", pairs(24))
    data_tab._save_prompt(page, "d", "say: {text}")
    (tmp_path / "a.csv").write_text("地址\n碑林区1号\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(folder.shutil, "copy", full)
        with pytest.raises(OSError, match="No space left"):
            addresses_tab._complete_file(page, str(tmp_path / "a.csv"), "")
    with monkeypatch.context() as patch:
        Disk(here.root, 0, patch)
        for asked in (
            lambda: addresses_tab._learn(page, str(tmp_path / "a.csv")),
            lambda: training_tab._start(page, "d", "embedded", "quick", "mine", OF_FILE, *TRAINED),
            lambda: data_tab._save_prompt(page, "d", "ask: {text}"),
        ):
            with pytest.raises(OSError, match="No space left"):
                asked()
    assert page.studio.queue.all() == [] and list(here.addresses.iterdir()) == list(here.configs.iterdir()) == []
    assert here.prompt_of("d") == "say: {text}"
    training_tab._start(page, "d", "embedded", "quick", "mine", OF_FILE, *TRAINED)
    assert len(page.studio.queue.all()) == 1


def toast(visit: Visit) -> tuple[str, str]:
    """Return title and text of the newest message, and close it."""
    last = visit.page.locator("[data-testid=toast-body]").last
    last.wait_for()
    title = last.locator(".toast-title").evaluate("e => getComputedStyle(e, '::before').content")
    text = str(last.locator("[data-testid=toast-text]").first.inner_text())
    last.locator("[data-testid=toast-close]").click()
    last.wait_for(state="detached")
    return str(title).strip('"'), text


@pytest.mark.long
def test_two_people_at_one_studio(server, tmp_path):
    """Both drop a file and start a run under the same names; one is told, in the language of the page."""
    with open_browser() as browser:
        one, other = (Visit(browser, server.address) for _ in range(2))
        for visit in (one, other):
            visit.open()
        other.page.click("#data-import")
        assert toast(other) == ("出错了", "请先放入一个文件")
        path = table(tmp_path / "a.csv", 40)
        other.page.set_input_files("#data-file input[type=file]", str(path))
        other.page.wait_for_selector("#data-seen table")
        import_file(one, path)
        before = (server.folder / "data" / "a" / "train.json").read_bytes()
        for name, said in (("a", "数据集 a 已经有了，请换一个名称"), ("a/b", "名称 'a/b' 不能用")):
            other.page.fill("#data-name textarea, #data-name input", name)
            other.page.click("#data-import")
            title, text = toast(other)
            assert title == "出错了" and text.startswith(said)
        assert (server.folder / "data" / "a" / "train.json").read_bytes() == before
        other.tab("训练")
        begin(one, steps=3, every=3)
        other.page.wait_for_function("document.querySelector('#train-data input').value")
        one.wait("#status", "完成")
        other.page.fill("#run-name textarea, #run-name input", "run")
        other.page.click("#start")
        title, text = toast(other)
        assert (title, text) == ("出错了", "run 已经用过，请换一个名字")
        assert len(list((server.folder / "jobs").iterdir())) == 1
        assert json.loads((server.folder / "runs" / "run" / "run.json").read_text())["status"] == "finished"
        other.wait("#status", "完成")  # the second visitor sees the run of the first
        for visit in (one, other):
            visit.end()
