"""Writes a Qwen2 Hugging Face folder as a ``.gguf`` file, with its tokenizer, chat template and task.

Rows of Qwen2.5-0.5B are 896 long, no multiple of the 256 that K-quants need, so the block formats of 32 are used
(llama.cpp's own Q4_K_M falls back to them for most of this model).
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buqi.base import load_tokenizer
from buqi.base.gguf_file import CONTROL, LAYER_NAMES, TOP_NAMES, UNUSED, USER_DEFINED
from buqi.base.gguf_header import check_gguf
from buqi.engine.llama_engine import TASK_KEY
from buqi.errors import BuqiError, UsageError, explained
from buqi.export.factors import read_factors
from buqi.export.gptq import QUANT_BLOCK, inputs_of, round_q4_1
from buqi.files import check_free, read_json, whole_file
from buqi.seal import break_seal, draft_seal, place_seal, seal_name
from buqi.shapes import shapes_in
from buqi.task import TASK_FILE

NORMAL = 1  # llama.cpp's token type
NO_NUMBER = (KeyError, TypeError, ValueError, OverflowError, struct.error)  # of a value that is missing or too large
LAYER = re.compile(r"model\.layers\.(?P<layer>\d+)\.(?P<part>.+)\.(?P<kind>[^.]+)")
# llama.cpp's names by Hugging Face's.
TOP = {theirs: name for name, theirs in TOP_NAMES.items()}
IN_LAYER = {theirs: name for name, theirs in LAYER_NAMES.items()}
# Types by bits: (linear layers, embedding, which is also the output). Chosen by measurement: docs/background/log.md.
TYPES = {8: ("Q8_0", "Q8_0"), 4: ("Q4_1", "Q8_0"), 16: ("F16", "F16"), 32: ("F32", "F32")}


def write_gguf(
    folder: Path,
    path: Path,
    types: tuple[str, str],
    progress: Callable[[int, int], None] = lambda *_: None,
    inputs: Mapping[str, Any] | None = None,
    adapter: Path | None = None,
) -> None:
    """Write ``folder`` as ``path``.

    Args:
        folder: a Qwen2 model with tokenizer.
        path: the file to write, a draft: after an error it is left half-written.
        types: of the linear layers and of the embedding, as `gguf.GGMLQuantizationType` names them.
        progress: called with tensors done and in all.
        inputs: of `buqi.export.gptq.calibrate`: Q4_1 layers are then rounded so that their outputs change least.
        adapter: a LoRA adapter of the folder, which is added to its weights in fp32.

    Raises:
        BuqiError: another architecture, weights that cannot be read, or an adapter that is more than LoRA factors.
    """
    config = read_json(folder / "config.json")
    if config.get("model_type") != "qwen2":
        raise BuqiError(f"{folder}: architecture {config.get('model_type')!r}; expected qwen2 (Qwen2 and Qwen2.5)")
    added = read_factors(adapter, "a GGUF file")[1] if adapter else {}
    with gguf_file(path) as writer:
        check_expressible(folder, config)
        with explained(f"{folder}: config.json cannot be written as GGUF", *NO_NUMBER):
            _metadata(writer, folder, config, types, adapter or folder)
        files = _tensor_files(folder)
        for number, name in enumerate(sorted(files, key=lambda name: (name not in TOP, name)), 1):
            values = _tensor(files[name], name)
            if (factors := added.get(name.removeprefix("model.").removesuffix(".weight"))) is not None:
                values += factors.change
            _add(writer, name, values, types, inputs)
            progress(number, len(files))


def check_expressible(folder: Path, config: dict[str, Any]) -> None:
    """Check that a model is a plain Qwen2: what else its configuration says has no place in the file.

    Raises:
        BuqiError: another activation, scaled rotary positions (YaRN), sliding windows or another width of heads.
    """
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    layers = config.get("layer_types") or ()
    said = {
        "hidden_act": None if config.get("hidden_act", "silu") == "silu" else config["hidden_act"],
        "rope_type": None if (kind := rope.get("rope_type", rope.get("type", "default"))) == "default" else kind,
        "layer_types": next((kind for kind in layers if kind != "full_attention"), None),
        "use_sliding_window": (not layers and config.get("use_sliding_window")) or None,
        "head_dim": None if (width := config.get("head_dim")) in (None, _head_width(config)) else width,
    }
    if odd := [f"{key} {value}" for key, value in said.items() if value is not None]:
        raise BuqiError(
            f"{folder}: config.json says {', '.join(odd)}, which the GGUF file would not say, so it would answer "
            "otherwise; use the folder itself (--engine torch)"
        )


def _head_width(config: dict[str, Any]) -> int:
    return int(config["hidden_size"] // config["num_attention_heads"])


@contextmanager
def gguf_file(path: Path) -> Iterator[Any]:
    """Yield a GGUF writer. The file is written when the block ends without an error."""
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "qwen2")
    try:
        yield writer
        writer.write_header_to_file()
        with explained("a number of config.json is too large for a GGUF file", struct.error, OverflowError):
            writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    # numpy does not say where the disk is too full for the last bytes of a small tensor
    with explained(f"{path.parent}: a file was not written whole", BuqiError, advice="make room and try again"):
        check_gguf(path)


@contextmanager
def sealed_file(path: Path) -> Iterator[Path]:
    """Yield a path that replaces ``path`` at the end, as `whole_file` does. Its seal beside it is moved right then."""
    place = path.with_name(seal_name(path))
    with whole_file(path) as draft:
        yield draft
        ready = draft_seal(place, {path.name: draft})  # to hash a large file takes seconds
        break_seal(path.parent, place.name)  # of the file that is replaced
    place_seal(ready, place)


def add_task(writer: Any, folder: Path) -> None:
    """Write the task of ``folder`` into a GGUF file, if it has one."""
    if (folder / TASK_FILE).is_file():
        writer.add_string(TASK_KEY, (folder / TASK_FILE).read_text(encoding="utf-8"))


def check_gguf_target(path: Path, overwrite: bool) -> None:
    """Raise `UsageError` where ``path`` does not end in ``.gguf``, or exists and may not be replaced."""
    if path.suffix != ".gguf":
        raise UsageError(f"--out {path}: the name must end in .gguf")
    if path.is_dir():
        raise UsageError(f"--out {path} is a folder; name a file")
    check_free(path, overwrite, "--out")


def gguf_name(name: str) -> str:
    """Return llama.cpp's name of a Hugging Face tensor; a `BuqiError` if no Qwen2 model has it."""
    if name in TOP:
        return TOP[name]
    match = LAYER.fullmatch(name)
    if match is None or match["part"] not in IN_LAYER:
        raise BuqiError(f"tensor {name}: not one of a Qwen2 model")
    return f"blk.{match['layer']}.{IN_LAYER[match['part']]}.{match['kind']}"


