from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from buqi.base import load_model, load_tokenizer, resolve
from buqi.base.gguf_file import LAYER_NAMES
from buqi.errors import BuqiError, UsageError


def write_gguf(base: Path, path: Path, architecture: str = "qwen2", extra_output: bool = False) -> Path:
    """Write the tiny model as an fp32 GGUF, with llama.cpp's names."""
    model, tokenizer = load_model(base), load_tokenizer(base)
    c = model.config
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(c.num_hidden_layers)
    writer.add_context_length(c.max_position_embeddings)
    writer.add_embedding_length(c.hidden_size)
    writer.add_feed_forward_length(c.intermediate_size)
    writer.add_head_count(c.num_attention_heads)
    writer.add_head_count_kv(c.num_key_value_heads)
    writer.add_layer_norm_rms_eps(c.rms_norm_eps)
    writer.add_rope_freq_base(c.rope_parameters["rope_theta"])
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([token for token, _ in vocabulary])
    writer.add_token_types([3 if token.startswith("<|") else 1 for token, _ in vocabulary])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_chat_template(tokenizer.chat_template)
    back = {hf: name for name, hf in LAYER_NAMES.items()}
    for name, value in load_file(base / "model.safetensors").items():
        if name.startswith("model.layers."):
            _, _, layer, rest = name.split(".", 3)
            stem, kind = rest.rsplit(".", 1)
            target = f"blk.{layer}.{back[stem]}.{kind}"
        else:
            target = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}[name]
        if target == "token_embd.weight" and extra_output:
            writer.add_tensor("output.weight", value.float().numpy())
            writer.add_tensor(target, np.zeros_like(value.float().numpy()))
            continue
        writer.add_tensor(target, value.float().numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("extra_output", [False, True])
def test_logits_tokens_and_template_survive(tiny, tmp_path, cache, extra_output):
    folder = resolve(str(write_gguf(tiny, tmp_path / "m.gguf", extra_output=extra_output)))
    one, other = load_model(tiny), load_model(folder)
    tokenizer, again = load_tokenizer(tiny), load_tokenizer(folder)
    assert again.chat_template == tokenizer.chat_template
    assert other.config.tie_word_embeddings
    assert other.num_parameters() == one.num_parameters()
    ids = tokenizer("<|im_start|>地址 1<|im_end|>")["input_ids"]
    assert again("<|im_start|>地址 1<|im_end|>")["input_ids"] == ids
    x = torch.tensor([ids])
    torch.testing.assert_close(one(x).logits, other(x).logits)
    assert resolve(str(tmp_path / "m.gguf")) == folder, "converted once"


def test_other_architecture_and_broken_files_are_refused(tiny, tmp_path, cache):
    with pytest.raises(BuqiError, match="architecture 'llama'"):
        resolve(str(write_gguf(tiny, tmp_path / "llama.gguf", "llama")))
    broken = tmp_path / "cut.gguf"
    broken.write_bytes((tmp_path / "llama.gguf").read_bytes()[:300])
    with pytest.raises(BuqiError, match="not a readable GGUF"):
        resolve(str(broken))
    with pytest.raises(UsageError, match="no such"):
        resolve(str(tmp_path / "none.gguf"))
    assert not list((cache / "base").glob("*/*"))
