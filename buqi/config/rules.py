"""Which keys of a configuration cannot be meant together, and what differs here from what their names say."""

from __future__ import annotations

from importlib.util import find_spec

from buqi.config.keys import Config
from buqi.machine import fast_bf16

METRICS = ("loss", "accuracy", "exact_match")
Problem = tuple[tuple[str, ...], str]  # the keys that cannot be meant together, and why


def contradictions(c: Config) -> list[Problem]:
    """Return every problem of a configuration."""
    problems = (*_best_model(c), *_values(c), *_methods(c), *_stages(c), *_not_here(c))
    return [(tuple(keys.split()), text) for bad, keys, text in problems if bad]


def _best_model(c: Config) -> list[tuple[bool, str, str]]:
    """Return (whether it is so, keys, message) for the ways in which the best model could not be chosen."""
    best, both = c.load_best_model_at_end, "evaluation_strategy save_strategy load_best_model_at_end"
    every = c.eval_steps or c.logging_steps
    return [
        (
            best and c.evaluation_strategy != c.save_strategy,
            both,
            f"load_best_model_at_end needs evaluation_strategy ({c.evaluation_strategy}) and save_strategy "
            f"({c.save_strategy}) to be the same",
        ),
        (
            best and c.evaluation_strategy == "no",
            both,
            "load_best_model_at_end needs an evaluation_strategy (steps or epoch)",
        ),
        (
            best and c.save_strategy == "steps" and c.save_steps % every != 0,
            f"{both} save_steps eval_steps logging_steps",
            f"load_best_model_at_end: save_steps ({c.save_steps}) must be a multiple of eval_steps ({every})",
        ),
        (
            c.best_metric not in METRICS,
            "metric_for_best_model",
            f"metric_for_best_model: expected {', '.join(METRICS)}, found {c.metric_for_best_model!r}",
        ),
        (
            best and c.best_metric == "exact_match" and not c.eval_with_do_generation,
            "load_best_model_at_end metric_for_best_model eval_with_do_generation",
            "metric_for_best_model exact_match needs eval_with_do_generation true",
        ),
    ]


def _values(c: Config) -> list[tuple[bool, str, str]]:
    """Return the same for values that exclude each other."""
    return [
        (c.fp16 and c.bf16, "fp16 bf16", "fp16 and bf16: at most one can be true"),
        (
            c.fp16_opt_level == "O2" and not (c.fp16 or c.bf16),
            "fp16 bf16 fp16_opt_level",
            "fp16_opt_level O2 needs fp16 or bf16",
        ),
        (
            c.evaluation_strategy != "no" and not c.do_eval,
            "evaluation_strategy do_eval",
            "evaluation_strategy is set but do_eval is false",
        ),
        (
            c.src_length > c.max_length,
            "src_length max_length",
            f"src_length ({c.src_length}) is larger than max_length ({c.max_length})",
        ),
        (
            c.warmup_steps > 0 and c.warmup_ratio > 0,
            "warmup_steps warmup_ratio",
            "give warmup_steps or warmup_ratio, not both",
        ),
    ]


def _methods(c: Config) -> list[tuple[bool, str, str]]:
    """Return the same for methods that cannot be combined, and their keys without them."""
    of_lora = ("lora_path", "pissa", "rslora", "dora", "rank_pattern", "alpha_pattern", "weight_quantize_algo")
    unused = [key for key in of_lora if getattr(c, key) and not c.lora]
    defaults = {key: Config.model_fields[key].default for key in ("weight_blocksize", "weight_double_quant")}
    loose = [key for key, value in defaults.items() if getattr(c, key) != value]
    fixed = ("pissa", "rslora", "dora", "rank_pattern", "alpha_pattern")
    given = [key for key in fixed if getattr(c, key)]
    return [
        (bool(unused), " ".join(["lora", *unused]), f"{', '.join(unused)}: only for LoRA; set lora to true"),
        (
            c.lora_plus_scale != 1 and not c.lora,
            "lora lora_plus_scale",
            "lora_plus_scale: only for LoRA; set lora to true",
        ),
        (c.pissa and c.dora, "pissa dora", "pissa and dora: both reshape the base's weight; choose one"),
        (
            c.pissa and c.weight_quantize_algo is not None,
            "pissa weight_quantize_algo",
            "pissa needs the base's exact weights; leave out weight_quantize_algo",
        ),
        (
            c.lora_path is not None and bool(given),
            " ".join(["lora_path", *given]),
            f"lora_path: the adapter there says its own {', '.join(given)}; leave them out",
        ),
        (
            bool(loose) and c.weight_quantize_algo not in ("nf4", "fp4"),
            " ".join(["weight_quantize_algo", *loose]),
            f"{', '.join(loose)}: only for weight_quantize_algo nf4 or fp4",
        ),
        (
            c.weight_blocksize != 64,
            "weight_blocksize",
            f"weight_blocksize: bitsandbytes quantises in blocks of 64; expected 64, found {c.weight_blocksize}",
        ),
        (
            c.weight_double_quant_block_size != 256,
            "weight_double_quant_block_size",
            f"weight_double_quant_block_size: expected 256, found {c.weight_double_quant_block_size}",
        ),
        (
            c.early_stopping_patience is not None and not c.load_best_model_at_end,
            "early_stopping_patience load_best_model_at_end",
            "early_stopping_patience needs load_best_model_at_end true",
        ),
        (
            c.early_stopping_threshold > 0 and c.early_stopping_patience is None,
            "early_stopping_threshold",
            "early_stopping_threshold needs early_stopping_patience",
        ),
        (
            c.greedy_zero_padding and not c.zero_padding,
            "greedy_zero_padding zero_padding",
            "greedy_zero_padding needs zero_padding true",
        ),
    ]


