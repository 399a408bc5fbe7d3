from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from buqi.artefact import WEIGHTS
from buqi.errors import BuqiError
from buqi.tune.pissa import INITIAL_FOLDER, as_lora
from tests.helpers import run, weights


def test_the_saved_adapter_is_what_the_factors_changed(tmp_path):
    torch.manual_seed(0)
    names = {"lora_A": (2, 6), "lora_B": (5, 2)}
    for folder in ("end", "start"):
        (tmp_path / folder).mkdir()
        factors = {f"layer.{name}.weight": torch.randn(shape) for name, shape in names.items()}
        save_file(factors, tmp_path / folder / WEIGHTS)
    end, start = (load_file(tmp_path / folder / WEIGHTS) for folder in ("end", "start"))
    a, b = "layer.lora_A.weight", "layer.lora_B.weight"
    config = {"r": 2, "lora_alpha": 4, "use_rslora": True, "rank_pattern": {"x": 3}}
    (tmp_path / "end" / "adapter_config.json").write_text(json.dumps(config))
    as_lora(tmp_path / "end", tmp_path / "start")
    joined = load_file(tmp_path / "end" / WEIGHTS)
    torch.testing.assert_close(joined[b] @ joined[a], end[b] @ end[a] - start[b] @ start[a])
    written = json.loads((tmp_path / "end" / "adapter_config.json").read_text())
    assert (written["r"], written["rank_pattern"]) == (4, {"x": 6})
    assert written["lora_alpha"] / written["r"] ** 0.5 == pytest.approx(4 / 2**0.5), "the scale stays"


def test_it_is_an_ordinary_lora_of_twice_the_rank_and_resumes_from_the_same_factors_alone(tiny, data, tmp_path):
    changes = {"pissa": True, "lora_rank": 4, "num_train_epochs": 1}
    run(tiny, data, tmp_path / "out", **changes)
    config = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert (config["r"], config["lora_alpha"], config["init_lora_weights"]) == (8, 8, True)
    initial = tmp_path / "out" / INITIAL_FOLDER / WEIGHTS
    save_file({name: value + 1 for name, value in weights(initial.parent).items()}, initial)
    with pytest.raises(BuqiError, match="starts otherwise on this machine"):
        run(tiny, data, tmp_path / "out", resume=True, **changes)
