"""The keys of a training configuration, as one frozen object.

Keys, defaults and meanings are PaddleNLP's where it has them; what differs here is said by `buqi.config.rules.notes`.
The text below a key is its entry in the list of keys (docs/reference/config.md) and in the JSON schema.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from buqi.machine import fast_bf16, gpu, gpu_bf16

Strategy = Literal["no", "steps", "epoch"]
ALIASES = {"eval_strategy": "evaluation_strategy"}
TOO_LARGE = 1 << 32
MOST_RANK = 1 << 16  # an adapter of a larger rank is not opened
PACK_TOKENS, PACK_TOKENS_HALF = 384, 1024  # in fp32, in 16 bits
LINEAR = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


class TrainingStage(BaseModel):
    """One of several trainings in a row; what is left out is as in the configuration around it.

    ``data`` is a folder in ``dataset_name_or_path``. With ``freeze`` ``earlier`` what earlier stages trained stays;
    with ``none`` modules that an earlier stage trained may be trained on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(pattern=r"^\w[\w-]*$")
    data: str
    target_modules: tuple[str, ...] = Field(min_length=1)
    rank: int | None = Field(None, ge=1, le=MOST_RANK)
    learning_rate: float | None = Field(None, gt=0, le=1)
    epochs: float | None = Field(None, gt=0)
    freeze: Literal["earlier", "none"] = "earlier"


