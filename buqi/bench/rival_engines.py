"""Other engines that write answers, opened as `buqi bench engines` asks them: greedy, whole prompts, nothing added."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from buqi.loading.engines import precision
from buqi.machine import fast_bf16, multiplies_int8


def missing(kind: str) -> str:
    """Return why a kind of `buqi.bench.engines.ENGINE_KINDS` cannot run here; empty if it can."""
    if kind == "openvino" and find_spec("openvino_genai") is None:
        return "openvino-genai is not installed"
    if kind in ("llamacpp", "plain") and find_spec("xllamacpp") is None:
        return "xllamacpp is not installed"
    if kind == "torch-bf16" and not fast_bf16():
        return "this CPU has no units for bf16"
    if kind == "torch-int8" and not multiplies_int8():
        return "torch multiplies no 8 bits on this CPU"
    return ""


class TransformersEngine:
    """transformers' own ``generate`` on a folder: all prompts in one batch; precision as named, or buqi's."""

    def __init__(self, folder: Path, dtype: str | None = None) -> None:
        import torch
        from transformers import AutoModelForCausalLM

        from buqi.base import load_tokenizer

        own = precision("auto")[0]
        named = getattr(torch, dtype or ("bfloat16" if own == "bfloat16" else "float32"))
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=named).eval()
        self.tokenizer = load_tokenizer(folder)
        self.tokenizer.padding_side = "left"

    def generate(self, prompts: Sequence[str], max_new_tokens: int) -> list[str]:
        """Return the texts of greedy answers."""
        import torch

        asked = self.tokenizer(list(prompts), return_tensors="pt", padding=True, add_special_tokens=False)
        end, pad = self.tokenizer.eos_token_id, self.tokenizer.pad_token_id
        with torch.inference_mode():
            out = self.model.generate(
                **asked, max_new_tokens=max_new_tokens, do_sample=False, eos_token_id=end, pad_token_id=pad
            )
        width = asked["input_ids"].shape[1]
        texts: list[str] = self.tokenizer.batch_decode(out[:, width:], skip_special_tokens=True)
        return texts
