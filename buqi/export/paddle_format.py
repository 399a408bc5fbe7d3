"""The files of PaddleNLP's LoRA adapters.

PaddleNLP keeps a linear layer as [in, out], so its factors are the transposes of PEFT's, under names that begin with
``qwen2.``. It saves them as ``lora_model_state.pdparams`` (a pickle) or, with unified checkpoints, as
``peft_model-*.safetensors`` with an index. Layouts: PaddleNLP 3.0.0b4.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.errors import BuqiError, UsageError, explained
from buqi.export.factors import Factors
from buqi.export.pdparams import read_pdparams
from buqi.files import read_json, write_json
from buqi.foreign import IndexFile, PaddleFile, parsed
from buqi.seal import check_seal

CONFIG = "lora_config.json"
PICKLED = "lora_model_state.pdparams"
INDEX = "peft_model.safetensors.index.json"
SHARD = "peft_model-00001-of-00001.safetensors"
PADDLE_FACTOR = re.compile(r"qwen2\.(layers\.\d+\.[a-z_.]+)\.lora_([AB])")
NO_LORA = {"use_mora": "MoRA", "lora_use_mixer": "MosLoRA", "enable_lora_list": "a partly adapted layer"}


@dataclass(frozen=True)
class PaddleAdapter:
    """An adapter of PaddleNLP.

    Attributes:
        factors: by layer, as PEFT has them.
        scaling: what every product is multiplied with.
        pissa: trained from the largest singular values, which were taken out of the base and not saved.
        base_name: the base that it says it was trained on.
        config: ``lora_config.json``.
    """

    factors: dict[str, Factors]
    scaling: float
    pissa: bool
    base_name: str
    config: Mapping[str, Any]


def read_adapter(folder: Path) -> PaddleAdapter:
    """Read an adapter that PaddleNLP saved, in either layout.

    Raises:
        UsageError: no such adapter there.
        BuqiError: broken or cut files, a pickle that holds more than arrays, or a kind of adapter that is not LoRA.
    """
    path = folder / CONFIG
    if not path.is_file():
        found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) if folder.is_dir() else "no such folder"
        raise UsageError(f"{folder}: expected {CONFIG} and {PICKLED} or {INDEX}, found {found or 'nothing'}")
    check_seal(folder, "export it again", whole=True)
    parsed(path, PaddleFile)
    config = read_json(path)
    for key, what in NO_LORA.items():
        if config.get(key):
            raise BuqiError(f"{path}: {key} is set; {what} is no LoRA that PEFT could run")
    if int(config.get("tensor_parallel_degree") or 1) > 1:
        raise BuqiError(f"{path}: saved in {config['tensor_parallel_degree']} parts; merge them in PaddleNLP")
    if config.get("trainable_bias"):
        raise BuqiError(f"{path}: trained biases cannot be taken over")
    raw = _safetensors(folder) if (folder / INDEX).is_file() else _pickled(folder)
    try:
        rank, alpha = int(config["r"]), float(config["lora_alpha"])
    except (KeyError, TypeError, ValueError) as error:
        raise BuqiError(f"{path}: r and lora_alpha must be numbers") from error
    pissa = bool(config.get("pissa"))
    scaling = 1.0 if pissa else alpha / (math.sqrt(rank) if config.get("rslora") else rank)
    factors = _factors(folder, raw, scaling)
    for layer, one in factors.items():
        if len(one.a) != rank:
            raise BuqiError(f"{path}: r is {rank}, but {layer} has rank {len(one.a)}")
    return PaddleAdapter(factors, scaling, pissa, str(config.get("base_model_name_or_path") or ""), config)


def _pickled(folder: Path) -> dict[str, NDArray[Any]]:
    if not (folder / PICKLED).is_file():
        raise UsageError(f"{folder}: {CONFIG} is there, but neither {PICKLED} nor {INDEX}")
    return read_pdparams(folder / PICKLED)


def _safetensors(folder: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    found: dict[str, NDArray[Any]] = {}
    for shard in sorted(set(parsed(folder / INDEX, IndexFile).weight_map.values())):
        path = folder / shard
        if not path.is_file():
            raise BuqiError(f"{folder / INDEX}: names {shard}, which is not there")
        with explained(f"{path}: broken or not safetensors", SafetensorError):
            found |= load_file(path)
    return found


def _factors(folder: Path, raw: Mapping[str, NDArray[Any]], scaling: float) -> dict[str, Factors]:
    halves: dict[str, dict[str, NDArray[np.float32]]] = {}
    for name, value in sorted(raw.items()):
        match = PADDLE_FACTOR.fullmatch(name)
        if match is None:
            raise BuqiError(f"{folder}: tensor {name} is no LoRA factor of a Qwen2 model")
        if value.ndim != 2 or value.dtype.kind not in "fu":
            raise BuqiError(f"{folder}: tensor {name}: expected a matrix, found {value.dtype}{list(value.shape)}")
        if value.dtype == np.uint16:  # how Paddle keeps bfloat16
            value = (value.astype(np.uint32) << 16).view(np.float32)
        if not np.isfinite(value).all():
            raise BuqiError(f"{folder}: tensor {name} holds numbers that are not finite (NaN or infinity)")
        halves.setdefault(match[1], {})[match[2]] = np.ascontiguousarray(value.T.astype(np.float32))
    if not halves:
        raise BuqiError(f"{folder}: holds no LoRA factors")
    for layer, half in halves.items():
        if len(half) < 2:
            raise BuqiError(f"{folder}: {layer} has only one of lora_A and lora_B")
        if half["A"].shape[0] != half["B"].shape[1]:
            raise BuqiError(f"{folder}: the factors of {layer} have different ranks")
    return {layer: Factors(half["A"], half["B"], scaling) for layer, half in halves.items()}


def write_adapter(folder: Path, factors: Mapping[str, Factors], rank: int, config: Any, base_name: str) -> None:
    """Write factors, all of ``rank``, into ``folder`` as a unified checkpoint; ``config`` is PEFT's."""
    from safetensors.numpy import save_file

    weights = {}
    for layer, found in factors.items():
        weights[f"qwen2.{layer}.lora_A"] = np.ascontiguousarray(found.a.T)
        weights[f"qwen2.{layer}.lora_B"] = np.ascontiguousarray(found.b.T)
    save_file(weights, folder / SHARD, metadata={"format": "np"})
    size = sum(value.nbytes for value in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": dict.fromkeys(weights, SHARD), "type": "lora"}
    write_json(folder / INDEX, index)
    record = {
        "base_model_name_or_path": base_name,
        "dtype": "float32",
        "enable_lora_list": None,
        "head_dim": None,
        "lora_alpha": config.lora_alpha,
        "lora_dropout": config.lora_dropout,
        "merge_weights": False,
        "pissa": False,
        "r": rank,
        "rslora": bool(config.use_rslora),
        "target_modules": [f".*{name}.*" for name in sorted({layer.rpartition(".")[2] for layer in factors})],
        "tensor_parallel_degree": 1,
        "trainable_bias": None,
        "trainable_modules": None,
    }
    write_json(folder / CONFIG, record)
