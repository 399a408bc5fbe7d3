from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.export.paddle_format import SHARD, read_adapter
from buqi.export.pdparams import read_pdparams
from tests.helpers import change_json

HERE = Path(__file__).parent / "paddle"


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('ran')",))


def test_hostile_and_broken_files(tmp_path):
    def adapter(name: str, layout: str = "pdparams") -> Path:
        return Path(shutil.copytree(HERE / layout, tmp_path / name))

    evil = adapter("evil") / "lora_model_state.pdparams"
    evil.write_bytes(pickle.dumps({"qwen2.layers.0.self_attn.q_proj.lora_A": Evil()}))
    with pytest.raises(BuqiError, match="names builtins.exec"):
        read_pdparams(evil)
    whole = (HERE / "pdparams" / "lora_model_state.pdparams").read_bytes()
    for length in (0, 3, 50, 400, 2000, len(whole) - 1):
        evil.write_bytes(whole[:length])
        with pytest.raises(BuqiError, match="not a file of arrays"):
            read_pdparams(evil)
    cut = adapter("cut", "unified") / SHARD
    cut.write_bytes(cut.read_bytes()[:1000])
    with pytest.raises(BuqiError, match="broken or not safetensors"):
        read_adapter(cut.parent)
    cut.unlink()
    with pytest.raises(BuqiError, match="which is not there"):
        read_adapter(cut.parent)
    mora = adapter("mora")
    change_json(mora / "lora_config.json", use_mora=True)
    with pytest.raises(BuqiError, match="MoRA"):
        read_adapter(mora)
    with pytest.raises(UsageError, match="expected lora_config.json"):
        read_adapter(tmp_path / "none")
