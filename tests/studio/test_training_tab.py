"""Starting, going on and looking at runs, without a browser."""

from __future__ import annotations

import json
import os

import pytest

from buqi.config import Config, load_config
from buqi.errors import UsageError
from buqi.lock import LOCK, locked
from buqi.owner import Owner, host_hash, start_of
from buqi.studio import training_tab as tab
from buqi.studio.fields import FormState, fields, form_of
from buqi.studio.page import Page
from buqi.studio.texts import Texts
from tests.conftest import pairs, write_jsonl
from tests.helpers import settings
from tests.tune.test_checkpoints import checkpoint

OF_FILE, NEW = FormState([], from_file=True), FormState(form_of({}))
TRAINED = {"do_train": True, "lora": True, "max_steps": 3, "prompt_template": "say: {text}"}


@pytest.fixture
def base(page) -> str:
    write_jsonl(page.studio.folder.data / "d" / "train.json", pairs(24))
    write_jsonl(page.studio.folder.data / "d" / "dev.json", pairs(4, start=100))
    return page.studio.settings.base


def test_a_run_is_a_file_that_the_command_line_reads(page, base):
    chosen, free = tab._start(page, "d", base, "quick", "mine", OF_FILE, *form_of(TRAINED))
    assert chosen["value"] == "mine" and free == "run"
    (job,) = page.studio.queue.all()
    config = load_config(page.studio.folder.configs / "mine.json")
    assert job.words == ("train", str(page.studio.folder.configs / "mine.json"))
    assert (config.max_steps, config.prompt_template, config.model_name_or_path) == (3, "say: {text}", base)
    for name in ("mine", "../x"):
        with pytest.raises(UsageError, match="mine is there already|name"):
            tab._start(page, "d", base, "quick", name, OF_FILE, *form_of(TRAINED))
    assert len(page.studio.queue.all()) == 1
    assert "waiting: training mine" in tab._queue(page)


def test_what_cannot_be_trained_leaves_nothing(page, base):
    with pytest.raises(UsageError, match="learning_rate"):
        tab._start(page, "d", base, "quick", "mine", OF_FILE, *form_of(TRAINED | {"learning_rate": 9.0}))
    with pytest.raises(UsageError, match="make a data set first"):
        tab._start(page, None, base, "quick", "mine", OF_FILE, *form_of(TRAINED))
    assert page.studio.queue.all() == [] and list(page.studio.folder.configs.iterdir()) == []


def keyed(form: list) -> dict:
    return dict(zip((field.key for field in fields()), form, strict=True))


def written(page, base: str, filled: FormState, form: list, data: str = "d", preset: str = "quick") -> Config:
    """Start a run, and return its configuration."""
    name = page.studio.folder.free_name(page.studio.folder.configs, "x")
    tab._start(page, data, base, preset, name, filled, *form)
    return load_config(page.studio.folder.configs / f"{name}.json")


def test_the_estimate_fills_the_form(page, base):
    shown, offered, before = tab._estimate(page, "d", base, "coffee", NEW, *NEW.values)
    assert "✓ a coffee" in shown and "GB" in shown
    edited = form_of({"lora_rank": 5})  # while the estimate was made
    filled, *form = tab._fill(page, offered, before, NEW, *edited)
    assert filled == offered and keyed(form)["do_train"] is True and keyed(form)["max_steps"] == 20
    assert keyed(form)["lora_rank"] == 5
    assert keyed(tab._fill(page, offered, edited, NEW, *edited)[1:])["lora_rank"] == 8, "edited before it was asked for"


def test_what_was_edited_is_trained_with_what_fits_the_choice(page, base):
    config = written(page, base, NEW, form_of({"learning_rate": 0.0123, "lora_rank": 5}))  # nothing was looked at
    assert (config.learning_rate, config.lora_rank, config.max_steps, config.do_train) == (0.0123, 5, 20, True)
    _, quick, _ = tab._estimate(page, "d", base, "quick", NEW, *NEW.values)
    config = written(page, base, quick, quick.values, preset="overnight")  # started before the estimate was there
    assert config.lora_rank == 16


def test_the_prompt_is_that_of_the_data_set_when_the_run_starts(page, base):
    _, offered, _ = tab._estimate(page, "d", base, "quick", NEW, *NEW.values)
    (page.studio.folder.data / "d.prompt.txt").write_text("ask: {text}")  # saved after the estimate
    assert written(page, base, offered, offered.values).prompt_template == "ask: {text}"
    write_jsonl(page.studio.folder.data / "e" / "train.json", pairs(24))
    write_jsonl(page.studio.folder.data / "e" / "dev.json", pairs(4, start=100))
    assert written(page, base, offered, offered.values, "e").prompt_template is None
    assert written(page, base, OF_FILE, form_of(TRAINED)).prompt_template == "say: {text}", "the form's own comes first"


