"""The training configuration: the tutorial's JSON, `#` comments and all, as one frozen object.

Keys, defaults and meanings are PaddleNLP's where it has them; what differs on a CPU is said by `notes`
(:mod:`buqi.config_rules`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from buqi.config_file import parse_json, parse_overrides, parse_yaml
from buqi.errors import UsageError
from buqi.machine import fast_bf16
from buqi.paddle_keys import WHY, says_nothing

Strategy = Literal["no", "steps", "epoch"]
ALIASES = {"eval_strategy": "evaluation_strategy"}
PACK_TOKENS, PACK_TOKENS_HALF = 384, 1024
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class Stage(BaseModel):
    """One of several trainings in a row; what is left out is as in the configuration around it.

    ``data`` is a folder in ``dataset_name_or_path``. With ``freeze`` ``earlier`` what earlier stages trained stays;
    with ``none`` modules that an earlier stage trained may be trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^\w[\w-]*$")
    data: str
    target_modules: tuple[str, ...] = Field(min_length=1)
    rank: int | None = Field(None, ge=1)
    learning_rate: float | None = Field(None, gt=0, le=1)
    epochs: float | None = Field(None, gt=0)
    freeze: Literal["earlier", "none"] = "earlier"


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
    pack_tokens: int | None = Field(None, ge=1)
    zero_padding: bool = False
    greedy_zero_padding: bool = False
    # LoRA
    lora: bool = False
    lora_path: str | None = None
    lora_rank: int = Field(8, ge=1)
    lora_alpha: float | None = Field(None, gt=0)
    lora_dropout: float = Field(0.0, ge=0, lt=1)
    target_modules: str | tuple[str, ...] = LINEAR
    rank_pattern: dict[str, int] = {}
    alpha_pattern: dict[str, float] = {}
    train_only: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    pissa: bool = False
    rslora: bool = False
    dora: bool = False
    lora_plus_scale: float = Field(1.0, gt=0)
    neftune: bool = False
    neftune_noise_alpha: float = Field(5.0, gt=0)
    # quantised base
    weight_quantize_algo: Literal["nf4", "fp4", "weight_only_int8"] | None = None
    weight_blocksize: int = 64
    weight_double_quant: bool = False
    weight_double_quant_block_size: int = 256
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
    early_stopping_patience: int | None = Field(None, ge=1)
    early_stopping_threshold: float = Field(0.0, ge=0)
    logging_steps: int = Field(500, ge=1)
    disable_tqdm: bool = False
    report_to: Literal["none", "tensorboard", "mlflow", "wandb", "swanlab"] = "tensorboard"
    # machine
    fp16: bool = False
    bf16: bool = False
    fp16_opt_level: Literal["O0", "O1", "O2"] = "O1"
    recompute: bool = False
    unified_checkpoint: bool = False
    use_flash_attention: bool = False
    tensor_parallel_degree: int = -1
    pipeline_parallel_degree: int = -1

    @property
    def half(self) -> bool:
        """Whether products are computed in bfloat16: asked for, or fp16 asked for on a CPU with units for bf16."""
        return (self.bf16 or (self.fp16 and fast_bf16())) and not self.weight_quantize_algo

    @property
    def dtype(self) -> str:
        """How the base is held: what is trained stays in fp32 (steps of 1e-5 vanish in bf16), and what PiSSA splits."""
        return "bfloat16" if self.half and self.lora and not self.pissa else "float32"

    @property
    def budget(self) -> int:
        """Most tokens computed at once; matrix units are kept busy by more of them than fp32 is."""
        return self.pack_tokens or (PACK_TOKENS_HALF if self.half else PACK_TOKENS)

    @field_validator("target_modules", "train_only", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        # "q_proj,v_proj" on the command line is a list; anything with regex characters is one pattern
        if isinstance(value, str) and re.fullmatch(r"\w+(\s*,\s*\w+)*", value):
            return tuple(part.strip() for part in value.split(","))
        return value

    @property
    def alpha(self) -> float:
        """LoRA's alpha: as given, else PaddleNLP's: 4 for rsLoRA, the rank for PiSSA, twice the rank otherwise."""
        if self.lora_alpha is not None:
            return self.lora_alpha
        return 4.0 if self.rslora else float(self.lora_rank) * (1.0 if self.pissa else 2.0)

    @property
    def method(self) -> str:
        """What is trained, in a few words."""
        if not self.lora:
            return "full"
        names = [name for name in ("pissa", "rslora", "dora") if getattr(self, name)]
        names += ["LoRA+"] if self.lora_plus_scale != 1 else []
        kind = "QLoRA " + self.weight_quantize_algo if self.weight_quantize_algo else "LoRA"
        return " ".join([kind, *names])

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
    values = {} if path is None else (parse_yaml if path.suffix in (".yaml", ".yml") else parse_json)(path)
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
    from buqi.config_rules import contradictions

    errors += [text for keys, text in contradictions(config) if not wrong & set(keys)]
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
        if name in WHY:
            if not says_nothing(name, value):
                errors.append(f"{key}: {WHY[name]}")
        elif name not in Config.model_fields:
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


def schema() -> dict[str, Any]:
    """Return the JSON schema of a configuration file."""
    return Config.model_json_schema()
