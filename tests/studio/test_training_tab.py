"""Starting, going on and looking at runs, without a browser."""

from __future__ import annotations

import json

import pytest

from buqi.config import load_config
from buqi.errors import UsageError
from buqi.lock import LOCK, locked
from buqi.owner import host_hash
from buqi.studio import training_tab as tab
from buqi.studio.fields import fields, form_of
from tests.conftest import pairs, write_jsonl
from tests.helpers import settings
from tests.tune.test_checkpoints import checkpoint

TRAINED = {"do_train": True, "lora": True, "max_steps": 3, "prompt_template": "say: {text}"}


@pytest.fixture
def base(page) -> str:
    write_jsonl(page.studio.folder.data / "d" / "train.json", pairs(24))
    write_jsonl(page.studio.folder.data / "d" / "dev.json", pairs(4, start=100))
    return page.studio.settings.base


def test_a_run_is_a_file_that_the_command_line_reads(page, base):
    chosen, free = tab._start(page, "d", base, "quick", "mine", *form_of(TRAINED))
    assert chosen["value"] == "mine" and free == "run"
    (job,) = page.studio.queue.all()
    config = load_config(page.studio.folder.configs / "mine.json")
    assert job.words == ("train", str(page.studio.folder.configs / "mine.json"))
    assert (config.max_steps, config.prompt_template, config.model_name_or_path) == (3, "say: {text}", base)
    for name in ("mine", "../x"):
        with pytest.raises(UsageError, match="mine is there already|name"):
            tab._start(page, "d", base, "quick", name, *form_of(TRAINED))
    assert len(page.studio.queue.all()) == 1
    assert "waiting: training mine" in tab._queue(page)


def test_what_cannot_be_trained_leaves_nothing(page, base):
    with pytest.raises(UsageError, match="learning_rate"):
        tab._start(page, "d", base, "quick", "mine", *form_of(TRAINED | {"learning_rate": 9.0}))
    with pytest.raises(UsageError, match="make a data set first"):
        tab._start(page, None, base, "quick", "mine", *form_of(TRAINED))
    assert page.studio.queue.all() == [] and list(page.studio.folder.configs.iterdir()) == []


def test_the_estimate_fills_the_form(page, base):
    (page.studio.folder.data / "d.prompt.txt").write_text("ask: {text}")
    shown, *form = tab._estimate(page, "d", base, "coffee")
    values = dict(zip((field.key for field in fields()), form, strict=True))
    assert "✓ a coffee" in shown and "GB" in shown
    assert values["do_train"] is True and values["prompt_template"] == "ask: {text}" and values["max_steps"] == 20
    tab._start(page, "d", base, "quick", "untouched", *form_of({}))
    assert load_config(page.studio.folder.configs / "untouched.json").do_train


def test_a_dropped_configuration_fills_the_form(page, tmp_path):
    path = tmp_path / "c.json"
    path.write_text('{"dataset_name_or_path": "x", "output_dir": "y", # note\n "do_train": true, "lora_rank": 4}')
    values = dict(zip((field.key for field in fields()), tab._dropped(page, str(path)), strict=True))
    assert values["lora_rank"] == 4 and values["do_train"] is True and values["max_steps"] == -1
    path.write_text('{"learnin_rate": 1}')
    with pytest.raises(UsageError, match=r"(?s)^c\.json.*did you mean learning_rate"):
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
    tab._start(page, "d", base, "quick", "mine", *form_of(TRAINED))
    (job,) = page.studio.queue.all()
    place = page.studio.queue.folder / job.id
    (place / "process.txt").write_text(f"999999999-0-{host_hash()}")
    (place / "output.txt").write_text("reading\nbuqi: out of <b>memory</b>\n")
    assert "out of &lt;b&gt;memory" in tab._look(page, "mine", "")[1]
    assert page.studio.run("mine").state == "failed"
