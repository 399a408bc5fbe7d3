"""A flipped bit in any region of any kind of artefact is found, or at least ends in one sentence."""

from __future__ import annotations

import json
import random
import shutil

import numpy as np
import pytest

from buqi.artefact import check_adapter, read_run
from buqi.base import load_model, load_tokenizer, resolve
from buqi.base.gguf_file import folder_from_gguf, write_folder
from buqi.cli.data import _write_sets
from buqi.engine.llama_engine import task_in
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.export.merge import merge
from buqi.rows import find_sets, read_rows
from buqi.seal import SEAL, broken, check_seal, seal
from buqi.task import ROWS, Task
from buqi.tune.checkpoints import last_checkpoint
from buqi.tune.folder import check_checkpoint
from tests.helpers import make_adapter
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
    return {
        "adapter": (root / "adapter", lambda: check_adapter(root / "adapter", tiny, whole=True)),
        "merged model": (root / "merged", lambda: resolve(str(root / "merged"), whole=True)),
        "cached base": (based, lambda: check_seal(based, "fetch it again", whole=True)),
        "checkpoint": (root / "checkpoint-6", lambda: check_checkpoint(root / "checkpoint-6")),
        "rows": (root / "rows", lambda: find_sets(root / "rows")),
    }


@pytest.mark.parametrize("kind", ["adapter", "merged model", "cached base", "checkpoint", "rows"])
def test_a_flipped_bit_of_a_sealed_file_is_named(artefacts, kind):
    folder, opened = artefacts[kind]
    rng, counts = random.Random(kind), Outcomes()
    opened()
    names = json.loads((folder / SEAL).read_text())["files"]
    assert len(names) >= {"rows": 3, "adapter": 4}.get(kind, 5)
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
    size = (folder / SEAL).stat().st_size
    with flipped(folder / SEAL, place % size, place % 8):
        Outcomes().take(opened)


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
