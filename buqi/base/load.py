"""Weights and tokenizer from a folder, through transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buqi.base.attention import register
from buqi.errors import BuqiError, explained
from buqi.files import read_json
from buqi.machine import gpu
from buqi.seal import sealed
from buqi.shapes import check_finite, finite
from buqi.task import ROWS, tokens

MOST_OF_TEMPLATE = 20_000  # characters that a chat template puts around a text; Qwen2.5 has 100
NEVER_READ = ("lm_head.weight", "inv_freq", "masked_bias", "attn.bias")  # what older files hold beside the weights
BYTES = 256  # tokens that any tokenizer has at least, one for each byte


def load_tokenizer(folder: Path) -> Any:
    """Return the tokenizer of ``folder``.

    Raises:
        BuqiError: it cannot be read, is cut, or has no end token or no chat template that makes a prompt.
    """
    from transformers import AutoTokenizer

    # tokenizers and transformers raise a dozen kinds on a broken file
    with explained(f"{folder}: its tokenizer cannot be read", Exception):
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if tokenizer.vocab_size < BYTES:
        raise BuqiError(f"{folder}: its tokenizer knows {tokenizer.vocab_size} tokens; a file of it is missing or cut")
    if not tokenizer.chat_template:
        raise BuqiError(f"{folder}: the tokenizer has no chat template; use an -Instruct model")
    if tokenizer.eos_token_id is None:
        raise BuqiError(f"{folder}: the tokenizer names no end token (eos_token)")
    try:
        prompt = ROWS.prompt_text(tokenizer, ["x"])
        if len(prompt) > MOST_OF_TEMPLATE:
            raise BuqiError(f"its chat template makes {len(prompt):,} characters around a text; it is damaged")
        _check_numbers(folder, tokenizer, tokens(tokenizer, prompt))
    except BuqiError as error:
        raise BuqiError(f"{folder}: {error}") from error
    except Exception as error:
        raise BuqiError(f"{folder}: its tokenizer reads no text ({type(error).__name__}: {error})") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _check_numbers(folder: Path, tokenizer: Any, prompt: list[int]) -> None:
    """Check that the model has every token of a prompt, the end token, and the added tokens that a text may hold.

    Raises:
        BuqiError: one has a number that the vocabulary in ``config.json`` does not reach.
    """
    config = folder / "config.json"
    size = read_json(config).get("vocab_size") if config.is_file() else None
    added = (number for number, token in tokenizer.added_tokens_decoder.items() if not token.special)
    last = max((*prompt, tokenizer.eos_token_id, *added))
    if isinstance(size, int) and last >= size:
        token = tokenizer.convert_ids_to_tokens(last)
        raise BuqiError(f"token {token!r} has the number {last}, and config.json says {size} tokens")


def load_model(folder: Path, dtype: str = "float32", device: str | None = None) -> Any:
    """Return the causal language model of ``folder``.

    Args:
        dtype: ``float32`` (default: exact, and fastest on CPUs without bf16 units) or ``bfloat16``.
        device: ``cpu`` or ``cuda``; without it the GPU where there is one, else the CPU.

    Raises:
        BuqiError: the weights do not fit the configuration, or cannot be read.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model: Any
        model, report = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=getattr(torch, dtype),
            attn_implementation=register(),
            output_loading_info=True,
            trust_remote_code=False,  # else transformers asks at the terminal, and runs code of the folder after a "y"
        )
    except Exception as error:  # transformers raises whatever a configuration leads it to
        raise BuqiError(f"{folder}: cannot be loaded as a language model ({str(error)[:400]})") from error
    if missing := sorted(map(str, report["missing_keys"])):
        raise BuqiError(f"{folder}: {len(missing)} tensors are missing (first: {missing[0]}); they would be random")
    if unused := sorted(name for name in map(str, report["unexpected_keys"]) if not name.endswith(NEVER_READ)):
        kind = model.config.model_type
        raise BuqiError(
            f"{folder}: {len(unused)} tensors (first: {unused[0]}) have no place in a {kind}, as config.json calls it; "
            "they would be left out"
        )
    if not sealed(folder):  # a sealed one was checked when it was written; 0.2 s for 0.5B
        check_finite(folder, ((name, parameter.detach()) for name, parameter in model.named_parameters()))
    if dtype == "bfloat16" and (head := model.get_output_embeddings()) is not None:
        # For a view, such as the last positions of a batch, torch would copy the vocabulary's matrix for each row.
        head.register_forward_pre_hook(lambda _, inputs: (inputs[0].contiguous(), *inputs[1:]))
    model = model.to(device or ("cuda" if gpu() else "cpu"))
    if not sealed(folder):
        _check_computes(folder, model)
    return model


def _check_computes(folder: Path, model: Any) -> None:
    """Check that a model gives finite logits; else its first user would end in an error of transformers.

    Raises:
        BuqiError: it gives none, or NaN: its ``config.json`` does not fit its weights.
    """
    import torch

    unfit = f"{folder}: config.json does not fit the weights, the model computes no logits"
    with explained(unfit, Exception), torch.inference_mode():
        logits = model(input_ids=torch.zeros((1, 2), dtype=torch.long, device=model.device)).logits
    if not finite(logits):
        raise BuqiError(f"{unfit} that are finite")
