"""An adapter in 16 bits is half as large, answers alike, and says what it is."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import load_file

from buqi.artefact import WEIGHTS, attach_adapter, read_run, write_run
from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError, UsageError
from buqi.export.parity import LIMITS
from buqi.export.rounded import round_adapter
from buqi.task import ADDRESS
from tests.helpers import make_adapter


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
    ids = torch.tensor([ADDRESS.prompt_ids(load_tokenizer(tiny), "碑林区")])
    one, other = (last_logits(tiny, folder, ids) for folder in (adapter, tmp_path / "b"))
    torch.testing.assert_close(one, other, atol=0.05, rtol=0.05)


def last_logits(base, adapter, ids):
    """Return the logits of the token behind ``ids``."""
    with torch.inference_mode():
        return attach_adapter(load_model(base), adapter, "x").eval()(input_ids=ids).logits[0, -1]


def test_what_cannot_be_rounded_is_refused(tiny, tmp_path, monkeypatch):
    adapter = make_adapter(tiny, tmp_path / "a", 1)
    with pytest.raises(UsageError, match="expected one of float32"):
        round_adapter(tiny, adapter, tmp_path / "b", "int4")
    with pytest.raises(UsageError, match="exists"):
        round_adapter(tiny, adapter, adapter, "float16")
    monkeypatch.setitem(LIMITS, "float16", (0.0, 1.0))
    with pytest.raises(BuqiError, match="was not written"):
        round_adapter(tiny, adapter, tmp_path / "b", "float16")
    assert not (tmp_path / "b").exists()
    assert (adapter / WEIGHTS).is_file()
