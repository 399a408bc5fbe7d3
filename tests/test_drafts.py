"""Drafts take their target's place in one move; those of the dead are removed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from buqi import drafts
from buqi.drafts import NAME, draft_name, exchange, remove, sweep, take_place
from buqi.owner import owner_in, this_process


@pytest.fixture
def dead():
    """The tag of a process that has ended."""
    ask = "from buqi.owner import this_process; print(this_process().tag)"
    return subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()


def make(folder, content):
    folder.mkdir()
    (folder / "x").write_text(content)
    return folder


def test_a_drafts_name_says_whose_it_is(tmp_path):
    match = NAME.fullmatch(draft_name(tmp_path / "补齐.json").name)
    assert match and match["target"] == "补齐.json" and owner_in(match["tag"]) == this_process()
    assert draft_name(tmp_path / "a") != draft_name(tmp_path / "a"), "threads write beside each other"


@pytest.mark.parametrize("name", ["x" * 240, "地址" * 40, os.fsdecode("地址".encode("gbk") * 60), "a\nb"])
def test_a_target_of_any_name_has_a_draft(tmp_path, name):
    draft = draft_name(tmp_path / name)
    draft.touch()
    draft.replace(tmp_path / name)
    assert draft.name.encode("utf-8")
    assert NAME.fullmatch(draft.name) and [path.name for path in tmp_path.iterdir()] == [name]


def test_only_drafts_of_the_dead_are_removed(tmp_path, dead):
    mine, others = draft_name(tmp_path / "a"), f".a.{dead[:-8]}00000000.abcdef.part"
    for name in (mine.name, others, f".a.{dead}.abcdef.part", ".a.part", "b"):
        (tmp_path / name).touch()
    make(tmp_path / f".b.{dead}.abcdef.part", "")
    assert len(sweep(tmp_path)) == 2
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, others, ".a.part", "b"}
    (tmp_path / f".a.{dead}.abcdef.part").touch()
    assert sweep(tmp_path, again=False) == [] and len(sweep(tmp_path)) == 1


@pytest.mark.parametrize("swaps", [True, False])
def test_a_target_is_replaced(tmp_path, monkeypatch, swaps):
    if not swaps:
        monkeypatch.setattr(drafts, "exchange", lambda *_: False)
    take_place(make(tmp_path / "1", "one"), tmp_path / "target")
    take_place(make(tmp_path / "2", "two"), tmp_path / "target")
    assert (tmp_path / "target" / "x").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_without_swaps_a_failed_move_brings_the_old_one_back(tmp_path, monkeypatch):
    monkeypatch.setattr(drafts, "exchange", lambda *_: False)
    make(tmp_path / "target", "one")
    with pytest.raises(FileNotFoundError):
        take_place(tmp_path / "none", tmp_path / "target")
    assert (tmp_path / "target" / "x").read_text() == "one"


def test_what_a_killed_move_set_aside_comes_back(tmp_path, dead):
    make(tmp_path / f".target.{dead}.abcdef.old", "one")
    sweep(tmp_path)
    assert (tmp_path / "target" / "x").read_text() == "one"
    make(tmp_path / f".target.{dead}.abcdef.old", "older")
    sweep(tmp_path)
    assert (tmp_path / "target" / "x").read_text() == "one" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2")
def test_two_names_are_swapped(tmp_path):
    make(tmp_path / "a", "a")
    (tmp_path / "b").write_text("b")
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot swap")
    assert (tmp_path / "a").read_text() == "b" and (tmp_path / "b" / "x").read_text() == "a"
    assert not exchange(tmp_path / "a", tmp_path / "none")
    os.symlink(tmp_path / "b", tmp_path / "link")
    for name in ("link", "a", "b", "none"):
        remove(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_draft_of_another_user_stays_and_stops_nobody(tmp_path, dead, monkeypatch):
    (tmp_path / f".a.{dead}.abcdef.part").touch()

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(drafts.Path, "unlink", refuse)
    assert sweep(tmp_path) == [] and len(list(tmp_path.iterdir())) == 1
