from __future__ import annotations

import pytest

from buqi.config import Config, make_config, notes
from tests.config import MINIMUM


@pytest.mark.parametrize(
    ("asked", "units", "half", "said"),
    [
        ({}, True, False, ""),
        ({"fp16": True}, False, False, "a CPU has no fast fp16"),
        ({"fp16": True}, True, True, "products in bf16, what is trained in fp32"),
        ({"bf16": True}, True, True, "products in bf16"),
        ({"bf16": True}, False, True, "slower than fp32 on this CPU"),
        ({"fp16": True, "weight_quantize_algo": "nf4"}, True, False, "a quantised base computes in fp32"),
    ],
)
def test_half_precision_is_used_where_the_cpu_gains_by_it(monkeypatch, asked, units, half, said):
    for module in ("buqi.config.keys", "buqi.config.rules"):
        monkeypatch.setattr(f"{module}.fast_bf16", lambda: units)
    config = make_config(MINIMUM | asked)
    assert config.half == half
    assert said in "\n".join(notes(config, gpu=False))


def test_schema_names_every_key():
    assert set(Config.model_json_schema()["properties"]) == set(Config.model_fields)
