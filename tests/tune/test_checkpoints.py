"""Which checkpoint a run goes on from, and what is refused before PyTorch is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from buqi.config import make_config
from buqi.errors import UsageError
from buqi.seal import seal
from buqi.tune.checkpoints import check_folders, last_checkpoint, refuse_occupied, step_of
from tests.helpers import settings


def checkpoint(folder: Path, step: int, whole: bool = True) -> Path:
    """Make a checkpoint with the state of a run, sealed if it is whole."""
    made = folder / f"checkpoint-{step}"
    made.mkdir(parents=True)
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        (made / name).write_text("1")
    (made / "trainer_state.json").write_text(f'{{"global_step": {step}, "max_steps": 12}}')
    if whole:
        seal(made)
    return made


def test_a_checkpoint_cut_off_is_not_resumed_from(tmp_path):
    assert last_checkpoint(tmp_path) is None
    for step, whole in ((6, True), (12, True), (18, False)):
        checkpoint(tmp_path, step, whole)
    assert last_checkpoint(tmp_path).name == "checkpoint-12"
    assert last_checkpoint(tmp_path, before=12).name == "checkpoint-6" and last_checkpoint(tmp_path, before=6) is None
    assert step_of(tmp_path / "checkpoint-best") == -1


@pytest.mark.parametrize("there", ["adapter_config.json", "config.json", "checkpoint-6"])
def test_a_folder_that_holds_a_run_is_refused_with_three_ways_out(tmp_path, there):
    refuse_occupied(tmp_path)
    checkpoint(tmp_path, 6) if there == "checkpoint-6" else (tmp_path / there).touch()
    what = "a run up to checkpoint-6" if "checkpoint" in there else "a trained model"
    with pytest.raises(UsageError, match=rf"holds {what}:\n(?s:.*)--resume(?s:.*)--overwrite_output_dir(?s:.*)OTHER"):
        refuse_occupied(tmp_path)


@pytest.mark.parametrize("there", ["checkpoint-500", "checkpoint-best", "initial", "log.jsonl", "last", "run.json"])
def test_files_of_others_that_a_run_would_remove_are_named(tmp_path, there):
    (tmp_path / there).mkdir() if "-" in there else (tmp_path / there).touch()
    with pytest.raises(UsageError, match=f"holds {there}, which a run would remove or replace"):
        refuse_occupied(tmp_path)
    (tmp_path / "started.json").touch()  # a run of buqi that was cut off
    refuse_occupied(tmp_path)


def test_what_a_run_reads_is_not_what_it_removes(tiny, data, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(tiny, out / "checkpoint-9")
    shutil.copytree(data, out / "checkpoint-rows")
    for key, name in (
        ("model_name_or_path", "checkpoint-9"),
        ("dataset_name_or_path", "checkpoint-rows"),
        ("lora_path", "checkpoint-9"),
    ):
        given = settings(tiny, data, out, overwrite_output_dir=True) | {key: str(out / name)}
        with pytest.raises(UsageError, match=f"{key} .*: the run would remove .*{name}; name another output_dir"):
            check_folders(make_config(given), resume=False)
    check_folders(make_config(settings(tiny, data, out, overwrite_output_dir=True)), resume=False)


def test_rows_and_base_are_looked_for_first(tiny, data, tmp_path):
    check_folders(make_config(settings(tiny, data, tmp_path / "out")), resume=False)
    for changes, said in (
        ({"dataset_name_or_path": str(tmp_path / "none")}, "none: no such folder"),
        ({"do_predict": True}, "test.json missing"),
        ({"model_name_or_path": str(tmp_path / "none")}, "none: not a folder"),
        ({"model_name_or_path": str(tmp_path / "none.gguf")}, "no such .gguf file"),
        ({"output_dir": str(tiny)}, "is the base's own folder"),
        ({"output_dir": str(data)}, "is the folder of the rows too"),
        ({"output_dir": str(data / "dev.json")}, "dev.json is a file; name another folder"),
        ({"output_dir": str(data / "dev.json" / "out")}, "dev.json is a file; name another folder"),
    ):
        with pytest.raises(UsageError, match=said):
            check_folders(make_config(settings(tiny, data, tmp_path / "out") | changes), resume=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "config.json").touch()
    again = settings(tiny, data, tmp_path / "out", overwrite_output_dir=True)
    check_folders(make_config(again), resume=False)
    (tmp_path / "link").symlink_to(tiny)
    with pytest.raises(UsageError, match="is the base's own folder, which would be gone"):
        check_folders(make_config(again | {"output_dir": str(tmp_path / "link")}), resume=False)