def test_chosen_rows_fill_what_nobody_edited(page, base):
    shown, offered, before = tab._expected(page, "d", base, "quick", NEW, *NEW.values)
    edited = form_of({"learning_rate": 0.5})
    form = keyed(tab._fill(page, offered, before, NEW, *edited)[1:])
    assert "✓ quick look" in shown and (form["learning_rate"], form["max_steps"]) == (0.5, 20)
    shown, nothing, _ = tab._expected(page, "d", base, "coffee", OF_FILE, *form_of(TRAINED))
    assert "✓ a coffee" in shown and nothing is None, "a dropped configuration stays"
    assert tab._fill(page, None, [], OF_FILE, *form_of(TRAINED))[0] is OF_FILE
    (page.studio.folder.data / "d" / "dev.json").write_text("")
    shown, nothing, _ = tab._expected(page, "d", base, "coffee", NEW, *NEW.values)
    assert "data/d/dev.json: empty" in shown and str(page.studio.folder.root) not in shown and nothing is None
    assert tab._expected(page, None, base, "coffee", NEW, *NEW.values)[0] == ""


def test_a_dropped_configuration_fills_the_form(page, tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{"dataset_name_or_path": "x", "output_dir": "y", # note\n "do_train": true, "lora_rank": 4}')
    values = keyed(tab._dropped(page, str(path))[1:])
    assert values["lora_rank"] == 4 and values["do_train"] is True and values["max_steps"] == -1
    path.write_text('{"lora_rank": 4}')  # rows and folder are the page's, and it trains
    values = keyed(tab._dropped(page, str(path))[1:])
    assert values["lora_rank"] == 4 and values["do_train"] is True
    path.write_text('{"learnin_rate": 1}')
    with pytest.raises(UsageError, match=r"(?s)c\.json.*did you mean learning_rate"):
        tab._dropped(page, str(path))


def test_a_run_of_the_command_line_goes_on_from_its_checkpoint(page, base, tiny):
    place = page.studio.folder.runs / "r"
    checkpoint(place, 2)
    config = settings(tiny, page.studio.folder.data / "d", place, max_steps=6)
    data = {"train": {"file": "train.json", "rows": 24, "sha256": "0"}}
    (place / "started.json").write_text(json.dumps({"status": "started", "config": config, "data": data}))
    write_jsonl(place / "log.jsonl", [{"step": 1, "loss": 2.0, "learning_rate": 1e-3}])
    with locked(place / LOCK, "training into it"):
        with pytest.raises(UsageError, match="stop it there"):
            tab._end(page, "pause", "r")
        with pytest.raises(UsageError, match="was not cut off"):
            tab._go_on(page, "r")
    shown = tab._look(page, "r", "")
    assert "1 / 6" in shown[1] and "A checkpoint is kept" in shown[1] and "<svg" in shown[6]
    assert tab._look(page, "r", shown[0])[6] != shown[6]  # nothing new: the curves are left as they are
    tab._go_on(page, "r")
    (job,) = page.studio.queue.all()
    assert job.words[-1] == "--resume" and load_config(page.studio.folder.configs / "r.json").max_steps == 6
    with pytest.raises(UsageError, match="was not cut off"):  # a second click
        tab._go_on(page, "r")


def test_a_run_that_failed_says_why(page, base):
    tab._start(page, "d", base, "quick", "mine", OF_FILE, *form_of(TRAINED))
    (job,) = page.studio.queue.all()
    place = page.studio.queue.folder / job.id
    (place / "process.txt").write_text(f"999999999-0-{host_hash()}")
    (place / "output.txt").write_text("reading\nbuqi: out of <b>memory</b>\n")
    assert "out of &lt;b&gt;memory" in tab._look(page, "mine", "")[1]
    assert page.studio.run("mine").state == "failed"


def test_a_run_says_what_it_does_now(page, base):
    tab._start(page, "d", base, "quick", "mine", OF_FILE, *form_of(TRAINED))
    (job,) = page.studio.queue.all()
    place = page.studio.queue.folder / job.id
    (place / "process.txt").write_text(Owner(os.getpid(), start_of(os.getpid()) or "0", host_hash()).tag)
    (place / "output.txt").write_text("loading the base\nmeasuring dev: 80 of 102 rows\n")
    (place / "asked.txt").write_text("pause")
    chinese = Page(page.studio, Texts("zh"))
    shown = tab._look(chinese, "mine", "")
    assert "正在暂停" in shown[1] and "正在衡量验证份：80 / 102 行" in shown[1] and "正在载入基座" in shown[5]
    (place / "asked.txt").write_text("stop")
    assert "stopping" in tab._look(page, "mine", "")[1] and "measuring dev: 80" in tab._look(page, "mine", "")[1]
    (place / "process.txt").write_text(f"999999999-0-{host_hash()}")
    assert "已停止" in tab._look(chinese, "mine", "")[1], "without a checkpoint it is not paused"
