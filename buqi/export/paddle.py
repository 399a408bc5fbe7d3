"""Import and export of PaddleNLP's LoRA adapters: ``y = x·W + scaling · x·A·B``, compared with PaddleNLP 3.0.0b4."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.artefact import WEIGHTS, attach_adapter, check_adapter, read_run, versions, write_run
from buqi.base import fingerprint, load_model, load_tokenizer
from buqi.errors import BuqiError
from buqi.export.factors import PEFT_STEM, Factors, read_factors
from buqi.export.paddle_format import PaddleAdapter, read_adapter, write_adapter
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.files import check_model_target, whole_folder, write_json
from buqi.task import Task


def import_paddle(
    folder: Path,
    base: Path,
    target: Path,
    task: Task,
    overwrite: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Parity:
    """Write PaddleNLP's adapter as one of PEFT's, and prove on the base that it answers as PaddleNLP's formula does.

    A PiSSA adapter becomes an ordinary LoRA of twice the rank: PaddleNLP saves only A and B of a base whose largest
    singular values were taken out, and A·B − U·S·V is what that adds to the original base.

    Raises:
        UsageError: no adapter there, or ``target`` exists.
        BuqiError: it cannot be read, or does not fit the base.
    """
    import torch

    check_model_target(target, overwrite, "--output_path", (folder, base))
    say("reading")
    adapter = read_adapter(folder)
    tokenizer = load_tokenizer(base)
    model = load_model(base, device="cpu").eval()
    modules = dict(model.model.named_modules())
    for layer, found in adapter.factors.items():
        _check_fits(layer, found, modules.get(layer), adapter.base_name)
    taken_out = _principal_parts(adapter, modules) if adapter.pissa else {}
    with whole_folder(target) as draft:
        _write_peft(adapter, taken_out, draft)
        task.save(draft, tokenizer)
        origin = {"folder": folder.name, "base": adapter.base_name, "pissa": adapter.pissa}
        record = {"base": {"spec": str(base), "fingerprint": fingerprint(base)}, "imported_from": origin}
        write_run(draft, record | {"task": task.fingerprint, "versions": versions()})
        say("comparing logits with PaddleNLP's formula")
        with torch.no_grad():
            for layer, found in adapter.factors.items():
                change = found.change - taken_out[layer].change if adapter.pissa else found.change
                modules[layer].weight += torch.from_numpy(change)
        expected = prompt_logits(model, tokenizer, task)
        tuned = attach_adapter(load_model(base, device="cpu"), draft).eval()
        parity = compare(expected, prompt_logits(tuned, tokenizer, task), TOLERANCE)
        parity.prove(f"{folder}: the adapter written differs from PaddleNLP's formula", target)
        write_json(draft / "parity.json", parity.as_json())
    return parity


def _check_fits(layer: str, found: Factors, module: Any, base_name: str) -> None:
    wanted = (found.a.shape[1], found.b.shape[0])
    has = (module.in_features, module.out_features) if hasattr(module, "in_features") else None
    if has != wanted:
        raise BuqiError(
            f"the adapter's {layer} is {wanted[0]} → {wanted[1]}, the base has "
            f"{f'{has[0]} → {has[1]}' if has else 'no such layer'}: name the base it was trained on"
            + (f" ({base_name})" if base_name else "")
        )


def _principal_parts(adapter: PaddleAdapter, modules: Mapping[str, Any]) -> dict[str, Factors]:
    """Return the part of each layer's weight that PiSSA takes out of the base: its largest singular values."""
    found = {}
    for layer, factors in adapter.factors.items():
        rank = len(factors.a)
        u, s, v = np.linalg.svd(modules[layer].weight.detach().numpy().astype(np.float64), full_matrices=False)
        root = np.sqrt(s[:rank])
        found[layer] = Factors((root[:, None] * v[:rank]).astype(np.float32), (u[:, :rank] * root).astype("f4"), 1.0)
    return found


def _write_peft(adapter: PaddleAdapter, taken_out: Mapping[str, Factors], draft: Path) -> None:
    from peft import LoraConfig
    from safetensors.numpy import save_file

    weights: dict[str, NDArray[np.float32]] = {}
    for layer, found in adapter.factors.items():
        a, b = found.a, found.b
        if less := taken_out.get(layer):
            a, b = np.vstack([a, -less.a]), np.hstack([b, less.b])
        weights |= {f"{PEFT_STEM}{layer}.lora_A.weight": a, f"{PEFT_STEM}{layer}.lora_B.weight": b}
    ranks = {value.shape[0] for name, value in weights.items() if ".lora_A." in name}
    if len(ranks) > 1:
        raise BuqiError(f"the adapter's layers have ranks {sorted(ranks)}; PaddleNLP saves one")
    rank = ranks.pop()
    config: Any = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=rank if adapter.pissa else adapter.config["lora_alpha"],
        lora_dropout=float(adapter.config.get("lora_dropout") or 0.0),
        use_rslora=bool(adapter.config.get("rslora")) and not adapter.pissa,
        target_modules=sorted({layer.rpartition(".")[2] for layer in adapter.factors}),
        inference_mode=True,
    )
    config.base_model_name_or_path = adapter.base_name
    config.save_pretrained(draft)
    save_file(weights, draft / WEIGHTS, metadata={"format": "pt"})


def export_paddle(adapter: Path, base: Path, target: Path, overwrite: bool = False) -> PaddleAdapter:
    """Write a PEFT LoRA adapter as PaddleNLP's unified checkpoint, and return it.

    PaddleNLP has one rank and one alpha for all layers. Layers of a lower rank are filled up with zeros, and their
    scale goes into B.

    Raises:
        UsageError: no adapter of this base, or ``target`` exists.
        BuqiError: DoRA, which PaddleNLP has not, or layers that the base has not.
    """
    check_model_target(target, overwrite, "--output_path", (adapter, base))
    check_adapter(adapter, base, whole=True)
    config, factors = read_factors(adapter, "PaddleNLP")
    rank = max(len(found.a) for found in factors.values())
    scaling = config.lora_alpha / (math.sqrt(rank) if config.use_rslora else rank)
    filled = {}
    for layer, found in factors.items():
        short = rank - len(found.a)
        a, b = np.pad(found.a, ((0, short), (0, 0))), np.pad(found.b * (found.scale / scaling), ((0, 0), (0, short)))
        filled[layer] = Factors(a.astype(np.float32), b.astype(np.float32), scaling)
    base_name = str(config.base_model_name_or_path or read_run(adapter).get("base", {}).get("spec") or "")
    with whole_folder(target) as draft:
        write_adapter(draft, filled, rank, config, base_name)
        return read_adapter(draft)