def _tensor_files(folder: Path) -> dict[str, Path]:
    """Return the file of each tensor by its name."""
    files: dict[str, Path] = {}
    for path in sorted(folder.glob("model*.safetensors")):
        files |= dict.fromkeys(shapes_in(path), path)
    if not files:
        raise BuqiError(f"{folder}: no model*.safetensors in it")
    return files


def _tensor(path: Path, name: str) -> NDArray[np.float32]:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        values: NDArray[np.float32] = file.get_tensor(name).float().numpy()
    return np.ascontiguousarray(values)


def _add(
    writer: Any, name: str, values: NDArray[np.float32], types: tuple[str, str], inputs: Mapping[str, Any] | None
) -> None:
    from gguf import GGMLQuantizationType, quantize

    kind = "F32"
    if values.ndim == 2:
        kind = types[1] if name in TOP else types[0]
        if kind not in ("F32", "F16") and values.shape[1] % QUANT_BLOCK:
            kind = "F16"
    seen = inputs_of(name, inputs) if inputs and kind == "Q4_1" else None
    wanted = GGMLQuantizationType[kind]
    data = quantize(values, wanted) if seen is None else round_q4_1(values, seen)
    writer.add_tensor(gguf_name(name), data, raw_dtype=wanted)


def _metadata(writer: Any, folder: Path, config: dict[str, Any], types: tuple[str, str], trained: Path) -> None:
    from gguf import GGML_QUANT_VERSION, LlamaFileType

    rope = config.get("rope_parameters") or {}
    writer.add_name(folder.name)
    writer.add_file_type(LlamaFileType["ALL_F32" if types[0] == "F32" else f"MOSTLY_{types[0]}"])
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
    add_task(writer, trained)


def _tokenizer(writer: Any, folder: Path, config: dict[str, Any]) -> None:
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
