"""A Qwen2 ``.gguf`` file as a Hugging Face folder: weights dequantised to fp32, tied where the model ties them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from buqi.base.checked import check_base
from buqi.base.gguf_header import check_gguf
from buqi.base.load import load_tokenizer
from buqi.errors import BuqiError
from buqi.files import OS_ERROR, cache_dir, read_json, sha256_of, temporary_folder, whole_folder, write_json
from buqi.lock import locked
from buqi.seal import broken, check_seal

# Hugging Face's names by llama.cpp's.
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
CONTROL, USER_DEFINED, UNUSED = 3, 4, 5  # llama.cpp's token types


def folder_from_gguf(path: Path, whole: bool = False, renew: bool = False) -> Path:
    """Convert ``path`` once into the cache and return the folder. Same bytes, same folder.

    Args:
        whole: check every byte of a folder that is there; else sizes and samples.
        renew: check every byte, and convert again where one is wrong.

    Raises:
        BuqiError: not a GGUF file, a broken one, or another architecture than qwen2; or a folder in the cache that is
            no longer what was written.
    """
    folder = cache_dir() / "base" / f"gguf-{sha256_of(path)[:12]}"
    if (folder / "model.safetensors").is_file() and not (renew and broken(folder, whole=True)):
        check_seal(folder, f"buqi model fetch {path} converts it again", whole)
        return folder
    with locked(folder.with_name(f".{folder.name}.lock"), f"converting {path}"), whole_folder(folder) as draft:
        write_folder(path, draft)
    return folder


def write_folder(path: Path, folder: Path) -> None:
    """Write config, tokenizer, chat template, generation config and ``model.safetensors`` into ``folder``.

    Raises:
        BuqiError: not a GGUF file, a broken one, or another architecture than qwen2.
    """
    reader = _opened(path, whole=True)
    with _readable(path):
        _check_plain(reader, path)
        _write_weights(reader, folder)
        _write_config(reader, folder)
        _write_tokenizer(reader, folder)
    try:
        check_base(folder)
    except BuqiError as error:  # the folder is a draft; the user knows only the file
        said = str(error).replace(f"{folder}/", "").removeprefix(f"{folder}: ")
        raise BuqiError(f"{path}: a broken GGUF file ({said})") from error


def tokenizer_of(path: Path) -> Any:
    """Return the tokenizer in a ``.gguf`` file, with its chat template; the weights are not read.

    Raises:
        BuqiError: not a GGUF file, a broken one, or another architecture than qwen2.
    """
    with temporary_folder("tokenizer") as folder:
        reader = _opened(path)
        with _readable(path):
            _write_tokenizer(reader, folder)
        return load_tokenizer(folder)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raise `BuqiError` for every error that a broken file causes while the block runs."""
    try:
        yield
    except (BuqiError, OSError):
        raise
    except Exception as error:  # numpy, tokenizers and transformers raise errors of their own
        if OS_ERROR.search(str(error)):  # the disk of the folder that is written
            raise
        reason = next(iter(str(error).splitlines()), "")[:200]
        raise BuqiError(f"{path}: a broken GGUF file ({type(error).__name__}: {reason})") from error


def _opened(path: Path, whole: bool = False) -> Any:
    from gguf import GGUFReader

    check_gguf(path, whole)
    with _readable(path):
        reader = GGUFReader(path)
        architecture = _field(reader, "general.architecture")
    if architecture != "qwen2":
        raise BuqiError(f"{path}: architecture {architecture!r}; buqi reads qwen2 (Qwen2 and Qwen2.5)")
    return reader


def _field(reader: Any, name: str, default: Any = None) -> Any:
    field = reader.fields.get(name)
    return default if field is None else field.contents()


def _hf_name(name: str) -> str:
    if not name.startswith("blk."):
        return TOP_NAMES[name]
    _, layer, rest = name.split(".", 2)
    stem, kind = rest.rsplit(".", 1)
    return f"model.layers.{layer}.{LAYER_NAMES[stem]}.{kind}"


