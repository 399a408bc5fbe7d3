"""Loading in bfloat16."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress

import pytest
import torch
from safetensors.torch import load, save_file

from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError
from tests.helpers import change_json


def test_the_vocabularys_matrix_is_not_copied_for_each_row_of_a_batch(tiny):
    """In bfloat16 torch multiplies the last positions of a batch, a view, by a copy of the matrix for each row."""
    model = load_model(tiny, "bfloat16", "cpu")
    seen: list[torch.Tensor] = []
    model.get_output_embeddings().register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    with torch.inference_mode():
        model(input_ids=torch.arange(1, 13).view(2, 6), logits_to_keep=1)
    assert seen[0].shape[:2] == (2, 1)
    assert seen[0].is_contiguous()


@pytest.mark.parametrize(
    "template", ["[" * 200_000, "{{ 1 / 0 }}", "{% if", "{{ raise_exception('no') }}", "{{ a.b.c }}"]
)
def test_a_chat_template_that_makes_no_prompt_is_refused(tiny, tmp_path, template):
    shutil.copytree(tiny, tmp_path / "base")
    (tmp_path / "base" / "chat_template.jinja").write_text(template)
    with pytest.raises(BuqiError, match="base: .*chat template makes"):
        load_tokenizer(tmp_path / "base")


def test_a_tokenizer_that_reads_no_text_is_refused(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    change_json(tmp_path / "base" / "tokenizer_config.json", model_max_length="x")
    with pytest.raises(BuqiError, match="base: its tokenizer "):
        load_tokenizer(tmp_path / "base")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rms_norm_eps": -1.0}, "no logits that are finite"),
        ({"layer_types": ["sliding_attention"] * 2}, "the model computes no logits"),
    ],
)
def test_a_configuration_with_which_nothing_is_computed_is_refused(tiny, tmp_path, values, message):
    shutil.copytree(tiny, tmp_path / "base")
    change_json(tmp_path / "base" / "config.json", **values)
    with pytest.raises(BuqiError, match=f"base: config.json does not fit the weights, .*{message}"):
        load_model(tmp_path / "base")


def test_weights_that_an_architecture_has_no_place_for_are_not_left_out(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    change_json(tmp_path / "base" / "config.json", model_type="llama")  # it has no biases
    with pytest.raises(BuqiError, match=r"base: 6 tensors .first: .*k_proj.bias. have no place in a llama"):
        load_model(tmp_path / "base")
    plain = {"model.embed_tokens.weight", "lm_head.weight", "model.layers.0.self_attn.rotary_emb.inv_freq"}
    weights = load((tiny / "model.safetensors").read_bytes())
    weights |= {name: weights["model.embed_tokens.weight"].clone() for name in plain - weights.keys()}
    save_file(weights, tmp_path / "base" / "model.safetensors", {"format": "pt"})
    change_json(tmp_path / "base" / "config.json", model_type="qwen2")
    load_model(tmp_path / "base")


@pytest.mark.parametrize("file", ["config.json", "tokenizer_config.json"])
def test_no_code_of_a_base_is_run_whatever_is_typed(tiny, tmp_path, monkeypatch, file):
    shutil.copytree(tiny, tmp_path / "base")
    (tmp_path / "base" / "own.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'ran')!r}).touch()\n")
    own = dict.fromkeys(("AutoConfig", "AutoModelForCausalLM"), "own.C") | {"AutoTokenizer": ["own.C", "own.C"]}
    change_json(tmp_path / "base" / file, auto_map=own, model_type="nobody", tokenizer_class="Nobody")
    monkeypatch.setattr("builtins.input", lambda *_: "y")
    for load_it in (load_tokenizer, load_model):
        with suppress(BuqiError):
            load_it(tmp_path / "base")
    assert not (tmp_path / "ran").exists()


def test_a_token_that_the_model_has_not_is_named(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    file = tmp_path / "base" / "tokenizer.json"
    written = json.loads(file.read_text())
    more = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    written["added_tokens"].append(more | {"id": 259, "content": "assistant"})
    file.write_text(json.dumps(written))
    with pytest.raises(BuqiError, match="base: token 'assistant' has the number 259, and config.json says 259 tokens"):
        load_tokenizer(tmp_path / "base")
