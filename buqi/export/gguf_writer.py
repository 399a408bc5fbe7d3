"""A Qwen2 Hugging Face folder as a ``.gguf`` file, with tokenizer, chat template and task inside.

Rows of Qwen2.5-0.5B are 896 long, no multiple of the 256 that K-quants need, so the block formats of 32 are used
(llama.cpp's own Q4_K_M falls back to them for most of this model).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.base.gguf_file import CONTROL, LAYER_NAMES, UNUSED, USER_DEFINED
from buqi.errors import BuqiError
from buqi.export.gptq import QUANT_BLOCK, inputs_of, round_q4_1
from buqi.task import FILE as TASK_FILE

NORMAL = 1  # llama.cpp's token type
TASK_KEY = "buqi.task"
TOP_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
# Types by bits: (linear layers, embedding, which is also the output). Chosen by measurement: docs/background/log.md.
TYPES = {8: ("Q8_0", "Q8_0"), 4: ("Q4_1", "Q8_0"), 16: ("F16", "F16"), 32: ("F32", "F32")}


def write_gguf(
    folder: Path,
    path: Path,
    types: tuple[str, str],
    progress: Callable[[int, int], None] = lambda *_: None,
    inputs: Mapping[str, Any] | None = None,
) -> None:
    """Write ``folder`` as ``path``.

    Args:
        folder: a Qwen2 model with tokenizer.
        path: the file to write; it must not matter if it is left half-written.
        types: of the linear layers and of the embedding, as `gguf.GGMLQuantizationType` names them.
        progress: called with tensors done and in all.
        inputs: of `buqi.export.gptq.calibrate`: Q4_1 layers are then rounded so that their outputs change least.

    Raises:
        BuqiError: another architecture, or weights that cannot be read.
    """
    from gguf import GGUFWriter

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "qwen2":
        raise BuqiError(f"{folder}: architecture {config.get('model_type')!r}; expected qwen2 (Qwen2 and Qwen2.5)")
    writer = GGUFWriter(path, "qwen2")
    try:
        _metadata(writer, folder, config, types)
        names = _tensor_names(folder)
        for number, name in enumerate(names, 1):
            _add(writer, name, _tensor(folder, name), types, inputs)
            progress(number, len(names))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def gguf_name(name: str) -> str:
    """Return llama.cpp's name of a Hugging Face tensor.

    Raises:
        BuqiError: no tensor of a Qwen2 model.
    """
    if name in TOP_NAMES:
        return TOP_NAMES[name]
    for ours, theirs in LAYER_NAMES.items():
        head, _, rest = name.removeprefix("model.layers.").partition(".")
        if name.startswith("model.layers.") and rest.rpartition(".")[0] == theirs:
            return f"blk.{head}.{ours}.{rest.rpartition('.')[2]}"
    raise BuqiError(f"tensor {name}: not one of a Qwen2 model")


def _tensor_files(folder: Path) -> Iterator[Path]:
    found = sorted(folder.glob("model*.safetensors"))
    if not found:
        raise BuqiError(f"{folder}: no model*.safetensors in it")
    yield from found


def _tensor_names(folder: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    names: list[str] = []
    for path in _tensor_files(folder):
        try:
            with safe_open(path, framework="pt") as file:
                names += file.keys()
        except SafetensorError as error:
            raise BuqiError(f"{path}: broken or not safetensors ({error})") from error
    return sorted(names, key=lambda name: (name not in TOP_NAMES, name))


def _tensor(folder: Path, name: str) -> NDArray[np.float32]:
    from safetensors import safe_open

    for path in _tensor_files(folder):
        with safe_open(path, framework="pt") as file:
            if name in file.keys():  # noqa: SIM118 (not a dict)
                values: NDArray[np.float32] = file.get_tensor(name).float().numpy()
                return values
    raise BuqiError(f"{folder}: tensor {name} is gone")


def _add(
    writer: Any, name: str, values: NDArray[np.float32], types: tuple[str, str], inputs: Mapping[str, Any] | None
) -> None:
    from gguf import GGMLQuantizationType, quantize

    kind = "F32"
    if values.ndim == 2:
        kind = types[1] if name in TOP_NAMES else types[0]
        if kind not in ("F32", "F16") and values.shape[1] % QUANT_BLOCK:
            kind = "F16"
    wanted = GGMLQuantizationType[kind]
    seen = inputs_of(name, dict(inputs)) if inputs and kind == "Q4_1" else None
    if seen is not None:
        writer.add_tensor(gguf_name(name), round_q4_1(np.ascontiguousarray(values), seen), raw_dtype=wanted)
        return
    writer.add_tensor(gguf_name(name), quantize(np.ascontiguousarray(values), wanted), raw_dtype=wanted)


def _metadata(writer: Any, folder: Path, config: dict[str, Any], types: tuple[str, str]) -> None:
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    names = {"Q8_0": "MOSTLY_Q8_0", "Q4_0": "MOSTLY_Q4_0", "Q4_1": "MOSTLY_Q4_1", "Q5_0": "MOSTLY_Q5_0",
             "Q5_1": "MOSTLY_Q5_1", "F16": "MOSTLY_F16", "F32": "ALL_F32"}  # fmt: skip
    rope = config.get("rope_parameters") or {}
    writer.add_name(folder.name)
    writer.add_file_type(LlamaFileType[names[types[0]]])
    writer.add_quantization_version(GGML_QUANT_VERSION)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(float(rope.get("rope_theta", config.get("rope_theta", 10000.0))))
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    _tokenizer(writer, folder, config)
    task = folder / TASK_FILE
    if task.is_file():
        writer.add_string(TASK_KEY, task.read_text(encoding="utf-8"))


def _tokenizer(writer: Any, folder: Path, config: dict[str, Any]) -> None:
    from buqi.base import load_tokenizer

    tokenizer = load_tokenizer(folder)
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    added = tokenizer.added_tokens_decoder
    tokens, kinds = [], []
    by_id = {i: token for token, i in tokenizer.get_vocab().items()}
    for i in range(config["vocab_size"]):
        if i in added:
            tokens.append(added[i].content)
            kinds.append(CONTROL if added[i].special else USER_DEFINED)
        else:
            tokens.append(by_id.get(i, f"[PAD{i}]"))
            kinds.append(NORMAL if i in by_id else UNUSED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in model["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)
