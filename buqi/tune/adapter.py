"""The trainable part: LoRA (Hu et al. 2021) on a frozen base, through PEFT."""

from __future__ import annotations

from typing import Any

from buqi.config import Config
from buqi.errors import UsageError


def add_adapter(model: Any, config: Config) -> Any:
    """Return ``model`` with a fresh LoRA adapter; A is Kaiming-uniform, B zero, so it starts as the base.

    Raises:
        UsageError: ``target_modules`` names nothing in this model.
    """
    from peft import LoraConfig, get_peft_model

    targets = config.target_modules
    lora = LoraConfig(
        task_type="CAUSAL_LM",
        r=config.lora_rank,
        lora_alpha=config.alpha,
        lora_dropout=config.lora_dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
    )
    try:
        tuned = get_peft_model(model, lora)
    except ValueError as error:
        kinds = sorted({name.rsplit(".", 1)[-1] for name, m in model.named_modules() if hasattr(m, "in_features")})
        raise UsageError(f"target_modules {targets!r}: not in this model, which has {', '.join(kinds)}") from error
    tuned.peft_config["default"].base_model_name_or_path = config.model_name_or_path
    return tuned


def trainable_parameters(model: Any) -> int:
    """Return how many numbers are trained."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
