"""Write the page of all configuration keys from the keys themselves.

``python docs/reference/make_config.py > docs/reference/config.md``
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from buqi.config.keys import LINEAR, Config
from buqi.config.paddle import REASONS, WHY

# Headings, by the first key under each.
SECTIONS = {
    "model_name_or_path": "Base, rows and result",
    "per_device_train_batch_size": "Steps and learning rate",
    "src_length": "Length of rows",
    "lora": "Method",
    "weight_quantize_algo": "Quantised base",
    "evaluation_strategy": "Evaluation, checkpoints, log",
    "fp16": "Precision and machine",
}
# Keys of the tutorial's JSON (configs/lora_argument_0p5b.json).
TUTORIAL = frozenset(
    """model_name_or_path dataset_name_or_path output_dir per_device_train_batch_size gradient_accumulation_steps
    per_device_eval_batch_size eval_accumulation_steps num_train_epochs learning_rate warmup_steps logging_steps
    evaluation_strategy save_strategy src_length max_length fp16 fp16_opt_level do_train do_eval disable_tqdm
    load_best_model_at_end eval_with_do_generation metric_for_best_model recompute save_total_limit
    tensor_parallel_degree pipeline_parallel_degree lora unified_checkpoint zero_padding use_flash_attention
    pissa""".split()
)
HEAD = """# Configuration keys

Made by `python docs/reference/make_config.py`; change the sentences in `buqi/config/`, not this page.

A configuration is JSON (comments are allowed: `#`, `//`, `/* */`) or YAML. Defaults are PaddleNLP's. ★ marks the keys
of the tutorial's JSON, "ours" the keys that PaddleNLP does not have. `buqi train --schema` prints a JSON schema. A key
that is not on this page is refused, with the name of the key that was meant, or what to do instead.
"""
TAIL = f"""
## PaddleNLP's other keys

Of the 213 keys of PaddleNLP 3.0.0b4 these {len(WHY)} have no counterpart here. With its default value such a key is
accepted and has no effect. Any other value is refused with the sentence on the right.

| keys | instead |
|---|---|
"""
BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
TYPE_WORDS = {bool: "true, false", int: "whole number", float: "number", str: "text", tuple: "list", dict: "object"}


def page() -> str:
    """Return the page: every key with default, values and effect, and the keys of PaddleNLP that are refused."""
    refused = "".join(f"| {' '.join(f'`{key}`' for key in r['keys'])} | {r['instead']} |\n" for r in REASONS)
    return HEAD + "".join(_keys()) + TAIL + refused


def _keys() -> Iterator[str]:
    for key, field in Config.model_fields.items():
        if key in SECTIONS:
            yield f"\n## {SECTIONS[key]}\n\n| key | default | values | effect |\n|---|---|---|---|\n"
        default = "required" if field.is_required() else _written(field.default)
        effect = " ".join((field.description or "").split()).replace("|", "\\|")
        star = " ★" if key in TUTORIAL else ""
        yield f"| `{key}`{star} | {default} | {_values(field)} | {effect} |\n"


def _written(default: Any) -> str:
    if default is None or default == {} or default == ():
        return "–"
    if default == LINEAR:
        return "all linear layers"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def _values(field: Any) -> str:
    """Return the values that a key takes, in words."""
    bounds = [
        f"{words} {getattr(m, name):g}" for m in field.metadata for name, words in BOUNDS.items() if hasattr(m, name)
    ]
    return ", ".join([*_kinds(field.annotation), *bounds])


def _kinds(kind: Any) -> list[str]:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return [" or ".join(word for part in get_args(kind) if part is not type(None) for word in _kinds(part))]
    if origin is Literal:
        return [str(value) for value in get_args(kind)]
    return [TYPE_WORDS[origin or kind]]


if __name__ == "__main__":
    print(page(), end="")
