"""The training configuration: the tutorial's JSON, `#` comments and all, as one frozen object.

Keys, defaults and meanings are PaddleNLP's where it has them; what differs on a CPU is said by `notes`.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from buqi.errors import UsageError
from buqi.files import read_text

Strategy = Literal["no", "steps", "epoch"]
ALIASES = {"eval_strategy": "evaluation_strategy"}
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
METRICS = ("loss", "accuracy", "exact_match")


class Config(BaseModel):
    """Everything `buqi train` can be told. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    # what
    model_name_or_path: str = "embedded"
    dataset_name_or_path: str
    output_dir: str
    prompt_template: str | None = None
    system: str | None = None
    do_train: bool = False
    do_eval: bool = False
    do_predict: bool = False
    overwrite_output_dir: bool = False
    # how long, how fast
    per_device_train_batch_size: int = Field(8, ge=1)
    gradient_accumulation_steps: int = Field(1, ge=1)
    num_train_epochs: float = Field(1.0, gt=0)
    max_steps: int = -1
    learning_rate: float = Field(2e-5, gt=0, le=1)
    lr_scheduler_type: Literal["linear", "cosine", "constant", "constant_with_warmup", "polynomial"] = "linear"
    warmup_steps: int = Field(0, ge=0)
    warmup_ratio: float = Field(0.0, ge=0, lt=1)
    weight_decay: float = Field(0.0, ge=0)
    adam_beta1: float = Field(0.9, ge=0, lt=1)
    adam_beta2: float = Field(0.999, ge=0, lt=1)
    adam_epsilon: float = Field(1e-8, gt=0)
    max_grad_norm: float = Field(1.0, ge=0)
    seed: int = 42
    # rows
    src_length: int = Field(1024, ge=1)
    max_length: int = Field(2048, ge=2)
    pack_tokens: int = Field(384, ge=1)
    zero_padding: bool = False
    # LoRA
    lora: bool = False
    lora_rank: int = Field(8, ge=1)
    lora_alpha: float | None = Field(None, gt=0)
    lora_dropout: float = Field(0.0, ge=0, lt=1)
    target_modules: str | tuple[str, ...] = LINEAR
    pissa: bool = False
    # evaluating, saving, showing
    evaluation_strategy: Strategy = "no"
    eval_steps: int | None = Field(None, ge=1)
    per_device_eval_batch_size: int = Field(8, ge=1)
    eval_accumulation_steps: int | None = Field(None, ge=1)
    eval_with_do_generation: bool = False
    exact_match_rows: int = Field(100, ge=0)
    save_strategy: Strategy = "steps"
    save_steps: int = Field(500, ge=1)
    save_total_limit: int | None = Field(None, ge=1)
    load_best_model_at_end: bool = False
    metric_for_best_model: str | None = None
    logging_steps: int = Field(500, ge=1)
    disable_tqdm: bool = False
    report_to: Literal["none", "tensorboard"] = "tensorboard"
    # machine
    fp16: bool = False
    bf16: bool = False
    fp16_opt_level: Literal["O0", "O1", "O2"] = "O1"
    recompute: bool = False
    unified_checkpoint: bool = False
    use_flash_attention: bool = False
    tensor_parallel_degree: int = -1
    pipeline_parallel_degree: int = -1

    @field_validator("target_modules", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        # "q_proj,v_proj" on the command line is a list; anything with regex characters is one pattern
        if isinstance(value, str) and re.fullmatch(r"\w+(\s*,\s*\w+)*", value):
            return tuple(part.strip() for part in value.split(","))
        return value

    @property
    def alpha(self) -> float:
        """LoRA's alpha: as given, else twice the rank (PaddleNLP)."""
        return self.lora_alpha if self.lora_alpha is not None else 2.0 * self.lora_rank

    @property
    def rows_per_step(self) -> int:
        """Rows in one optimizer step."""
        return self.per_device_train_batch_size * self.gradient_accumulation_steps

    @property
    def best_metric(self) -> str:
        """The metric that decides which model is best."""
        return (self.metric_for_best_model or "loss").removeprefix("eval_")


def load_config(path: Path | None, overrides: Sequence[str] = ()) -> Config:
    """Return the configuration in ``path``, changed by ``--key value`` pairs.

    Raises:
        UsageError: the file is missing or does not parse, or keys are unknown, wrong or contradictory; all of
            them are in the one message.
    """
    values = parse_json(path) if path else {}
    return make_config(values | parse_overrides(overrides), str(path or "command line"))


def make_config(values: Mapping[str, Any], where: str = "configuration") -> Config:
    """Return the configuration made of ``values``.

    Raises:
        UsageError: naming every unknown key (with the nearest valid one), wrong value and contradiction at once.
    """
    given, errors = _known(values)
    config: Config | None = None
    wrong: set[str] = set()
    try:
        config = Config(**given)
    except ValidationError as error:
        for item in error.errors():
            key = str(item["loc"][0])
            wrong.add(key)
            errors.append(_describe(key, item))
        filled = {"dataset_name_or_path": ".", "output_dir": "."} | {k: v for k, v in given.items() if k not in wrong}
        config = Config(**filled)
    errors += [text for keys, text in _contradictions(config) if not wrong & set(keys)]
    if errors:
        count = f"{len(errors)} mistakes" if len(errors) > 1 else "1 mistake"
        raise UsageError("\n".join([f"{where}: {count}", *(f"  {error}" for error in errors)]))
    return config


def _known(values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    given: dict[str, Any] = {}
    errors = []
    names = [*Config.model_fields, *ALIASES]
    for key, value in values.items():
        name = ALIASES.get(key, key)
        if name not in Config.model_fields:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
            errors.append(f"{key}: no such key" + (f"; did you mean {near[0]}?" if near else ""))
        elif name in given and given[name] != value:
            errors.append(f"{key}: given twice ({given[name]!r} and {value!r}, once as {name})")
        elif value is not None:
            given[name] = value
    return given, errors


def _describe(key: str, item: Any) -> str:
    if item["type"] == "missing":
        return f"{key}: missing; it has no default"
    expected = item["msg"].replace("Input should be ", "expected ").replace("a valid ", "a ")
    return f"{key}: {expected.split(', unable')[0]}, found {item['input']!r}"


Problem = tuple[tuple[str, ...], str]  # the keys that cannot be meant together, and why


def _contradictions(c: Config) -> list[Problem]:
    return [(tuple(keys.split()), text) for bad, keys, text in (*_best_model(c), *_values(c), *_not_here(c)) if bad]


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


def _not_here(c: Config) -> list[tuple[bool, str, str]]:
    """Return the same for what this version does not do, with what to use instead."""
    devices = [
        (getattr(c, key) > 1, key, f"{key}: a 0.5B model fits one device; expected 1, found {getattr(c, key)}")
        for key in ("tensor_parallel_degree", "pipeline_parallel_degree")
    ]
    return [
        (not c.do_train, "do_train", "do_train is false: to measure a trained adapter use buqi evaluate"),
        (not c.lora, "lora", "lora: only LoRA is trained by this version; set it to true"),
        (c.pissa, "pissa", "pissa: not in this version; set it to false (plain LoRA initialisation)"),
        *devices,
    ]


def notes(c: Config, gpu: bool) -> list[str]:
    """Return what a key of ``c`` does differently here than its name says, one line each."""
    found = []
    if c.fp16:
        level = f" (fp16_opt_level {c.fp16_opt_level} with it)"
        found.append(
            f"fp16{level}: a CPU has no fast fp16, so training runs in fp32" if not gpu else f"fp16{level}: fp32"
        )
    if c.bf16 and not gpu:
        found.append("bf16: the base in bf16, the adapter in fp32; slower than fp32 on a CPU without bf16 units")
    if c.recompute:
        found.append("recompute: activations are computed twice, for less memory and about a third more time")
    if c.use_flash_attention:
        found.append("use_flash_attention: needs CUDA; torch's scaled-dot-product attention is used")
    if c.zero_padding:
        found.append("zero_padding: rows are always packed without padding, each seeing only itself")
    if c.unified_checkpoint:
        found.append("unified_checkpoint: an adapter is always one safetensors file that PEFT and vLLM open")
    if c.eval_accumulation_steps:
        found.append("eval_accumulation_steps: logits are never gathered, so there is nothing to accumulate")
    if c.gradient_accumulation_steps > 1:
        found.append(
            f"per_device_train_batch_size {c.per_device_train_batch_size} x gradient_accumulation_steps "
            f"{c.gradient_accumulation_steps}: the {c.rows_per_step} rows of a step share packs of up to "
            f"{c.pack_tokens} tokens; the gradient is the mean over all their trained tokens"
        )
    return found


def parse_json(path: Path) -> dict[str, Any]:
    """Return a JSON object that may carry ``#`` and ``//`` comments, as the tutorial prints it.

    Raises:
        UsageError: missing, not JSON, or not an object.
    """
    text = strip_comments(read_text(path))
    try:
        values = json.loads(text, object_pairs_hook=lambda pairs: _once(pairs, path))
    except json.JSONDecodeError as error:
        line = text.splitlines()[error.lineno - 1].strip() if text.strip() else "(empty)"
        raise UsageError(f"{path}:{error.lineno}: not JSON ({error.msg}): {line[:80]}") from error
    if not isinstance(values, dict):
        raise UsageError(f"{path}: expected a JSON object of keys and values, found {type(values).__name__}")
    return values


def _once(pairs: list[tuple[str, Any]], path: Path) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise UsageError(f"{path}: {', '.join(twice)} given twice")
    return dict(pairs)


def strip_comments(text: str) -> str:
    """Return ``text`` without ``#`` and ``//`` comments that stand outside strings; lines keep their numbers."""
    return re.sub(r'("(?:\\.|[^"\\\n])*")|(?:#|//)[^\n]*', lambda match: match.group(1) or "", text)


def parse_overrides(words: Sequence[str]) -> dict[str, Any]:
    """Return ``--key value``, ``--key=value`` and bare ``--flag`` as values; lists as JSON or separated by commas.

    Raises:
        UsageError: a word that belongs to no key.
    """
    values: dict[str, Any] = {}
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        if not word.startswith("--") or len(word) < 3:
            raise UsageError(f"{word!r}: expected --key value")
        key, equals, value = word[2:].partition("=")
        if not equals:
            value = waiting.pop(0) if waiting and not waiting[0].startswith("--") else "true"
        values[key.replace("-", "_")] = _plain(key, value)
    return values


def _plain(key: str, value: str) -> Any:
    if not value.startswith("["):
        return None if value in ("null", "None") else value
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise UsageError(f'--{key} {value}: expected a JSON list such as ["q_proj", "v_proj"]') from error
