"""A flipped bit in any region of any kind of artefact is found, or at least ends in one sentence."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from buqi.artefact import check_adapter, read_run
from buqi.base import load_model, load_tokenizer, resolve
from buqi.base.gguf_file import folder_from_gguf, write_folder
from buqi.cli.data import _write_sets
from buqi.engine.llama_engine import task_in
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.export.merge import merge
from buqi.export.paddle import export_paddle, import_paddle
from buqi.export.paddle_format import read_adapter
from buqi.files import whole_folder, write_json
from buqi.indexes import drop
from buqi.places import Memory, load_memory
from buqi.places.classifier import Classifier
from buqi.places.learning import sources
from buqi.places.memory import CLASSIFIER, NAMES, RECORD
from buqi.rows import find_sets, read_rows
from buqi.seal import SEAL, broken, check_seal, seal
from buqi.task import ADDRESS, ROWS, Task
from buqi.tune.checkpoints import last_checkpoint
from buqi.tune.folder import check_checkpoint
from tests.helpers import PADDLE, make_adapter, make_paddle_base
from tests.torture.damage import Outcomes, flipped, regions


@pytest.fixture(scope="module")
def artefacts(tiny, tuned, tmp_path_factory):
    """A sealed folder of each kind by name, with what opens it wholly."""
    root = tmp_path_factory.mktemp("artefacts")
    merge(str(tiny), tuned / "out", root / "merged")
    write_gguf(tiny, root / "tiny.gguf", TYPES[8])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BUQI_CACHE", str(root / "cache"))
        based = folder_from_gguf(root / "tiny.gguf")
    shutil.copytree(tuned / "out", root / "adapter", ignore=shutil.ignore_patterns("checkpoint-*", "runs"))
    shutil.copytree(last_checkpoint(tuned / "out"), root / "checkpoint-6")
    _write_sets(read_rows(tuned / "data" / "train.json"), ROWS, root / "rows", 1)
    base = make_paddle_base(root / "paddle-base")
    import_paddle(PADDLE / "unified", base, root / "from-paddle", ADDRESS)
    export_paddle(root / "from-paddle", base, root / "paddle")
    memory = make_memory(root / "places")
    return {
        "adapter": (root / "adapter", lambda: check_adapter(root / "adapter", tiny, whole=True)),
        "merged model": (root / "merged", lambda: resolve(str(root / "merged"), whole=True)),
        "cached base": (based, lambda: check_seal(based, "fetch it again", whole=True)),
        "checkpoint": (root / "checkpoint-6", lambda: check_checkpoint(root / "checkpoint-6")),
        "rows": (root / "rows", lambda: find_sets(root / "rows")),
        "PaddleNLP's adapter": (root / "paddle", lambda: read_adapter(root / "paddle")),
        "memory": (memory / "orders", lambda: remembered(memory)),
    }


def make_memory(folder: Path) -> Path:
    """Write a memory of one source with a classifier of random numbers."""
    rng = np.random.default_rng(1)
    rows = {"name": ["文一西路", "中央路"], "county": ["330110", "320106"], "town": ["", ""], "count": [3, 1]}
    with whole_folder(folder / "orders") as draft:
        pl.DataFrame(rows).write_parquet(draft / NAMES)
        write_json(
            draft / RECORD, {"name": "orders", "cells": 4, "used": 4, "names": 2, "learnt": "", "classifier": True}
        )
        shares = np.array([0.75, 0.25], np.float32)
        Classifier(
            keys=np.arange(50, dtype=np.uint32), vectors=rng.integers(-9, 9, (50, 8)).astype(np.int8),
            scales=rng.random(50).astype(np.float16), outputs=rng.random((8, 2)).astype(np.float32),
            bias=np.zeros(2, np.float32), shares=shares, counties=("330110", "320106"), addresses=4,
        ).save(draft / CLASSIFIER)  # fmt: skip
    return folder


def remembered(folder: Path) -> Memory:
    """Load a memory as a command that has just started does."""
    load_memory.cache_clear()
    return load_memory(folder)


KINDS = ["adapter", "merged model", "cached base", "checkpoint", "rows", "PaddleNLP's adapter", "memory"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_of_a_sealed_file_is_named(artefacts, kind, monkeypatch, tmp_path):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path))
    folder, opened = artefacts[kind]
    rng, counts = random.Random(kind), Outcomes()
    opened()
    names = json.loads((folder / SEAL).read_text())["files"]
    assert len(names) >= {"rows": 3, "adapter": 4, "PaddleNLP's adapter": 3, "memory": 3}.get(kind, 5)
    for name in names:
        for place in regions((folder / name).stat().st_size, 4, rng) if (folder / name).stat().st_size else ():
            with flipped(folder / name, place, rng.randrange(8)):
                assert counts.take(opened) == "refused"
                with pytest.raises(BuqiError, match=f"{name}.*{SEAL}"):
                    opened()
        (folder / name).rename(folder / "aside")
        with pytest.raises(BuqiError, match="missing|expected|no weights"):
            opened()
        (folder / "aside").rename(folder / name)
    opened()
    counts.show(kind)


@pytest.mark.parametrize("place", regions(3_000, 40, random.Random(5)))
def test_a_flipped_bit_of_the_seal_never_lets_more_in(artefacts, place):
    folder, opened = artefacts["adapter"]
    size, weights = (folder / SEAL).stat().st_size, folder / "adapter_model.safetensors"
    with flipped(folder / SEAL, place % size, place % 8):
        assert Outcomes().take(opened) in ("opened", "refused")
        with flipped(weights, weights.stat().st_size - 1, 0):
            assert Outcomes().take(opened) == "refused" or weights.name not in Path(folder / SEAL).read_text("latin-1")


def test_noise_in_a_large_file_is_found_by_the_quick_check(tmp_path):
    data = np.random.default_rng(1).integers(0, 255, 24 << 20, np.uint8)
    data.tofile(tmp_path / "weights")
    seal(tmp_path)
    assert not broken(tmp_path)
    for start in (0, 5 << 20, 20 << 20):
        noisy = data.copy()
        noisy[start : start + (4 << 20)] ^= 90
        noisy.tofile(tmp_path / "weights")
        assert "not the bytes that were written" in broken(tmp_path)
    data[3_000_000] ^= 1
    data.tofile(tmp_path / "weights")
    assert broken(tmp_path, whole=True)


def opened_foreign(folder, tiny):
    check_adapter(folder, tiny)
    Task.load(folder, load_tokenizer(tiny))
    read_run(folder)


def test_a_foreign_adapter_opens_or_ends_in_a_sentence(tiny, tmp_path):
    folder, rng, counts = make_adapter(tiny, tmp_path / "a", 1), random.Random(2), Outcomes()
    opened_foreign(folder, tiny)
    for path in sorted(folder.iterdir()):
        for place in regions(path.stat().st_size, 60, rng):
            with flipped(path, place, rng.randrange(8)):
                counts.take(lambda: opened_foreign(folder, tiny))
    assert counts["refused"] > 60
    counts.show("foreign adapter")


@pytest.mark.parametrize("layout", ["pdparams", "unified"])
def test_what_paddlenlp_saved_opens_or_ends_in_a_sentence(tmp_path, layout):
    folder, rng, counts = Path(shutil.copytree(PADDLE / layout, tmp_path / "p")), random.Random(6), Outcomes()
    read_adapter(folder)
    for path in sorted(folder.iterdir()):
        for place in regions(path.stat().st_size, 150, rng):
            with flipped(path, place, rng.randrange(8)):
                counts.take(lambda: read_adapter(folder))
    assert counts["refused"] > 100
    counts.show(f"PaddleNLP's adapter ({layout})")


def test_a_memory_without_a_seal_opens_or_ends_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    memory, rng, counts = make_memory(tmp_path / "places"), random.Random(7), Outcomes()
    (memory / "orders" / SEAL).unlink()

    def opened():
        drop("memory")
        remembered(memory)
        sources(memory)

    opened()
    for path in sorted((memory / "orders").iterdir()):
        for place in regions(path.stat().st_size, 80, rng):
            with flipped(path, place, rng.randrange(8)):
                counts.take(opened)
    assert counts["refused"] > 60
    counts.show("memory")


@pytest.mark.long
def test_a_foreign_base_opens_or_ends_in_a_sentence(tiny, tmp_path):
    folder, rng, counts = tmp_path / "base", random.Random(3), Outcomes()
    shutil.copytree(tiny, folder)

    def opened():
        load_tokenizer(resolve(str(folder)))
        load_model(folder)

    opened()
    for path in sorted(folder.iterdir()):
        for place in regions(path.stat().st_size, 40, rng):
            with flipped(path, place, rng.randrange(8)):
                counts.take(opened)
    assert counts["refused"] > 40
    counts.show("foreign base")


def test_a_gguf_file_opens_or_ends_in_a_sentence(tiny, tmp_path):
    path, rng, counts = tmp_path / "tiny.gguf", random.Random(4), Outcomes()
    write_gguf(tiny, path, TYPES[8])

    def opened():
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        (tmp_path / "out").mkdir()
        write_folder(path, tmp_path / "out")
        task_in(path)

    opened()
    size = path.stat().st_size
    places = [*range(24), *regions(12_000, 120, rng), *regions(size, 20, rng)]
    for place in places:
        with flipped(path, place, rng.randrange(8)):
            counts.take(opened)
    data = path.read_bytes()
    for end in (0, 3, 30, 3_000, size // 2, size - 1):
        path.write_bytes(data[:end])
        assert counts.take(opened) == "refused"
    assert counts["refused"] > 30
    counts.show("GGUF file")
