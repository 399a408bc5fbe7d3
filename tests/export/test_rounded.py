"""An adapter in 16 bits is half as large, answers alike, and says what it is."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from buqi.artefact import WEIGHTS, read_run, write_run
from buqi.engine import TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.export import rounded
from buqi.export.rounded import round_adapter
from buqi.task import ADDRESS
from tests.export.test_combine import make_adapter


@pytest.mark.parametrize(("dtype", "bytes_each"), [("float16", 2), ("bfloat16", 2), ("float32", 4)])
def test_an_adapter_is_saved_in_fewer_bits_and_answers_alike(tiny, tmp_path, dtype, bytes_each):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    write_run(adapter, {"base": {"spec": "somewhere"}, "metrics": {"exact_match": 0.5}})
    parity = round_adapter(tiny, adapter, tmp_path / "b", dtype)
    assert parity.passed
    assert (parity.largest_difference == 0) == (dtype == "float32")
    before, after = load_file(adapter / WEIGHTS), load_file(tmp_path / "b" / WEIGHTS)
    assert {v.element_size() for v in after.values()} == {bytes_each}
    for name, value in before.items():
        torch.testing.assert_close(after[name].float(), value, atol=0, rtol=2**-8)
    assert read_run(tmp_path / "b") == read_run(adapter) | {"saved_as": dtype}
    engine = TorchEngine(tiny, {"a": adapter, "b": tmp_path / "b"})
    prompt = ADDRESS.prompt_text(engine.tokenizer, ["碑林区"])
    one, other = (engine.score(prompt, ["陕西省", "河南省"], name) for name in ("a", "b"))
    assert one == pytest.approx(other, rel=0.05)


def test_what_cannot_be_rounded_is_refused(tiny, other_tiny, tmp_path, monkeypatch):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    with pytest.raises(UsageError, match="expected one of float32"):
        round_adapter(tiny, adapter, tmp_path / "b", "int4")
    with pytest.raises(UsageError, match="exists"):
        round_adapter(tiny, adapter, adapter, "float16")
    monkeypatch.setattr(rounded, "HALF", {"float16": (0.0, 1.0)})
    with pytest.raises(BuqiError, match="was not written"):
        round_adapter(tiny, adapter, tmp_path / "b", "float16")
    assert not (tmp_path / "b").exists()
    assert (adapter / WEIGHTS).is_file()
