"""Which keys of a configuration contradict each other, and which keys do something else here than elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from buqi.config.keys import Config
from buqi.extras import install
from buqi.machine import fast_bf16, gpu_bf16

METRICS = ("loss", "accuracy", "exact_match")
FOUND_IN_ADAPTER = ("pissa", "rslora", "dora", "rank_pattern", "alpha_pattern")
ONLY_FOR_LORA = ("lora_path", *FOUND_IN_ADAPTER, "weight_quantize_algo", "lora_plus_scale", "train_only", "stages")
NOT_WITH_STAGES = ("lora_path", "pissa", "train_only", "rank_pattern", "alpha_pattern")
# Keys without an effect: (key, the other key that decides, its values, the value that it needs).
IDLE = (
    ("eval_steps", "evaluation_strategy", ("no", "epoch"), "steps"),
    ("save_steps", "save_strategy", ("no", "epoch"), "steps"),
    ("save_total_limit", "save_strategy", ("no",), "steps or epoch"),
    ("eval_with_do_generation", "evaluation_strategy", ("no",), "steps or epoch"),
    ("neftune_noise_alpha", "neftune", (False,), "true"),
    ("metric_for_best_model", "load_best_model_at_end", (False,), "true"),
)
# Keys that do something else here than in PaddleNLP, or nothing. Before a run it is said what they do.
NOTED = (
    *("recompute", "use_flash_attention", "pissa", "weight_quantize_algo", "zero_padding", "greedy_zero_padding"),
    *("unified_checkpoint", "eval_accumulation_steps"),
)


def contradictions(c: Config) -> Iterator[str]:
    """Yield what is wrong with a configuration. Every sentence names the keys that cause it."""
    yield from _of_values(c)
    yield from _of_best_model(c)
    yield from _of_methods(c)
    yield from _of_patterns(c)
    yield from _of_stages(c)


def _given(c: Config, keys: Sequence[str]) -> str:
    """Return which of ``keys`` are not at their defaults, with commas between them."""
    return ", ".join(key for key in keys if getattr(c, key) != Config.model_fields[key].default)


def _of_values(c: Config) -> Iterator[str]:
    if not c.do_train:
        yield "do_train is false: --do_train true trains; to measure a trained adapter use buqi evaluate"
    if c.fp16 and c.bf16:
        yield "fp16 and bf16: at most one can be true"
    if c.fp16_opt_level == "O2" and not (c.fp16 or c.bf16):
        yield "fp16_opt_level O2 needs fp16 or bf16"
    if c.evaluation_strategy != "no" and not c.do_eval:
        yield "evaluation_strategy is set but do_eval is false"
    if c.max_steps < 1 and c.max_steps != -1:
        yield f"max_steps: expected -1 (num_train_epochs decides) or above 0, found {c.max_steps}"
    if c.src_length > c.max_length:
        yield f"src_length ({c.src_length}) is larger than max_length ({c.max_length})"
    if c.warmup_steps > 0 and c.warmup_ratio > 0:
        yield "give warmup_steps or warmup_ratio, not both"
    if c.greedy_zero_padding and not c.zero_padding:
        yield "greedy_zero_padding needs zero_padding true"
    if c.report_to not in ("none", "tensorboard") and find_spec(c.report_to) is None:
        yield f"report_to {c.report_to}: is not installed; pip install {c.report_to}, or take none"
    if c.weight_quantize_algo is not None and find_spec("bitsandbytes") is None:
        yield f"weight_quantize_algo {c.weight_quantize_algo}: needs bitsandbytes; {install('qlora')}"
    for key in ("tensor_parallel_degree", "pipeline_parallel_degree"):
        if getattr(c, key) > 1:
            yield f"{key}: a 0.5B model fits one device; expected 1, found {getattr(c, key)}"


def _of_best_model(c: Config) -> Iterator[str]:
    if c.best_metric not in METRICS:
        yield f"metric_for_best_model: expected {', '.join(METRICS)}, found {c.metric_for_best_model!r}"
    if c.early_stopping_threshold > 0 and c.early_stopping_patience is None:
        yield "early_stopping_threshold needs early_stopping_patience"
    if not c.load_best_model_at_end:
        if c.early_stopping_patience is not None:
            yield "early_stopping_patience needs load_best_model_at_end true"
        return
    measured, saved, every = c.evaluation_strategy, c.save_strategy, c.eval_steps or c.logging_steps
    needs = "load_best_model_at_end needs"
    if measured != saved:
        yield f"{needs} evaluation_strategy ({measured}) and save_strategy ({saved}) to be the same"
    if measured == "no":
        yield f"{needs} an evaluation_strategy (steps or epoch)"
    if saved == "steps" and c.save_steps % every != 0:
        yield f"{needs} save_steps ({c.save_steps}) to be a multiple of eval_steps, else logging_steps ({every})"
    if c.best_metric == "exact_match" and not c.eval_with_do_generation:
        yield "metric_for_best_model exact_match needs eval_with_do_generation true"
    if c.best_metric == "exact_match" and c.exact_match_rows < 1:
        yield "metric_for_best_model exact_match needs exact_match_rows above 0"


def _of_methods(c: Config) -> Iterator[str]:
    if not c.lora and (unused := _given(c, ONLY_FOR_LORA)):
        yield f"{unused}: only for LoRA; set lora to true"
    if c.lora and not c.stages and not c.target_modules:
        yield "target_modules: names no module; leave it out for all linear layers"
    if c.pissa and c.dora:
        yield "pissa and dora: both reshape the base's weight; choose one"
    if c.pissa and c.weight_quantize_algo is not None:
        yield "pissa needs the base's exact weights; leave out weight_quantize_algo"
    if c.lora_path is not None and (given := _given(c, FOUND_IN_ADAPTER)):
        yield f"lora_path: the adapter there says its own {given}; leave them out"
    unused = _given(c, ("weight_blocksize", "weight_double_quant"))
    if unused and c.weight_quantize_algo not in ("nf4", "fp4"):
        yield f"{unused}: only for weight_quantize_algo nf4 or fp4"
    if c.weight_blocksize != 64:
        yield f"weight_blocksize: bitsandbytes quantises in blocks of 64; expected 64, found {c.weight_blocksize}"
    if c.weight_double_quant_block_size != 256:
        yield f"weight_double_quant_block_size: expected 256, found {c.weight_double_quant_block_size}"


def _of_patterns(c: Config) -> Iterator[str]:
    for key in ("target_modules", "rank_pattern", "alpha_pattern"):
        given = getattr(c, key)
        for pattern in [given] if isinstance(given, str) else given:
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                yield f"{key}: {pattern[:60]!r} is no name and no regular expression ({error})"


def _of_stages(c: Config) -> Iterator[str]:
    trained: dict[str, int | None] = {}
    for stage in c.stages:
        again = [module for module in stage.target_modules if module in trained]
        if again and stage.freeze == "earlier":
            yield (
                f"stages: {stage.name} trains {', '.join(again)}, which an earlier stage trained and freeze keeps; "
                'choose other modules, or "freeze": "none"'
            )
        if other := [module for module in again if trained[module] != stage.rank]:
            yield f"stages: {', '.join(other)} cannot change rank in {stage.name}"
        trained |= dict.fromkeys(stage.target_modules, stage.rank)
    names = [stage.name for stage in c.stages]
    if len(set(names)) < len(names):
        yield f"stages: names must differ, found {', '.join(names)}"
    if taken := [name for name in names if name in ("dev", "test")]:
        yield f"stages: {taken[0]} names a set of rows, and metrics are called by it; choose another name"
    if c.stages and (given := _given(c, NOT_WITH_STAGES)):
        yield f"stages: not with {given}"


def notes(c: Config, gpu: bool) -> list[str]:
    """Return what a key of ``c`` does differently here than its name says, one line each."""
    found = [_precision(c, gpu)] if c.fp16 or c.bf16 else []
    if c.tf32 and not gpu:
        found.append("tf32: a CPU has no such products; fp32")
    if c.torch_compile and not gpu:
        found.append("torch_compile: only on a GPU")
    for key in [key for key in NOTED if getattr(c, key)] + ["lora"] * (not c.lora):
        found.append(f"{key}: {' '.join((Config.model_fields[key].description or '').split())}")
    for key, other, idle, useful in IDLE:
        if (chosen := getattr(c, other)) in idle and _given(c, [key]):
            found.append(f"{key}: no effect with {other} {str(chosen).lower()}; set {other} to {useful}")
    if c.gradient_accumulation_steps > 1:
        size = "as many tokens as the GPU takes" if gpu and not c.pack_tokens else f"up to {c.budget} tokens"
        found.append(
            f"per_device_train_batch_size {c.per_device_train_batch_size} x gradient_accumulation_steps "
            f"{c.gradient_accumulation_steps}: the {c.rows_per_step} rows of a step share packs of {size}; "
            "the gradient is the mean over all their trained tokens"
        )
    return found


def _precision(c: Config, gpu: bool) -> str:
    name = f"fp16 (fp16_opt_level {c.fp16_opt_level} with it)" if c.fp16 else "bf16"
    if c.weight_quantize_algo:
        return f"{name}: a quantised base computes in fp32"
    if c.precision == "fp32":
        return f"{name}: a CPU has no fast fp16, and this one no units for bf16; fp32"
    if c.precision == "fp16":
        return f"{name}: this GPU has no units for bf16; products in fp16, the loss scaled, what is trained in fp32"
    why = ", which needs no scaling of the loss" if gpu and c.fp16 else ""
    fast, where = (gpu_bf16(), "GPU") if gpu else (fast_bf16(), "CPU")
    slow = "" if fast else f"; slower than fp32 on this {where}, which has no units for it"
    return f"{name}: products in bf16{why}, what is trained in fp32{slow}"