class Config(BaseModel):
    """Everything `buqi train` can be told. Unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    model_name_or_path: str = "embedded"
    """The base: `embedded`, a folder, a `.gguf` file, or `owner/name` on a hub."""
    dataset_name_or_path: str = Field(min_length=1)
    """Folder with `train.json`, `dev.json` and `test.json`."""
    output_dir: str = Field(min_length=1)
    """Folder for the adapter."""
    prompt_template: str | None = None
    """Ours: the instruction that all rows share, with `{text}` where the text of a row goes."""
    system: str | None = None
    """Ours: a system message. Without it the base's chat template decides."""
    do_train: bool = False
    """Must be true. `buqi evaluate` measures what is trained already."""
    do_eval: bool = False
    """Measure `dev.json`. Without an `evaluation_strategy` it is measured at the end."""
    do_predict: bool = False
    """Measure `test.json` at the end."""
    overwrite_output_dir: bool = False
    """Replace what `output_dir` holds."""

    per_device_train_batch_size: int = Field(8, ge=1)
    """This times `gradient_accumulation_steps` is the number of rows in one optimizer step."""
    gradient_accumulation_steps: int = Field(1, ge=1)
    """The gradient is the mean over all trained tokens of the step (PaddleNLP: the mean of micro-batch means)."""
    num_train_epochs: float = Field(1.0, gt=0)
    """Passes over the training rows."""
    max_steps: int = -1
    """Optimizer steps. A value above 0 replaces `num_train_epochs`; with -1 the epochs count."""
    learning_rate: float = Field(2e-5, gt=0, le=1)
    """The default is that of PaddleNLP's SFT."""
    lr_scheduler_type: Literal["linear", "cosine", "constant", "constant_with_warmup", "polynomial"] = "linear"
    """How the learning rate falls during the run."""
    warmup_steps: int = Field(0, ge=0)
    """Steps in which the learning rate rises from 0. Not with `warmup_ratio`."""
    warmup_ratio: float = Field(0.0, ge=0, lt=1)
    """`warmup_steps` as a share of all steps."""
    weight_decay: float = Field(0.0, ge=0)
    """Weight decay of AdamW, the optimizer."""
    adam_beta1: float = Field(0.9, ge=0, lt=1)
    """Of AdamW."""
    adam_beta2: float = Field(0.999, ge=0, lt=1)
    """Of AdamW."""
    adam_epsilon: float = Field(1e-8, gt=0)
    """Of AdamW."""
    max_grad_norm: float = Field(1.0, ge=0)
    """Longer gradients are cut to this length."""
    seed: int = Field(42, ge=0, lt=1 << 32)
    """On one machine, the same seed gives the same run."""

    src_length: int = Field(1024, ge=1)
    """Most tokens before the last answer. Longer rows are named and refused, never cut."""
    max_length: int = Field(2048, ge=2)
    """Most tokens of a row. Nothing is padded, so a large value costs nothing."""
    pack_tokens: int | None = Field(None, ge=1)
    """Ours: most tokens computed at once. It decides memory, not the result. Without it 384, or 1,024
    in bf16; on a GPU as many as its memory takes."""
    zero_padding: bool = False
    """No effect: rows are always packed (first-fit decreasing) without padding."""
    greedy_zero_padding: bool = False
    """No effect: rows are always packed so. Needs `zero_padding`."""

    lora: bool = False
    """With false every weight is trained (10 GB of memory for 0.5B), and saved as a Hugging Face folder (2 GB)."""
    lora_path: str | None = None
    """Continue from this adapter (of the same base) instead of a new one."""
    lora_rank: int = Field(8, ge=1, le=MOST_RANK)
    """Rank of the adapter."""
    lora_alpha: float | None = Field(None, gt=0)
    """Ours. Without it the value is that of PaddleNLP: twice the rank, 4 with `rslora`, the rank with `pissa`."""
    lora_dropout: float = Field(0.0, ge=0, lt=1)
    """Ours. The rows of a pack share the dropout of their common beginning."""
    target_modules: str | tuple[str, ...] = LINEAR
    """Ours: names (`q_proj,v_proj`) or one regular expression. `all` and `all-linear` mean these seven."""
    rank_pattern: dict[str, Annotated[int, Field(ge=1, le=MOST_RANK)]] = {}
    """Ours: other ranks by module name or regular expression, `{"v_proj": 16}`."""
    alpha_pattern: dict[str, float] = {}
    """Ours: other alphas in the same way."""
    train_only: tuple[str, ...] = ()
    """Ours: train only these modules of the adapter and keep the others."""
    stages: tuple[TrainingStage, ...] = ()
    """Ours: several trainings in a row; see "Train in stages"."""
    pissa: bool = False
    """Start from the largest singular values (randomised SVD, 16 iterations). Saved as an ordinary LoRA of the original
    base, of twice the rank; PaddleNLP saves A and B alone, which do not fit the original base."""
    rslora: bool = False
    """The scale is alpha/√rank instead of alpha/rank."""
    dora: bool = False
    """Ours: direction and length of each column are learnt separately."""
    lora_plus_scale: float = Field(1.0, gt=0)
    """LoRA+: B learns at this many times the learning rate."""
    neftune: bool = False
    """Noise on the embeddings in training, sized by the length of each row, whatever it is packed with."""
    neftune_noise_alpha: float = Field(5.0, gt=0)
    """Size of that noise."""

    weight_quantize_algo: Literal["nf4", "fp4", "weight_only_int8"] | None = None
    """QLoRA: the frozen base in 4 or 8 bits, by bitsandbytes (extra `qlora`); less memory, more time on a CPU. Merge
    into the unquantised base. `weight_only_int4` is refused: use nf4."""
    weight_blocksize: int = 64
    """Only 64: the blocks of bitsandbytes."""
    weight_double_quant: bool = False
    """Quantise the scales of nf4 and fp4 too."""
    weight_double_quant_block_size: int = 256
    """Only 256."""

    evaluation_strategy: Strategy = "no"
    """When `dev.json` is measured. `eval_strategy` is the same key."""
    eval_steps: int | None = Field(None, ge=1)
    """Steps between two evaluations. Without it `logging_steps` counts."""
    per_device_eval_batch_size: int = Field(8, ge=1)
    """Rows computed together in evaluation; at least as many as in a training step."""
    eval_accumulation_steps: int | None = Field(None, ge=1)
    """No effect: logits are never gathered."""
    eval_with_do_generation: bool = False
    """Measure exact match by generation at every evaluation."""
    exact_match_rows: int = Field(100, ge=0)
    """Ours: rows that exact match is measured on."""
    save_strategy: Strategy = "steps"
    """When a checkpoint is saved."""
    save_steps: int = Field(500, ge=1)
    """Steps between two checkpoints."""
    save_total_limit: int | None = Field(None, ge=1)
    """Number of checkpoints kept. The best one is kept in addition."""
    load_best_model_at_end: bool = False
    """Keep the best adapter instead of the last."""
    metric_for_best_model: str | None = None
    """`loss` (the default), `accuracy` or `exact_match`."""
    early_stopping_patience: int | None = Field(None, ge=1)
    """Ours: stop after so many evaluations that were not better."""
    early_stopping_threshold: float = Field(0.0, ge=0)
    """Ours: the least improvement that counts as better."""
    logging_steps: int = Field(500, ge=1)
    """Steps between two entries of `log.jsonl`."""
    disable_tqdm: bool = False
    """Print lines instead of a progress bar."""
    report_to: Literal["none", "tensorboard", "mlflow", "wandb", "swanlab"] = "tensorboard"
    """A service that gets the log too. Install the last three yourself."""

    fp16: bool = False
    """As `bf16` where the device has units for that (GPUs since 2020, CPUs with AMX or AVX512-BF16). Else a GPU
    computes in fp16 and scales the loss, and a CPU computes in fp32. One line says so."""
    bf16: bool = False
    """Base and products in bf16, what is trained in fp32. It is faster only on devices with units for it."""
    torch_compile: bool = False
    """Ours. On a GPU: elementwise parts of a step are compiled at first use (not measured yet). Parts that cannot be
    compiled are computed as usual."""
    tf32: bool = False
    """Ours. On a GPU: products of fp32 in TF32 (10 bits behind the point instead of 23), several times as fast."""
    fp16_opt_level: Literal["O0", "O1", "O2"] = "O1"
    """O2 needs `fp16` or `bf16`. No other effect."""
    recompute: bool = False
    """Activations are computed twice: less memory, more time, same losses. No effect if a GPU has room for all rows of
    a step."""
    unified_checkpoint: bool = False
    """No effect: an adapter is always one safetensors file, which PEFT and vLLM open."""
    use_flash_attention: bool = False
    """Needs CUDA; torch's scaled-dot-product attention is used."""
    tensor_parallel_degree: int = -1
    """1 or -1. More is refused: a 0.5B model fits one device."""
    pipeline_parallel_degree: int = -1
    """The same."""

    @property
    def precision(self) -> Literal["fp32", "bf16", "fp16"]:
        """The type that products are computed in on this machine.

        Where the device has units for bf16, fp16 means bf16, since that needs no scaling of the loss. Elsewhere fp16 is
        computed on a GPU, with a scaled loss, and fp32 on a CPU.
        """
        if not (self.bf16 or self.fp16) or self.weight_quantize_algo:
            return "fp32"
        if self.bf16 or (gpu_bf16() if gpu() else fast_bf16()):
            return "bf16"
        return "fp16" if gpu() else "fp32"

    @property
    def half(self) -> bool:
        """Whether products are computed in 16 bits."""
        return self.precision != "fp32"

    @property
    def dtype(self) -> str:
        """The type of the base's weights: fp32 if they are trained (steps of 1e-5 vanish in bf16) or split by PiSSA."""
        if not self.half or not self.lora or self.pissa:
            return "float32"
        return "bfloat16" if self.precision == "bf16" else "float16"

    @property
    def budget(self) -> int:
        """Most tokens computed at once. Units for 16 bits need more of them than those for fp32 to be busy."""
        return self.pack_tokens or (PACK_TOKENS_HALF if self.half else PACK_TOKENS)

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[str(info.field_name)].annotation
        if isinstance(value, bool) and {int, float} & {kind, *get_args(kind)}:  # true would be 1
            raise PydanticCustomError("number", "expected a number")
        return value

    @field_validator("*")
    @classmethod
    def _no_huge_number(cls, value: Any) -> Any:
        if type(value) in (int, float) and value >= TOO_LARGE:  # torch and Python count no further
            raise PydanticCustomError("large", "expected less than 2 to the power of 32")
        return value

    @field_validator("target_modules", "train_only", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        # "q_proj,v_proj" on the command line is a list; text with characters of a regular expression is one pattern.
        # "all" is LLaMA-Factory's word for every linear layer, "all-linear" PEFT's.
        if isinstance(value, str) and re.fullmatch(r"[\w-]+(\s*,\s*[\w-]+)*", value):
            value = tuple(part.strip() for part in value.split(","))
        if isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value):
            value = tuple(dict.fromkeys(value))
        return LINEAR if value in (("all",), ("all-linear",)) else value

    @field_validator("evaluation_strategy", "save_strategy", mode="before")
    @classmethod
    def _yaml_no(cls, value: Any) -> Any:
        return "no" if value is False else value  # YAML 1.1 reads no as false

    @field_validator("report_to", mode="before")
    @classmethod
    def _only_element(cls, value: Any) -> Any:
        return value[0] if isinstance(value, list) and len(value) == 1 else value  # transformers has a list

    @field_validator("rank_pattern", "alpha_pattern", mode="before")
    @classmethod
    def _parsed_json(cls, value: Any) -> Any:
        if isinstance(value, str):  # as on a command line
            with suppress(ValueError, RecursionError):
                return json.loads(value)
        return value

    @field_validator("dataset_name_or_path", "output_dir", "lora_path")
    @classmethod
    def _expand_home(cls, value: Any) -> Any:
        return value and os.path.expanduser(value)

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
    def sets(self) -> tuple[str, ...]:
        """The sets of rows that a run reads: train, dev, test."""
        asked = {"train": self.do_train, "dev": self.do_eval, "test": self.do_predict}
        return tuple(name for name, on in asked.items() if on)

    @property
    def rows_per_step(self) -> int:
        """Rows in one optimizer step."""
        return self.per_device_train_batch_size * self.gradient_accumulation_steps

    @property
    def best_metric(self) -> str:
        """The metric that decides which model is best."""
        return (self.metric_for_best_model or "loss").removeprefix("eval_")
