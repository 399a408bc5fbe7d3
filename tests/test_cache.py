"""What the cache has is listed, and removed by name; nothing else in its folder is."""

from __future__ import annotations

import subprocess
import sys

import pytest

from buqi.answering import AnswerOptions
from buqi.bulk.answer_cache import AnswerCache
from buqi.cache import PARTS, cache_parts, clear
from buqi.errors import BuqiError, UsageError
from tests.docs.pages import ROOT

HEX = "0a" * 8
INDEX, ANSWERS = f"indexes/roads-{HEX}{HEX[:8]}.safetensors", f"answers/{HEX}.sqlite"
MINE = ("base/notes.txt", "base/embedded-mine/x", "tasks/todo.md", "indexes/roads.safetensors", "answers/keys.txt",
        "evaluate/2024/a.csv", "gguf/qwen.gguf", "modelscope/Qwen/mine/config.json", "base/.draft.part")  # fmt: skip


@pytest.fixture
def full(cache):
    for name, size in ((INDEX, 10), (ANSWERS, 300), ("base/embedded-0123456789ab/x.bin", 2000)):
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / name).write_bytes(b"0" * size)
    (cache / "engines-here.json").write_text("{}")
    (cache / "mine.txt").write_text("not of buqi")
    return cache


def test_all_is_listed_the_largest_first(full):
    found = cache_parts()
    assert [(part.name, part.files, part.bytes) for part in found] == [
        ("base", 1, 2000),
        ("answers", 1, 300),
        ("indexes", 1, 10),
        ("engines", 1, 2),
    ]
    assert found[0].as_json()["paths"] == [str(full / "base" / "embedded-0123456789ab")]


def test_what_is_named_is_removed_or_all(full):
    assert [part.name for part in clear(["indexes"])] == ["indexes"]
    assert not (full / "indexes").exists() and (full / ANSWERS).exists()
    with pytest.raises(UsageError, match=r"mine\.txt: expected one of base, modelscope"):
        clear(["mine.txt"])
    with pytest.raises(UsageError, match=r"^name what to remove, or all: base \(0.0 MB\), answers \(0.0 MB\), engines"):
        clear([])
    assert (full / "base").exists()
    assert {part.name for part in clear(["all"])} == {"base", "answers", "engines"}
    assert [path.name for path in full.iterdir()] == ["mine.txt"] and clear(["all"]) == clear([]) == []


def test_what_the_user_put_beside_it_stays(full):
    for name in MINE:
        (full / name).parent.mkdir(parents=True, exist_ok=True)
        (full / name).write_text("mine")
    model = full / "modelscope" / "models" / "Qwen" / "Qwen2___5"
    made = [
        "evaluate/" + "0a" * 8 + "/x",
        "gguf/" + "0a" * 8 + "-8/model.gguf",
        "gguf/" + "0a" * 8 + "-" + "0b" * 8 + "-8/model.gguf",
        "tasks/banking77/test.csv",
        "answers/key",
    ]
    for path in (model / "seal.json", *(full / name for name in made)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    model.with_name("Qwen2.5").symlink_to(model)
    before = {part.name for part in cache_parts()}
    assert before == {part.name for part in clear(["all"])} == {*PARTS}
    left = {str(path.relative_to(full)) for path in full.rglob("*") if not path.is_dir() or path.is_symlink()}
    assert left == {*MINE, "mine.txt"}
    assert not (full / "modelscope" / "models").exists() and cache_parts() == []


def test_kept_answers_are_known_by_their_names(cache):
    AnswerCache(AnswerOptions().version()).put({"a": ["b"]})
    assert len(list((cache / "answers").iterdir())) >= 2
    assert [part.name for part in clear(["all"])] == ["answers"] and list(cache.iterdir()) == []


def test_what_cannot_be_removed_is_told(full, monkeypatch):
    monkeypatch.setattr("buqi.cache.remove", lambda _: None)  # as where another user owns it
    with pytest.raises(BuqiError, match=f"{full / INDEX}: cannot be removed"):
        clear(["indexes"])


def test_whatever_the_package_writes_into_the_cache_is_listed():
    assert set(PARTS) >= {"indexes", "answers", "base", "gguf", "evaluate", "modelscope", "engines", "tasks"}


def test_the_page_of_what_is_kept_names_every_part_and_how_to_remove_it():
    page = (ROOT / "docs" / "reference" / "kept.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith("| `~/.cache/buqi/")]
    said = [(place.replace("*", "…"), *about.split("; ")) for place, about in PARTS.values()]
    assert listed == [f"| `~/.cache/buqi/{place}` | {what} | you delete it; {again} |" for place, what, again in said]
    assert "buqi cache show" in page and "buqi cache clear" in page


def test_what_another_process_makes_now_is_left_to_it(full):
    (full / "base" / "embedded-parts").mkdir()
    script = (
        "import sys; from pathlib import Path; from buqi.lock import locked; from buqi.files import whole_folder\n"
        "base, gguf = map(Path, sys.argv[1:])\n"
        "with locked(base / '.embedded.lock', 'fetching'), whole_folder(gguf / 'x'):\n"
        "    print('held', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(full / "base"), str(full / "gguf")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as maker:
        assert maker.stdout.readline() == "held\n"
        before = cache_parts()
        for part in ("base", "gguf", "all"):
            with pytest.raises(BuqiError, match=f"process {maker.pid} makes it now; wait .* nothing was removed"):
                clear([part])
        assert cache_parts() == before
        assert [part.name for part in clear(["answers"])] == ["answers"]
        maker.kill()
    assert {part.name for part in clear(["all"])} == {"base", "gguf", "indexes", "engines"}
    assert [path.name for path in full.iterdir()] == ["mine.txt"]


def test_a_folder_is_gone_at_once(full, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("buqi.cache.remove", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))  # killed meanwhile
        with pytest.raises(KeyboardInterrupt):
            clear(["base"])
    assert not (full / "base" / "embedded-0123456789ab").exists()
    monkeypatch.setattr("buqi.owner.Owner.dead", True)
    assert [(part.name, part.bytes) for part in clear(["base"])] == [("base", 2000)]
    assert not (full / "base").exists()


def test_an_empty_folder_of_the_cache_goes_too(full):
    (full / "gguf").mkdir()
    assert "gguf" not in {part.name for part in clear(["all"])} and not (full / "gguf").exists()


def test_two_may_clear_at_once(full, monkeypatch):
    there = cache_parts()
    clear(["all"])
    monkeypatch.setattr("buqi.cache.cache_parts", lambda: there)
    assert clear(["all"]) == there