def _check_plain(reader: Any, path: Path) -> None:
    """Raise `BuqiError` where a file says more about attention than the folder made of it would, or other layers."""
    layers = len({tensor.name.split(".")[1] for tensor in reader.tensors if tensor.name.startswith("blk.")})
    if (count := _field(reader, "qwen2.block_count")) != layers:  # transformers makes a list of so many
        raise BuqiError(f"{path}: qwen2.block_count is {count!r}, the file has tensors of {layers} layers")
    heads, width = (_field(reader, f"qwen2.{key}") for key in ("attention.head_count", "embedding_length"))
    plain = {"rope.scaling.type": "none", "attention.sliding_window": 0}
    plain |= dict.fromkeys(("attention.key_length", "attention.value_length"), width // heads)
    for key, value in plain.items():
        if (found := _field(reader, f"qwen2.{key}", value)) != value:
            raise BuqiError(f"{path}: qwen2.{key} is {found!r}; only {value!r} is read")


def _tied(reader: Any) -> bool:
    # Qwen2.5 up to 3B ties its embeddings. Its files may still hold output.weight, a more exact copy.
    return "output.weight" not in {t.name for t in reader.tensors} or _field(reader, "qwen2.embedding_length") <= 2048


def _write_weights(reader: Any, folder: Path) -> None:
    import numpy as np
    from gguf import dequantize
    from safetensors.numpy import save_file

    tensors = {tensor.name: tensor for tensor in reader.tensors}
    if _tied(reader) and "output.weight" in tensors:
        tensors["token_embd.weight"] = tensors.pop("output.weight")
    weights = {}
    for name, tensor in tensors.items():
        try:
            weights[_hf_name(name)] = np.ascontiguousarray(dequantize(tensor.data, tensor.tensor_type))
        except (KeyError, ValueError, NotImplementedError) as error:
            raise BuqiError(f"GGUF tensor {name} ({tensor.tensor_type.name}) cannot be read: {error}") from error
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def _write_config(reader: Any, folder: Path) -> None:
    from transformers import GenerationConfig, Qwen2Config

    heads = _field(reader, "qwen2.attention.head_count")
    eos = _field(reader, "tokenizer.ggml.eos_token_id")
    pad = _field(reader, "tokenizer.ggml.padding_token_id", eos)
    config = Qwen2Config(
        vocab_size=len(_field(reader, "tokenizer.ggml.tokens")),
        hidden_size=_field(reader, "qwen2.embedding_length"),
        intermediate_size=_field(reader, "qwen2.feed_forward_length"),
        num_hidden_layers=_field(reader, "qwen2.block_count"),
        num_attention_heads=heads,
        num_key_value_heads=_field(reader, "qwen2.attention.head_count_kv", heads),
        max_position_embeddings=_field(reader, "qwen2.context_length"),
        rms_norm_eps=_field(reader, "qwen2.attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": _field(reader, "qwen2.rope.freq_base", 10000.0)},
        tie_word_embeddings=_tied(reader),
        bos_token_id=_field(reader, "tokenizer.ggml.bos_token_id"),
        eos_token_id=eos,
        pad_token_id=pad,
        architectures=["Qwen2ForCausalLM"],
        dtype="float32",
    )
    config.save_pretrained(folder)
    GenerationConfig(do_sample=False, eos_token_id=[eos, pad], pad_token_id=pad).save_pretrained(folder)


def _write_tokenizer(reader: Any, folder: Path) -> None:
    from tokenizers import AddedToken
    from transformers import Qwen2Tokenizer

    tokens, kinds = _field(reader, "tokenizer.ggml.tokens"), _field(reader, "tokenizer.ggml.token_type")
    merges = [tuple(merge.split(" ")) for merge in _field(reader, "tokenizer.ggml.merges", [])]
    eos = tokens[_field(reader, "tokenizer.ggml.eos_token_id")]
    pad = tokens[_field(reader, "tokenizer.ggml.padding_token_id", _field(reader, "tokenizer.ggml.eos_token_id"))]
    added = [
        AddedToken(token, special=kind == CONTROL, normalized=False)
        for token, kind in zip(tokens, kinds, strict=True)
        if kind in (CONTROL, USER_DEFINED)
    ]
    vocabulary = {token: i for i, (token, kind) in enumerate(zip(tokens, kinds, strict=True)) if kind != UNUSED}
    tokenizer = Qwen2Tokenizer(vocab=vocabulary, merges=merges, eos_token=eos, pad_token=pad, unk_token=None)
    tokenizer.add_tokens(added)
    tokenizer.chat_template = _field(reader, "tokenizer.chat_template")
    tokenizer.model_max_length = _field(reader, "qwen2.context_length")
    tokenizer.save_pretrained(folder)
    config = folder / "tokenizer_config.json"
    write_json(config, read_json(config) | {"tokenizer_class": "Qwen2Tokenizer"})
