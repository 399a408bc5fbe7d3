"""A seal tells what changed since it was written, and nothing else."""

from __future__ import annotations

import json

import pytest

from buqi.errors import BuqiError
from buqi.seal import SEAL, break_seal, broken, check_seal, lacks_files, seal, sealed


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("a.json", "deep/b", ".hidden"):
        (tmp_path / name).write_text(name)
    seal(tmp_path)
    return tmp_path


def test_a_seal_names_every_file_but_hidden_ones(folder):
    record = json.loads((folder / SEAL).read_text())
    assert record["version"] == 1 and list(record["files"]) == ["a.json", "deep/b"]
    assert record["files"]["a.json"]["size"] == 6 and len(record["files"]["a.json"]["sha256"]) == 64
    assert sealed(folder) and check_seal(folder, "make it again")


def test_what_changed_is_named_with_what_to_do(folder):
    (folder / "more").touch()
    (folder / ".hidden").write_text("x")
    assert not broken(folder, whole=True), "other files may come and go"
    for change, message in (
        (lambda: (folder / "a.json").write_text("b.json"), "a.json: not the bytes that were written"),
        (lambda: (folder / "a.json").write_text("b"), "a.json: 1 bytes, 6 were written"),
        (lambda: (folder / "a.json").unlink(), "a.json: missing"),
        (lambda: (folder / SEAL).write_text("[]"), "seal.json: expected an object, found list"),
        (lambda: (folder / SEAL).write_text('{"version": 1, "files": {"a": 1}}'), "seal.json: files.a"),
    ):
        change()
        with pytest.raises(BuqiError, match=f"{message}.*; make it again; .*delete seal.json"):
            check_seal(folder, "make it again")


def test_a_seal_does_not_lead_out_of_its_folder(folder):
    record = {"size": 0, "sha256": "", "sample": ""}
    for name in ("../x", "/etc/hostname"):
        (folder / SEAL).write_text(json.dumps({"version": 1, "files": {name: record}}))
        assert "which is not in the folder" in broken(folder)


def test_a_folder_without_a_seal_opens(folder):
    break_seal(folder)
    break_seal(folder)
    (folder / "a.json").write_text("changed")
    assert not sealed(folder) and not check_seal(folder, "") and not broken(folder, whole=True)
    seal(folder, ["a.json"])
    assert list(json.loads((folder / SEAL).read_text())["files"]) == ["a.json"]


def test_a_file_that_is_gone_is_told_from_one_that_changed(folder):
    assert not lacks_files(folder)
    (folder / "a.json").write_text("b.json")
    assert not lacks_files(folder)
    (folder / "deep" / "b").unlink()
    assert lacks_files(folder)
    (folder / SEAL).write_text("[]")
    assert not lacks_files(folder), "nothing is known"


def test_a_long_name_in_a_seal_does_not_make_a_long_message(folder):
    seal(folder)
    record = json.loads((folder / SEAL).read_text())
    record["files"] = {"x" * 5000: {"size": 1, "sha256": "", "sample": ""}}
    (folder / SEAL).write_text(json.dumps(record))
    assert "cannot be read" in broken(folder) and len(broken(folder)) < 600
