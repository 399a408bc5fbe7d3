"""PiSSA saved as an ordinary LoRA of the original base.

PiSSA (Meng et al. 2024) takes the largest singular values out of each weight: ``W = R + s·B₀A₀``, and trains ``A`` and
``B`` from ``A₀`` and ``B₀`` on the residual ``R``. What it learnt is ``s·(BA - B₀A₀)``, which is itself a LoRA of
twice the rank: ``s·[B, -B₀][A; A₀]``. So ``W`` stays as it is, and any stack opens the adapter.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from buqi.artefact import ADAPTER_CONFIG, WEIGHTS
from buqi.errors import BuqiError
from buqi.files import read_json, whole_folder, write_json

INITIAL_FOLDER = "initial"  # folder beside the checkpoints: the adapter before the first step


def keep_initial(model: Any, folder: Path) -> None:
    """Write the adapter as it is before the first step, or check that a resumed run starts from the same adapter.

    Raises:
        BuqiError: the singular values differ from those of the run that is resumed.
    """
    import torch
    from safetensors.torch import load_file

    path = folder / INITIAL_FOLDER
    if (path / WEIGHTS).is_file():
        from peft import get_peft_model_state_dict

        before, now = load_file(path / WEIGHTS), get_peft_model_state_dict(model, save_embedding_layers=False)
        if before.keys() != now.keys() or not all(torch.equal(before[key], now[key].cpu()) for key in before):
            raise BuqiError(f"{path}: PiSSA starts otherwise on this machine; resume where the run began")
        return
    with whole_folder(path) as draft:
        model.save_pretrained(draft, save_embedding_layers=False)
        (draft / "README.md").unlink(missing_ok=True)


def as_lora(adapter: Path, initial: Path) -> None:
    """Rewrite the PiSSA adapter in ``adapter`` as an ordinary LoRA of twice the rank."""
    import torch
    from safetensors.torch import load_file, save_file

    end, start = load_file(adapter / WEIGHTS), load_file(initial / WEIGHTS)
    joined = {}
    for name, tensor in end.items():
        first = "lora_A" in name
        joined[name] = torch.cat([tensor, start[name] if first else -start[name]], dim=0 if first else 1).contiguous()
    save_file(joined, adapter / WEIGHTS, metadata={"format": "pt"})
    path = adapter / ADAPTER_CONFIG
    config = read_json(path)
    # the scale s must stay: alpha/r, or alpha/√r for rsLoRA, with twice the r
    grown = math.sqrt(2) if config.get("use_rslora") else 2
    config |= {"r": 2 * config["r"], "lora_alpha": grown * config["lora_alpha"], "init_lora_weights": True}
    config["rank_pattern"] = {key: 2 * rank for key, rank in (config.get("rank_pattern") or {}).items()}
    config["alpha_pattern"] = {key: grown * alpha for key, alpha in (config.get("alpha_pattern") or {}).items()}
    write_json(path, config)
