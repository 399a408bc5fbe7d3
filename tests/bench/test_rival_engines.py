"""Other engines write what they would write by themselves."""

from __future__ import annotations

import torch

from buqi.base import load_model, load_tokenizer
from buqi.bench import rival_engines
from buqi.bench.rival_engines import TransformersEngine, missing
from buqi.task import tokens


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(rival_engines, "find_spec", lambda name: None)
    monkeypatch.setattr(rival_engines, "fast_bf16", lambda: False)
    assert missing("openvino") == "openvino-genai is not installed"
    assert missing("llamacpp") == missing("plain") == "xllamacpp is not installed"
    assert "bf16" in missing("torch-bf16") and missing("torch-fp32") == missing("transformers") == ""


def test_transformers_answers_a_batch_as_one_by_one(tiny, monkeypatch):
    monkeypatch.setattr(rival_engines, "precision", lambda engine: ("float32", ""))
    tokenizer, model = load_tokenizer(tiny), load_model(tiny).eval()
    prompts = ["say 1", "a longer one: say 2"]
    for prompt, answer in zip(prompts, TransformersEngine(tiny).generate(prompts, 6), strict=True):
        ids = torch.tensor([tokens(tokenizer, prompt)])
        out = model.generate(ids, max_new_tokens=6, do_sample=False, pad_token_id=tokenizer.pad_token_id)
        assert answer == tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)
