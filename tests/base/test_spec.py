from __future__ import annotations

import shutil

import pytest

from buqi.base import resolve
from buqi.errors import BuqiError, UsageError


def test_local_folder(tiny):
    assert resolve(str(tiny)) == tiny


def test_what_is_no_model_is_refused(tmp_path, tiny):
    with pytest.raises(UsageError, match="not a folder"):
        resolve("nowhere")
    for folder in ("数 据/merged", "my data/merged", "a/b c", "-a/b"):
        with pytest.raises(UsageError, match="not a folder"):  # no hub is asked for what cannot be a name there
            resolve(folder)
    with pytest.raises(BuqiError, match=r"config\.json"):
        resolve(str(tmp_path))
    pickled = tmp_path / "pickled"
    shutil.copytree(tiny, pickled)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    with pytest.raises(BuqiError, match=r"found pytorch_model\.bin"):
        resolve(str(pickled))
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UsageError, match="is an adapter"):
        resolve(str(tmp_path))


@pytest.mark.parametrize("spec", ["~nobody-of-that-name/base", "~nobody-of-that-name/m.gguf", "owner/..", "[a]/b c"])
def test_a_name_that_nothing_can_have_is_refused(spec):
    with pytest.raises(UsageError, match="no such .gguf file|not a folder|neither a folder nor a name"):
        resolve(spec)


def test_a_name_longer_than_any_files_is_refused():
    with pytest.raises(UsageError, match="cannot be read") as refused:
        resolve("x" * 5000)
    assert len(str(refused.value)) < 400