def _stages(c: Config) -> list[tuple[bool, str, str]]:
    """Return the same for trainings in a row."""
    found: list[tuple[bool, str, str]] = []
    names = [stage.name for stage in c.stages]
    not_with = [key for key in ("lora_path", "pissa", "train_only", "rank_pattern", "alpha_pattern") if getattr(c, key)]
    trained: dict[str, int | None] = {}
    for stage in c.stages:
        again = [module for module in stage.target_modules if module in trained]
        kept = stage.freeze == "earlier"
        found.append(
            (
                kept and bool(again),
                "stages",
                f"stages: {stage.name} trains {', '.join(again)}, which an earlier stage trained and freeze keeps; "
                'choose other modules, or "freeze": "none"',
            )
        )
        other = [module for module in again if trained[module] != stage.rank]
        found.append((bool(other), "stages", f"stages: {', '.join(other)} cannot change rank in {stage.name}"))
        trained |= dict.fromkeys(stage.target_modules, stage.rank)
    return [
        *found,
        (len(set(names)) < len(names), "stages", f"stages: names must differ, found {', '.join(names)}"),
        (bool(c.stages) and not c.lora, "stages lora", "stages: only for LoRA; set lora to true"),
        (bool(c.stages and not_with), " ".join(["stages", *not_with]), f"stages: not with {', '.join(not_with)}"),
        (bool(c.train_only) and not c.lora, "train_only lora", "train_only: only for LoRA; set lora to true"),
    ]


def _not_here(c: Config) -> list[tuple[bool, str, str]]:
    """Return the same for what this version does not do, with what to use instead."""
    devices = [
        (getattr(c, key) > 1, key, f"{key}: a 0.5B model fits one device; expected 1, found {getattr(c, key)}")
        for key in ("tensor_parallel_degree", "pipeline_parallel_degree")
    ]
    service = c.report_to not in ("none", "tensorboard") and find_spec(c.report_to) is None
    return [
        (service, "report_to", f"report_to {c.report_to}: is not installed; pip install {c.report_to}, or take none"),
        (not c.do_train, "do_train", "do_train is false: to measure a trained adapter use buqi evaluate"),
        *devices,
    ]


def _precision(c: Config, gpu: bool) -> str:
    name = f"fp16 (fp16_opt_level {c.fp16_opt_level} with it)" if c.fp16 else "bf16"
    if c.weight_quantize_algo:
        return f"{name}: a quantised base computes in fp32"
    if not c.half:
        return f"{name}: fp32" if gpu else f"{name}: a CPU has no fast fp16, and this one no units for bf16; fp32"
    slow = "" if gpu or fast_bf16() else "; slower than fp32 on this CPU, which has no units for it"
    return f"{name}: products in bf16, what is trained in fp32{slow}"


def notes(c: Config, gpu: bool) -> list[str]:
    """Return what a key of ``c`` does differently here than its name says, one line each."""
    found = []
    if c.fp16 or c.bf16:
        found.append(_precision(c, gpu))
    if c.recompute:
        found.append("recompute: activations are computed twice, for less memory and about a third more time")
    if c.use_flash_attention:
        found.append("use_flash_attention: needs CUDA; torch's scaled-dot-product attention is used")
    if not c.lora:
        found.append("lora false: every weight is trained; about 10 GB of memory for 0.5B, and 2 GB for the result")
    if c.pissa:
        found.append("pissa: saved as an ordinary LoRA of the original base, of twice the rank (what it changed)")
    if c.weight_quantize_algo:
        found.append(
            f"weight_quantize_algo {c.weight_quantize_algo}: saves memory and costs time on a CPU; merge into the "
            "unquantised base"
        )
    if c.zero_padding:
        greedy = " (greedy_zero_padding: first-fit decreasing, as always)" if c.greedy_zero_padding else ""
        found.append(f"zero_padding: rows are always packed without padding, each seeing only itself{greedy}")
    if c.unified_checkpoint:
        found.append("unified_checkpoint: an adapter is always one safetensors file that PEFT and vLLM open")
    if c.eval_accumulation_steps:
        found.append("eval_accumulation_steps: logits are never gathered, so there is nothing to accumulate")
    if c.gradient_accumulation_steps > 1:
        found.append(
            f"per_device_train_batch_size {c.per_device_train_batch_size} x gradient_accumulation_steps "
            f"{c.gradient_accumulation_steps}: the {c.rows_per_step} rows of a step share packs of up to "
            f"{c.budget} tokens; the gradient is the mean over all their trained tokens"
        )
    return found
