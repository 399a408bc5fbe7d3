"""Files are whole or not there, and text is read in whatever it was saved."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from safetensors import SafetensorError

from buqi.drafts import draft_name
from buqi.errors import BuqiError, UsageError
from buqi.files import (
    cache_dir,
    check_free,
    check_model_target,
    check_room,
    read_json,
    sha256_of,
    whole_file,
    whole_files,
    whole_folder,
    write_json,
)
from buqi.owner import this_process
from buqi.seal import broken, seal


def stopped(whole: Callable[[Path], AbstractContextManager[Path]], target: Path) -> None:
    """Begin to write and stop before the end."""
    with whole(target) as draft:
        (draft / "half" if draft.is_dir() else draft).write_text("ne")
        raise KeyboardInterrupt


def test_the_cache_lies_where_it_is_said(cache):
    assert not cache.exists()
    assert cache_dir() == cache and cache.is_dir()
    cache.rmdir()
    cache.write_text("")
    with pytest.raises(OSError, match=r"\$BUQI_CACHE names another folder for the cache"):
        cache_dir()


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "folder"
    with whole_folder(target) as draft:
        (draft / "one").write_text("1")
        assert not target.exists()
    with pytest.raises(KeyboardInterrupt):
        stopped(whole_folder, target)
    assert sorted(path.name for path in target.iterdir()) == ["one", "seal.json"]
    with whole_folder(target) as draft:
        (draft / "three").write_text("3")
        assert (target / "one").is_file(), "the old one is there until the new one is whole"
    assert sorted(path.name for path in target.iterdir()) == ["seal.json", "three"]
    assert [path.name for path in target.parent.iterdir()] == ["folder"]


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    target = tmp_path / "deep" / "file"
    with whole_file(target) as draft:
        draft.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        stopped(whole_file, target)
    assert target.read_text() == "old" and list(target.parent.iterdir()) == [target]


def test_a_link_stays_one_and_its_file_is_written(tmp_path):
    (tmp_path / "link").symlink_to("deep/file")
    (tmp_path / "deep").mkdir()
    with whole_file(tmp_path / "link") as draft:
        draft.write_text("new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "deep" / "file").read_text() == "new"


def test_a_large_file_has_its_sum(tmp_path):
    data = b"ab" * 1_000_000
    (tmp_path / "a").write_bytes(data)
    assert sha256_of(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_json_is_read_as_it_was_written(tmp_path):
    write_json(tmp_path / "a.json", {"省": [1]})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "省": [\n    1\n  ]\n}\n'
    assert read_json(tmp_path / "a.json") == {"省": [1]}
    for data, message in ((b"{", "broken"), (b"\xff", "broken"), (b"[]", "found list")):
        (tmp_path / "b.json").write_bytes(data)
        with pytest.raises(BuqiError, match=message):
            read_json(tmp_path / "b.json")


def test_what_exists_is_not_replaced_unasked(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for free in (tmp_path / "none", tmp_path / "empty"):
        check_free(free, False, "--out")
    for taken in (tmp_path, tmp_path / "file"):
        check_free(taken, True, "--out")
        with pytest.raises(UsageError, match="exists; name another --out, or add --overwrite"):
            check_free(taken, False, "--out")


def test_only_a_model_is_replaced_and_never_what_is_read(tmp_path):
    model, mine = tmp_path / "models" / "a", tmp_path / "mine"
    for folder, name in ((model, "adapter_config.json"), (mine, "notes.txt")):
        folder.mkdir(parents=True)
        (folder / name).write_text("")
    (tmp_path / "link").symlink_to(model)
    for free in (model, tmp_path / "link", tmp_path / "none", model / "merged"):
        check_model_target(free, True, "--out", (mine, tmp_path / "nowhere"))
    for taken, said in (
        (model, "is read and lies there"), (tmp_path / "link", "is read and lies there"),
        (model.parent, "is read and lies there"), (tmp_path, "is read and lies there"),
        (mine, "holds no model to replace but notes.txt"), (mine / "notes.txt", "is a file; name a folder"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=said):
            check_model_target(taken, True, "--out", (model,))
    with pytest.raises(UsageError, match="exists"):
        check_model_target(model, False, "--out")


def test_a_full_disk_is_said_before_it_is_written_to(tmp_path):
    check_room(tmp_path, 1, "a byte")
    with pytest.raises(BuqiError, match="GB free, the moon needs 1000000000.0 GB"):
        check_room(tmp_path, 1e18, "the moon")


@pytest.mark.parametrize(
    "error",
    [
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        OSError("8192 requested and 7352 written"),
        RuntimeError("[enforce fail at inline_container.cc] . PytorchStreamWriter failed writing file data/0"),
    ],
)
def test_native_writers_meet_a_full_disk_as_others_do(tmp_path, error):
    for whole in (whole_file, whole_folder, whole_files):
        with pytest.raises(OSError, match="No space left on device: .*target"), whole(tmp_path / "target"):
            raise error
    with pytest.raises(RuntimeError, match="another"), whole_folder(tmp_path / "target"):
        raise RuntimeError("another")
    assert list(tmp_path.iterdir()) == []


def test_native_writers_meet_a_quota_as_others_do(tmp_path):
    for code in (errno.EDQUOT, errno.EFBIG):
        error = SafetensorError(f"Error while serializing: I/O error: {os.strerror(code)} (os error {code})")
        with pytest.raises(OSError, match=f"{os.strerror(code)}: .*target"), whole_folder(tmp_path / "target"):
            raise error


def test_a_full_disk_is_told_with_the_file(tmp_path):
    def filled(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as a write to an open file does

    for whole in (whole_file, whole_folder, whole_files):
        with pytest.raises(OSError, match="No space left on device: .*target"), whole(tmp_path / "target") as draft:
            filled(draft)
    with pytest.raises(FileNotFoundError, match="none"), whole_file(tmp_path / "target"):
        (tmp_path / "none").read_bytes()


def test_an_error_of_the_disk_names_no_draft(tmp_path, monkeypatch):
    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "mine").touch()
    for whole, name in ((whole_folder, "other"), (whole_files, "target"), (whole_file, "file")):
        with pytest.raises(OSError, match=f"/{name}'$"), whole(tmp_path / name) as draft:
            refuse(draft / "x")
    monkeypatch.setattr(Path, "mkdir", lambda path, **_: refuse(path) if path.name.endswith(".part") else None)
    with pytest.raises(OSError, match="/other'$"), whole_folder(tmp_path / "other"):
        pass


def test_files_come_together_or_not_at_all(tmp_path):
    folder = tmp_path / "deep" / "folder"
    with pytest.raises(KeyboardInterrupt):
        stopped(whole_files, folder)
    assert not folder.exists()
    folder.mkdir()
    for content in ("1", "2"):
        with whole_files(folder) as draft:
            for name in ("a", "b"):
                (draft / name).write_text(content)
        (folder / "mine").touch()
        assert sorted(path.name for path in folder.iterdir()) == ["a", "b", "mine"]
    with pytest.raises(KeyboardInterrupt):
        stopped(whole_files, folder)
    assert (folder / "a").read_text() == "2" and [path.name for path in folder.parent.iterdir()] == ["folder"]


def test_a_link_to_a_folder_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with whole_folder(tmp_path / "link") as draft:
        (draft / "a").touch()
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real" / "a").exists()


def test_a_name_that_is_no_text_is_written_and_read_again(tmp_path):
    name = os.fsdecode("结果".encode("gbk"))
    write_json(tmp_path / "a.json", {"file": name, "省": "陕"})
    assert read_json(tmp_path / "a.json") == {"file": name, "省": "陕"}
    (tmp_path / name).write_text("x")
    seal(tmp_path)
    assert not broken(tmp_path, whole=True)
    (tmp_path / name).write_text("y")
    assert "not the bytes" in broken(tmp_path)


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "file", "folder"])
def test_nothing_takes_the_place_of_another_kind(tmp_path, kind, link):
    there = tmp_path / "there"
    {"pipe": os.mkfifo, "file": Path.touch, "folder": Path.mkdir}[kind](there)
    before, target = there.stat(), there
    if link:
        target = tmp_path / "link"
        target.symlink_to(there)
    for whole in (whole_file, whole_folder, whole_files):
        if (whole is whole_file) == (kind == "file") and kind != "pipe":
            continue
        with pytest.raises(UsageError, match="is there and is no"), whole(target):
            pass
    assert (there.stat().st_ino, there.stat().st_mode) == (before.st_ino, before.st_mode)
    assert len(list(tmp_path.iterdir())) == 1 + link


def test_a_folder_with_a_file_of_any_name_gets_files(tmp_path):
    (tmp_path / "files").write_text("mine")
    with whole_files(tmp_path) as draft:
        (draft / "a").write_text("new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "files"]


def test_drafts_of_a_killed_fetch_are_gone_when_the_cache_is_next_used(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path))
    host = this_process().host
    (tmp_path / "base" / "embedded-parts").mkdir(parents=True)
    left = tmp_path / "base" / f".embedded-1d9614638d18.999999999-1-{host}.abcdef.part"
    part = tmp_path / "base" / "embedded-parts" / f".model.gguf.999999999-1-{host}.abcdef.part"
    mine = draft_name(tmp_path / "base" / "x")
    left.mkdir()
    for path in (left / "model.safetensors", part, mine):
        path.touch()
    cache_dir()
    assert not left.exists() and not part.exists() and mine.exists(), "what somebody still writes stays"


def test_a_temporary_folder_is_private_and_goes_also_when_its_process_was_killed(tmp_path):
    script = (
        "import os, signal, sys; from buqi.files import temporary_folder\n"
        "with temporary_folder('sheet') as folder:\n"
        "    (folder / 'cells').write_text('mine'); print(oct(folder.stat().st_mode & 0o777), folder.name)\n"
        "    os.kill(os.getpid(), signal.SIGKILL) if sys.argv[1:] else None\n"
    )
    for last in (["die"], ["die"], []):
        command, places = [sys.executable, "-c", script, *last], os.environ | {"TMPDIR": str(tmp_path)}
        done = subprocess.run(command, env=places, capture_output=True, text=True, check=False)
        assert done.returncode == (-9 if last else 0), done.stderr
        assert len(list(tmp_path.iterdir())) == len(last), "the last one, or nothing"
        assert not done.stdout or done.stdout.startswith("0o700 .buqi-sheet.")
