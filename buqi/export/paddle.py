"""LoRA adapters of PaddleNLP, in and out.

PaddleNLP keeps a linear layer as [in, out], so its factors are the transposes of PEFT's, under names that begin with
``qwen2.``. It saves them as ``lora_model_state.pdparams`` (a pickle) or, with unified checkpoints, as
``peft_model-*.safetensors`` with an index. Layouts and formulas: PaddleNLP 3.0.0b4, checked against it in
``tests/export/test_paddle.py``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.artefact import WEIGHTS, attach_adapter, check_adapter, read_run, versions, write_run
from buqi.base import fingerprint, load_model, load_tokenizer
from buqi.errors import BuqiError, UsageError
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.export.pdparams import read_pdparams
from buqi.files import whole_folder
from buqi.task import Task

CONFIG = "lora_config.json"
PICKLED = "lora_model_state.pdparams"
INDEX = "peft_model.safetensors.index.json"
SHARD = "peft_model-00001-of-00001.safetensors"
PADDLE_FACTOR = re.compile(r"qwen2\.(layers\.\d+\.[a-z_.]+)\.lora_([AB])")
PEFT_FACTOR = re.compile(r"base_model\.model\.model\.(layers\.\d+\.[a-z_.]+)\.lora_([AB])\.weight")
Factors = dict[
    str, NDArray[np.float32]
]  # "layers.0.self_attn.q_proj.A": [in, r]; ".B": [r, out]; as PaddleNLP has them


@dataclass(frozen=True)
class PaddleAdapter:
    """An adapter as PaddleNLP means it: ``y = x·W + scaling · x·A·B``.

    Attributes:
        factors: [in, r] and [r, out] by layer.
        scaling: what the product is multiplied with.
        pissa: trained from the largest singular values, which were taken out of the base and not saved.
        base_name: the base that it says it was trained on.
        config: ``lora_config.json``.
    """

    factors: Factors
    scaling: float
    pissa: bool
    base_name: str
    config: Mapping[str, Any]

    @property
    def layers(self) -> list[str]:
        """Names of the adapted layers."""
        return sorted({name[:-2] for name in self.factors})

    def change(self, layer: str, weight: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the adapter adds to a layer's [in, out] weight of the original base."""
        added: NDArray[np.float32] = np.float32(self.scaling) * (
            self.factors[f"{layer}.A"] @ self.factors[f"{layer}.B"]
        )
        if self.pissa:
            left, right = largest(weight, self.factors[f"{layer}.A"].shape[1])
            added = added - left @ right
        return added


