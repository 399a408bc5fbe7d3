"""``model`` shows and fetches a base."""

from __future__ import annotations

import json

from buqi.base import load_model
from tests.helpers import buqi


def test_model_show(tiny, tmp_path):
    record = json.loads(buqi("model", "show", tiny, "--json").stdout)
    assert record["tied"]
    assert record["architecture"] == "Qwen2ForCausalLM"
    assert record["parameters"] == sum(p.numel() for p in load_model(tiny).parameters())
    assert str(tiny) in buqi("model", "fetch", tiny).stdout
