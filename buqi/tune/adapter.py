"""What is trained: every weight, or LoRA (Hu et al. 2021) or a variant of it on a frozen base, through PEFT.

- rsLoRA (Kalajdzievski 2023) divides by the root of the rank.
- DoRA (Liu et al. 2024) learns the length of each column separately.
- PiSSA (Meng et al. 2024) starts from the largest singular values; see `buqi.tune.pissa`.
- LoRA+ (Hayou et al. 2024) gives B a larger learning rate.
- QLoRA (Dettmers et al. 2023) keeps the frozen base in 4 or 8 bits.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from buqi.artefact import check_adapter
from buqi.base import load_model
from buqi.base.attention import register
from buqi.base.spec import name_for_peft
from buqi.config import Config
from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.foreign import NAME
from buqi.machine import gpu

PISSA_ITERATIONS = 16  # of the randomised SVD (Halko et al. 2011), as the PiSSA paper's fast variant


def load_for_training(config: Config, base: Path) -> Any:
    """Return the model of ``base``, in which the weights that ``config`` names can be trained.

    Raises:
        UsageError: ``target_modules`` names nothing in this model, or ``lora_path`` is no adapter of it.
        BuqiError: the base cannot be loaded, or bitsandbytes is missing.
    """
    model = load_quantized(base, config) if config.weight_quantize_algo else load_model(base, config.dtype)
    return add_adapter(model, config, base) if config.lora else model


def load_quantized(base: Path, config: Config) -> Any:
    """Return ``base`` with its linear layers in NF4, FP4 or 8 bits (bitsandbytes); the rest stays in fp32."""
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    try:
        import bitsandbytes  # noqa: F401
    except ImportError as error:
        raise BuqiError(f"weight_quantize_algo needs bitsandbytes: {install('qlora')}") from error
    algo = config.weight_quantize_algo
    if algo == "weight_only_int8":
        # threshold 0: no outlier columns in 16 bits, so that the result does not depend on the batch
        quantization = BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=0.0)
    else:
        quantization = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=algo,
            bnb_4bit_use_double_quant=config.weight_double_quant,
            bnb_4bit_compute_dtype=torch.float32,
        )
    device = "cuda" if gpu() else "cpu"
    model: Any = AutoModelForCausalLM.from_pretrained(
        base,
        dtype=torch.float32,
        attn_implementation=register(),
        quantization_config=quantization,
        device_map=device,
        trust_remote_code=False,
    )
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for module in model.modules():
        # On CPUs with AVX512-BF16 a pass without gradients would repack the weights for 16-bit products that have no
        # gradient, and the next training step would fail.
        if getattr(module, "support_avx512bf16_for_cpu", False):
            module.support_avx512bf16_for_cpu = False
    return model


def add_adapter(model: Any, config: Config, base: Path | None = None) -> Any:
    """Return ``model`` with a LoRA adapter: a fresh one that starts as the base, or the one in ``lora_path``.

    Raises:
        UsageError: ``target_modules`` names nothing in this model, or ``lora_path`` is no adapter of it.
    """
    from peft import PeftModel, get_peft_model

    if config.lora_path is not None:
        folder = Path(config.lora_path)
        if base is not None:
            check_adapter(folder, base, whole=True)
        tuned: Any = PeftModel.from_pretrained(model, folder, is_trainable=True)
    else:
        try:
            tuned = get_peft_model(model, lora_config(config))
            _name_modules(tuned.peft_config["default"], tuned.base_model.targeted_module_names)
        except ValueError as error:
            kinds = sorted({name.rsplit(".", 1)[-1] for name, m in model.named_modules() if hasattr(m, "in_features")})
            raise UsageError(
                f"target_modules {config.target_modules!r}: not in this model, which has {', '.join(kinds)}"
            ) from error
    made = tuned.peft_config["default"]
    made.target_modules = sorted(set(made.target_modules))  # a set is written in another order by each process
    named = config.model_name_or_path
    made.base_model_name_or_path = named if base is None else name_for_peft(named, base)
    if config.train_only:
        _train_only(tuned, config.train_only)
    return tuned


def _name_modules(made: Any, found: list[str]) -> None:
    """Replace regular expressions in PEFT's configuration by the modules ``found``: they are refused in an adapter."""
    patterns = [*made.rank_pattern, *made.alpha_pattern]
    if isinstance(made.target_modules, set) and all(map(NAME.fullmatch, patterns)):
        return
    made.target_modules = found
    for key in ("rank_pattern", "alpha_pattern"):
        named: dict[str, float] = {}
        for pattern, value in getattr(made, key).items():
            for name in found:
                if re.fullmatch(rf"(.*\.)?({pattern})", name):
                    named.setdefault(name, value)  # of several patterns that match, PEFT takes the first
        setattr(made, key, named)


def _train_only(tuned: Any, modules: tuple[str, ...]) -> None:
    """Freeze all factors of the adapter but those on ``modules``."""
    chosen = [p for name, p in tuned.named_parameters() if p.requires_grad and set(name.split(".")) & set(modules)]
    if not chosen:
        raise UsageError(f"train_only {', '.join(modules)}: the adapter has nothing on them")
    for parameter in tuned.parameters():
        parameter.requires_grad_(False)
    for parameter in chosen:
        parameter.requires_grad_(True)


def lora_config(config: Config) -> Any:
    """Return PEFT's configuration of the adapter."""
    from peft import LoraConfig

    targets = config.target_modules
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=config.lora_rank,
        lora_alpha=config.alpha,  # type: ignore[arg-type, unused-ignore]
        lora_dropout=config.lora_dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        rank_pattern=dict(config.rank_pattern),
        alpha_pattern=dict(config.alpha_pattern),
        use_rslora=config.rslora,
        use_dora=config.dora,
        init_lora_weights=f"pissa_niter_{PISSA_ITERATIONS}" if config.pissa else True,
    )


def parameter_groups(model: Any, config: Config) -> list[dict[str, Any]]:
    """Return the trained parameters for the optimizer: LoRA+ trains B at ``lora_plus_scale`` times the rate of A."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    b = [p for name, p in trained if "lora_B" in name]
    rest = [p for name, p in trained if "lora_B" not in name]
    groups = [
        {"params": rest, "lr": config.learning_rate},
        {"params": b, "lr": config.learning_rate * config.lora_plus_scale},
    ]
    return [group | {"weight_decay": config.weight_decay} for group in groups if group["params"]]


def trainable_parameters(model: Any) -> int:
    """Return how many numbers are trained."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