def largest(weight: NDArray[np.float32], rank: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return factors whose product is the part of ``weight`` with the ``rank`` largest singular values (PiSSA)."""
    u, s, v = np.linalg.svd(weight.astype(np.float64), full_matrices=False)
    root = np.sqrt(s[:rank])
    return (u[:, :rank] * root).astype(np.float32), (root[:, None] * v[:rank]).astype(np.float32)


def read_adapter(folder: Path) -> PaddleAdapter:
    """Read an adapter that PaddleNLP saved, in either layout.

    Raises:
        UsageError: no such adapter there.
        BuqiError: broken or cut files, a pickle that holds more than arrays, or a kind of adapter that is not LoRA.
    """
    if not (folder / CONFIG).is_file():
        found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) if folder.is_dir() else "no such folder"
        raise UsageError(f"{folder}: expected {CONFIG} and {PICKLED} or {INDEX}, found {found or 'nothing'}")
    config = _json(folder / CONFIG)
    for key, what in (
        ("use_mora", "MoRA"),
        ("lora_use_mixer", "MosLoRA"),
        ("enable_lora_list", "a partly adapted layer"),
    ):
        if config.get(key):
            raise BuqiError(f"{folder / CONFIG}: {key} is set; {what} is no LoRA that PEFT could run")
    if int(config.get("tensor_parallel_degree") or 1) > 1:
        raise BuqiError(
            f"{folder / CONFIG}: saved in {config['tensor_parallel_degree']} parts; merge them in PaddleNLP"
        )
    if config.get("trainable_bias"):
        raise BuqiError(f"{folder / CONFIG}: trained biases cannot be taken over")
    raw = _safetensors(folder) if (folder / INDEX).is_file() else _pickled(folder)
    factors = _factors(folder, raw)
    try:
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (KeyError, TypeError, ValueError) as error:
        raise BuqiError(f"{folder / CONFIG}: r and lora_alpha must be numbers") from error
    pissa = bool(config.get("pissa"))
    scaling = 1.0 if pissa else alpha / (math.sqrt(rank) if config.get("rslora") else rank)
    return PaddleAdapter(factors, scaling, pissa, str(config.get("base_model_name_or_path") or ""), config)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BuqiError(f"{path}: broken ({error})") from error
    if not isinstance(found, dict):
        raise BuqiError(f"{path}: expected an object, found {type(found).__name__}")
    return found


def _pickled(folder: Path) -> dict[str, NDArray[Any]]:
    path = folder / PICKLED
    if not path.is_file():
        raise UsageError(f"{folder}: {CONFIG} is there, but neither {PICKLED} nor {INDEX}")
    return read_pdparams(path)


def _safetensors(folder: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    shards = sorted(set(_json(folder / INDEX).get("weight_map", {}).values()))
    found: dict[str, NDArray[Any]] = {}
    for shard in shards:
        path = folder / shard
        if Path(shard).name != shard or not path.is_file():
            raise BuqiError(f"{folder / INDEX}: names {shard}, which is not there")
        try:
            found |= load_file(path)
        except SafetensorError as error:
            raise BuqiError(f"{path}: broken or not safetensors ({error})") from error
    return found


def _factors(folder: Path, raw: Mapping[str, NDArray[Any]]) -> Factors:
    factors: Factors = {}
    for name, value in raw.items():
        match = PADDLE_FACTOR.fullmatch(name)
        if match is None:
            raise BuqiError(f"{folder}: tensor {name} is no LoRA factor of a Qwen2 model")
        if value.ndim != 2 or value.dtype.kind not in "fu":
            raise BuqiError(f"{folder}: tensor {name}: expected a matrix, found {value.dtype}{list(value.shape)}")
        if value.dtype == np.uint16:  # how Paddle keeps bfloat16
            value = (value.astype(np.uint32) << 16).view(np.float32)
        factors[f"{match[1]}.{match[2]}"] = value.astype(np.float32)
    layers = {name[:-2] for name in factors}
    if not layers:
        raise BuqiError(f"{folder}: holds no LoRA factors")
    if halves := sorted(layer for layer in layers if not {f"{layer}.A", f"{layer}.B"} <= factors.keys()):
        raise BuqiError(f"{folder}: {halves[0]} has only one of lora_A and lora_B")
    for layer in layers:
        if factors[f"{layer}.A"].shape[1] != factors[f"{layer}.B"].shape[0]:
            raise BuqiError(f"{folder}: the factors of {layer} have different ranks")
    return factors


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
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; name another --output_path, or add --overwrite")
    say("reading")
    adapter = read_adapter(folder)
    tokenizer = load_tokenizer(base)
    model = load_model(base, device="cpu").eval()
    layers = dict(model.model.named_modules())
    for layer in adapter.layers:
        _fits(adapter, layer, layers.get(layer))
    with whole_folder(target) as draft:
        _write_peft(adapter, layers, draft)
        task.save(draft, tokenizer)
        origin = {"folder": folder.name, "base": adapter.base_name, "pissa": adapter.pissa}
        record = {"base": {"spec": str(base), "fingerprint": fingerprint(base)}, "imported_from": origin}
        write_run(draft, record | {"task": task.fingerprint, "versions": versions()})
        say("comparing logits with PaddleNLP's formula")
        expected = _added_to_base(adapter, model, layers, tokenizer, task)
        tuned = attach_adapter(load_model(base, device="cpu"), draft).eval()
        parity = compare(expected, prompt_logits(tuned, tokenizer, task), TOLERANCE)
        if not parity.passed:
            raise BuqiError(
                f"{folder}: the adapter written differs from PaddleNLP's formula: largest logit difference "
                f"{parity.largest_difference:.2g} (allowed {TOLERANCE:g}); {target} was not written"
            )
        (draft / "parity.json").write_text(json.dumps(parity.as_json(), indent=2) + "\n")
    return parity


def _fits(adapter: PaddleAdapter, layer: str, module: Any) -> None:
    wanted = (adapter.factors[f"{layer}.A"].shape[0], adapter.factors[f"{layer}.B"].shape[1])
    has = (module.in_features, module.out_features) if hasattr(module, "in_features") else None
    if has != wanted:
        raise BuqiError(
            f"the adapter's {layer} is {wanted[0]} → {wanted[1]}, the base has "
            f"{f'{has[0]} → {has[1]}' if has else 'no such layer'}: name the base it was trained on"
            + (f" ({adapter.base_name})" if adapter.base_name else "")
        )


def _write_peft(adapter: PaddleAdapter, layers: Mapping[str, Any], draft: Path) -> None:
    from peft import LoraConfig
    from safetensors.numpy import save_file

    weights = {}
    for layer in adapter.layers:
        a, b = adapter.factors[f"{layer}.A"], adapter.factors[f"{layer}.B"]
        if adapter.pissa:
            left, right = largest(layers[layer].weight.detach().numpy().T, a.shape[1])
            a, b = np.hstack([a, -left]), np.vstack([b, right])
        stem = f"base_model.model.model.{layer}"
        weights[f"{stem}.lora_A.weight"] = np.ascontiguousarray(a.T)
        weights[f"{stem}.lora_B.weight"] = np.ascontiguousarray(b.T)
    ranks = {weights[name].shape[0] for name in weights if ".lora_A." in name}
    if len(ranks) > 1:
        raise BuqiError(f"the adapter's layers have ranks {sorted(ranks)}; PaddleNLP saves one")
    rank = ranks.pop()
    config: Any = LoraConfig(
        task_type="CAUSAL_LM",
        r=rank,
        lora_alpha=rank if adapter.pissa else adapter.config["lora_alpha"],
        lora_dropout=float(adapter.config.get("lora_dropout") or 0.0),
        use_rslora=bool(adapter.config.get("rslora")) and not adapter.pissa,
        target_modules=sorted({layer.rpartition(".")[2] for layer in adapter.layers}),
        inference_mode=True,
    )
    config.base_model_name_or_path = adapter.base_name
    config.save_pretrained(draft)
    save_file(weights, draft / WEIGHTS, metadata={"format": "pt"})


def _added_to_base(
    adapter: PaddleAdapter, model: Any, layers: Mapping[str, Any], tokenizer: Any, task: Task
) -> list[Any]:
    """Return the logits of the base with PaddleNLP's formula added to its weights."""
    import torch

    for layer in adapter.layers:
        weight = layers[layer].weight
        with torch.no_grad():
            weight += torch.from_numpy(np.ascontiguousarray(adapter.change(layer, weight.numpy().T.copy()).T))
    return prompt_logits(model, tokenizer, task)


def export_paddle(adapter: Path, base: Path, target: Path, overwrite: bool = False) -> PaddleAdapter:
    """Write a PEFT LoRA adapter as PaddleNLP's unified checkpoint, and return it.

    Layers of a lower rank are filled up with zeros and their scale goes into B, since PaddleNLP knows one rank and one
    alpha for all.

    Raises:
        UsageError: no adapter of this base, or ``target`` exists.
        BuqiError: DoRA, which PaddleNLP has not.
    """
    from peft import PeftConfig
    from safetensors.numpy import load_file, save_file

    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; name another --output_path, or add --overwrite")
    check_adapter(adapter, base)
    config: Any = PeftConfig.from_pretrained(adapter)
    if config.use_dora:
        raise BuqiError(f"{adapter}: DoRA, which PaddleNLP has not; merge it instead (buqi merge)")
    raw = load_file(adapter / WEIGHTS)
    rank = max(value.shape[0] for name, value in raw.items() if ".lora_A." in name)
    model = attach_adapter(load_model(base, device="cpu"), adapter)
    scalings = {
        name.removeprefix("base_model.model.model."): module.scaling["default"]
        for name, module in model.named_modules()
        if hasattr(module, "lora_A")
    }
    scaling = config.lora_alpha / (math.sqrt(rank) if config.use_rslora else rank)
    factors: Factors = {}
    for name, value in raw.items():
        match = PEFT_FACTOR.fullmatch(name)
        if match is None:
            raise BuqiError(f"{adapter}: tensor {name} is no LoRA factor; PaddleNLP could not load it")
        layer, kind = match[1], match[2]
        if kind == "B":
            value = value * (scalings[layer] / scaling)
        short = rank - (value.shape[0] if kind == "A" else value.shape[1])
        value = np.pad(value, ((0, short), (0, 0)) if kind == "A" else ((0, 0), (0, short)))
        factors[f"{layer}.{kind}"] = np.ascontiguousarray(value.T.astype(np.float32))
    base_name = str(config.base_model_name_or_path or read_run(adapter).get("base", {}).get("spec") or "")
    record = _paddle_config(config, rank, base_name, sorted({name[:-2].rpartition(".")[2] for name in factors}))
    with whole_folder(target) as draft:
        weights = {f"qwen2.{name[:-2]}.lora_{name[-1]}": value for name, value in factors.items()}
        save_file(weights, draft / SHARD, metadata={"format": "np"})
        index = {
            "metadata": {"total_size": sum(value.nbytes for value in weights.values())},
            "weight_map": dict.fromkeys(weights, SHARD),
            "type": "lora",
        }
        (draft / INDEX).write_text(json.dumps(index, indent=2) + "\n")
        (draft / CONFIG).write_text(json.dumps(record, indent=2, sort_keys=True) + "\n")
        return read_adapter(draft)


def _paddle_config(config: Any, rank: int, base_name: str, modules: list[str]) -> dict[str, Any]:
    return {
        "base_model_name_or_path": base_name,
        "r": rank,
        "lora_alpha": config.lora_alpha,
        "lora_dropout": config.lora_dropout,
        "rslora": bool(config.use_rslora),
        "pissa": False,
        "target_modules": [f".*{name}.*" for name in modules],
        "trainable_modules": None,
        "trainable_bias": None,
        "enable_lora_list": None,
        "merge_weights": False,
        "tensor_parallel_degree": 1,
        "dtype": "float32",
        "head_dim": None,
    }
