"""``python -m tests.gpu.base BASE FOLDER``: print the folder of a base; without weights in it, make random ones.

A machine that reaches no registry gets a folder with configuration and tokenizer (12 MB); speed and exactness do not
ask what the weights are.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from buqi.base import resolve


def base_folder(named: str, target: Path) -> Path:
    """Return a folder that can be trained from."""
    if not (Path(named) / "config.json").is_file() or (Path(named) / "model.safetensors").is_file():
        return resolve(named)
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    if not (target / "model.safetensors").is_file():
        shutil.copytree(named, target, dirs_exist_ok=True)
        torch.manual_seed(0)
        AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(named)).float().save_pretrained(target)
    return target


if __name__ == "__main__":
    print(base_folder(sys.argv[1], Path(sys.argv[2])))
