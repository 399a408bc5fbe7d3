"""Weights and tokenizer from a folder, through transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buqi.base.attention import register
from buqi.errors import BuqiError


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of ``folder``.

    Raises:
        BuqiError: it has no chat template or no end token, so no prompt could be made.
    """
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if not tokenizer.chat_template:
        raise BuqiError(f"{folder}: the tokenizer has no chat template; use an -Instruct model")
    if tokenizer.eos_token_id is None:
        raise BuqiError(f"{folder}: the tokenizer names no end token (eos_token)")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(folder: Path, dtype: str = "float32", device: str | None = None) -> Any:
    """Return the causal language model of ``folder``.

    Args:
        folder: a Hugging Face folder.
        dtype: ``float32`` (default: exact, and fastest on CPUs without bf16 units) or ``bfloat16``.
        device: ``cpu`` or ``cuda``; without it the GPU where there is one, else the CPU.

    Raises:
        BuqiError: the weights do not fit the configuration, or cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=getattr(torch, dtype), attn_implementation=register()
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise BuqiError(f"{folder}: cannot be loaded as a language model ({error})") from error
    if dtype == "bfloat16" and (head := model.get_output_embeddings()) is not None:
        # Of the last positions of a batch, a view, torch would multiply a copy of the vocabulary's matrix for each row.
        head.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(), *inputs[1:]))
    return model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
