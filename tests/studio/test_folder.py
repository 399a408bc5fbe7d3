"""The folder of a studio: names, what lies there, what is saved of it."""

from __future__ import annotations

import zipfile

import pytest

from buqi.errors import UsageError
from buqi.studio.folder import Folder, checked, keep_upload, zip_adapter
from tests.conftest import pairs, write_jsonl


def test_names():
    assert checked("客户-1.2_b") == "客户-1.2_b"
    for name in ("", None, "..", "../a", "a/b", ".hidden", "a" * 61, "a b", "<b>"):
        with pytest.raises(UsageError, match="name"):
            checked(name)


def test_a_free_name_is_one_that_may_be_used(tmp_path):
    folder = Folder(tmp_path)
    names = []
    for _ in range(3):
        names.append(folder.free_name(folder.data, "<b>客户 2024"))
        (folder.data / checked(names[-1])).mkdir()
    assert names == ["b-客户-2024", "b-客户-2024-2", "b-客户-2024-3"]
    assert folder.free_name(folder.data, "///") == "x"


def test_what_lies_there(tmp_path, tuned):
    folder = Folder(tmp_path)
    write_jsonl(folder.data / "a" / "train.json", pairs(3))
    (folder.data / "a.prompt.txt").write_text("say: {text}")
    (folder.runs / "r").symlink_to(tuned / "out")
    (folder.configs / "waiting.json").write_text("{}")
    assert folder.data_sets() == ["a"] and folder.prompt_of("a") == "say: {text}" and folder.prompt_of("b") is None
    assert set(folder.run_names()) == {"r", "waiting"} and folder.adapters() == ["r"] and folder.can_go_on("r")
    assert folder.rows("a", "test", "train").name == "train.json"
    with pytest.raises(UsageError, match="hold no rows"):
        folder.rows("a", "test", "dev")


def test_an_adapter_is_saved_without_its_checkpoints(tmp_path, tuned):
    with zipfile.ZipFile(zip_adapter(tuned / "out", tmp_path / "a.zip")) as file:
        names = file.namelist()
    assert {"out/adapter_model.safetensors", "out/task.json", "out/run.json"} <= set(names)
    assert not [name for name in names if "checkpoint" in name]


def test_an_upload_is_kept_as_it_was(tmp_path):
    upload = tmp_path / "a.csv"
    upload.write_text("1")
    kept = keep_upload(upload, tmp_path / "kept" / "a")
    upload.write_text("2")
    assert kept.read_text() == "1"
