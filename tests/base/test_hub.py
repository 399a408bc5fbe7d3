"""Weights by name: from the hub's cache, from the hub, or a message that says what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError

from buqi.base import resolve
from buqi.errors import BuqiError, UsageError
from buqi.seal import sealed

NAME = "Qwen/Qwen2.5-0.5B-Instruct"


@pytest.fixture
def hub(monkeypatch) -> SimpleNamespace:
    """Hugging Face: what is ``kept`` here or ``served`` there (a folder or an error), and what was ``asked``."""
    found = SimpleNamespace(kept=LocalEntryNotFoundError("not here"), served=None, asked=[])

    def snapshot(name, local_files_only=False, **_):
        found.asked.append((name, "here" if local_files_only else "there"))
        what = found.kept if local_files_only else found.served
        if isinstance(what, Exception):
            raise what
        return str(what)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot)
    return found


def test_hub_copy_is_used_without_network(hub, tiny):
    hub.kept = tiny
    assert resolve(NAME) == tiny
    assert hub.asked == [(NAME, "here")]


@pytest.mark.parametrize("error", [ConnectionError("refused"), TimeoutError("slow")])
def test_unreachable_hub_says_what_to_do(hub, error):
    hub.served = error
    with pytest.raises(BuqiError, match="no such folder here, and hub unreachable.*use a local folder, or embedded"):
        resolve(NAME)


def test_download_that_was_cut_off_goes_on(hub, tiny, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    hub.kept, hub.served = tmp_path, tiny
    assert resolve(NAME) == tiny
    assert hub.asked == [(NAME, "here"), (NAME, "there")]


def test_full_disk_is_not_called_an_unreachable_hub(hub):
    hub.served = OSError(28, "No space left")
    with pytest.raises(OSError, match="No space left"):
        resolve(NAME)


def test_repository_that_does_not_exist(hub):
    import httpx2 as httpx

    response = httpx.Response(404, request=httpx.Request("GET", "http://hub"))
    hub.served = RepositoryNotFoundError("404", response=response)
    with pytest.raises(BuqiError, match="no such model"):
        resolve("Qwen/none")


def test_unknown_source_and_missing_client():
    with pytest.raises(UsageError, match="huggingface or modelscope"):
        resolve("a/b", source="elsewhere")
    with pytest.raises(UsageError, match="pip install modelscope"):
        resolve("a/b", source="modelscope")


def test_a_copy_of_modelscope_is_locked_sealed_and_fetched_again_if_it_rots(monkeypatch, tiny, cache):
    asked = []

    def snapshot(name, cache_dir, **_):
        folder = Path(cache_dir) / "a" / "b"
        with pytest.raises(BuqiError, match="fetching a/b from ModelScope"):
            resolve("a/b", source="modelscope")
        asked.append(name)
        if not folder.exists():
            shutil.copytree(tiny, folder)
        return str(folder)

    monkeypatch.setitem(sys.modules, "modelscope", SimpleNamespace(snapshot_download=snapshot))
    folder = resolve("a/b", source="modelscope")
    assert sealed(folder) and sorted(path.name for path in (cache / "modelscope").iterdir()) == ["a"]
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[:-1])
    assert resolve("a/b", source="modelscope", renew=True) == folder and len(asked) == 3
    assert (folder / "model.safetensors").read_bytes() == weights and sealed(folder)
