"""JSON files that others may have written, read by a schema. The result is a checked record or an error of a line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from buqi.errors import BuqiError, explained

MOST_BYTES = 64 << 20  # of one JSON file; the largest tokenizers have half of it
Schema = TypeVar("Schema", bound=BaseModel)
NAME = re.compile(r"[A-Za-z0-9_.]+")  # of a module; a regular expression is refused
Name = Annotated[str, Field(pattern=f"^{NAME.pattern}$", max_length=200)]
Size = Annotated[int, Field(ge=1, le=1 << 24, strict=True)]
Number = Annotated[float, Field(strict=True)]  # PEFT computes with it, so the text "16" is refused
Switch = Annotated[bool, Field(strict=True)]
KINDS_OF_LORA = "plain LoRA, rsLoRA and DoRA are read; train with one of them"
MODULES = '["q_proj", "v_proj"]'


def _unset(value: Any) -> Any:
    if value:
        raise ValueError("is set")
    return value


Unset = Annotated[Any, AfterValidator(_unset)]  # None, false or empty


class Foreign(BaseModel):
    """A record of which only some keys matter. Other keys are allowed. NaN and infinity are refused.

    Attributes:
        said: by key, the message for a wrong value, where the schema's own message does not help.
    """

    model_config = ConfigDict(extra="allow", allow_inf_nan=False, protected_namespaces=())
    said: ClassVar[dict[str, str]] = {}


class AdapterFile(Foreign):
    """``adapter_config.json`` of PEFT, as far as it decides what is read, allocated or run."""

    said = {
        "peft_type": f"no adapter of LoRA; {KINDS_OF_LORA}",
        "target_modules": f"no list of modules; write their names there, such as {MODULES}, for a pattern or a word",
        "rank_pattern": 'no module with its rank; write names of modules, no regular expressions: {"v_proj": 16}',
        "alpha_pattern": 'no module with its alpha; write names of modules, no regular expressions: {"v_proj": 32}',
        "modules_to_save": f"no list of modules; write their names there, such as {MODULES}",
        "layer_replication": "the adapter makes more layers than the base has, which is not read",
        "target_parameters": f"the adapter is on others than modules, which is not read; use target_modules {MODULES}",
        "trainable_token_indices": "the adapter has rows of the embedding beside LoRA, which are not read",
        "init_lora_weights": "no way to begin LoRA that PEFT has",
    } | dict.fromkeys(
        (
            *("lora_bias", "use_qalora", "alora_invocation_tokens", "use_bdlora", "arrow_config", "kasa_config"),
            *("monteclora_config", "megatron_config"),
        ),
        f"a kind of LoRA that is not read; {KINDS_OF_LORA}",
    )

    peft_type: Annotated[str, Field(pattern="^LORA$")]
    r: Annotated[int, Field(ge=1, le=1 << 16, strict=True)]
    lora_alpha: Number
    lora_dropout: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0
    target_modules: Annotated[list[Name], Field(min_length=1)]
    modules_to_save: list[Name] | None = None
    exclude_modules: list[Name] | None = None
    layers_pattern: Name | list[Name] | None = None
    layers_to_transform: int | list[int] | None = None
    rank_pattern: dict[Name, Size] | None = None
    alpha_pattern: dict[Name, Number] | None = None
    use_dora: Switch = False
    use_rslora: Switch = False
    fan_in_fan_out: Switch = False
    bias: Annotated[str, Field(pattern="^(none|all|lora_only)$")] = "none"
    task_type: str | None = None
    base_model_name_or_path: str | None = None
    init_lora_weights: Switch | str | None = True
    # Keys that make more layers than the base has, adapt other things than modules, or compute other things than LoRA.
    layer_replication: Unset = None
    target_parameters: Unset = None
    trainable_token_indices: None = None  # PEFT reads an empty list, too
    lora_bias: Unset = None
    use_qalora: Unset = None
    alora_invocation_tokens: Unset = None
    use_bdlora: Unset = None
    arrow_config: Unset = None
    kasa_config: Unset = None
    monteclora_config: Unset = None
    megatron_config: Unset = None


class PaddleFile(Foreign):
    """``lora_config.json`` of PaddleNLP."""

    r: Any = None  # said by the reader where it is no number
    lora_alpha: Any = None
    tensor_parallel_degree: int | None = None
    base_model_name_or_path: str | None = None
    lora_dropout: float | None = None
    pissa: bool | None = None
    rslora: bool | None = None


class RopeFile(Foreign):
    """Rotary positions in ``config.json``. Of a base that is not above 0, every rotation would be NaN."""

    rope_theta: Annotated[float, Field(gt=0)] | None = None


class BaseFile(Foreign):
    """``config.json`` of a model."""

    model_type: Annotated[str, Field(min_length=1, max_length=100)]
    architectures: list[str] | None = None
    vocab_size: Size | None = None
    hidden_size: Size | None = None
    intermediate_size: Size | None = None
    num_hidden_layers: Annotated[int, Field(ge=1, le=10_000)] | None = None
    num_attention_heads: Size | None = None
    num_key_value_heads: Size | None = None
    max_position_embeddings: Annotated[int, Field(ge=1, lt=1 << 32)] | None = None
    rms_norm_eps: Annotated[float, Field(ge=0)] | None = None
    rope_theta: Annotated[float, Field(gt=0)] | None = None
    rope_parameters: RopeFile | None = None
    tie_word_embeddings: bool | None = None
    num_labels: Annotated[int, Field(ge=0, le=100_000)] | None = None  # transformers makes a name for each


class TaskFile(Foreign):
    """``task.json``."""

    name: Annotated[str, Field(max_length=100)]
    template: Annotated[str, Field(max_length=100_000)]
    system: Annotated[str, Field(max_length=100_000)] | None
    chat_template: Annotated[str, Field(max_length=64)] | None = None  # its hash
    end_token: Annotated[str, Field(max_length=200)] | None = None


class BaseRecord(Foreign):
    """The base in ``run.json``."""

    spec: Annotated[str, Field(max_length=4096)] | None = None
    fingerprint: Annotated[str, Field(max_length=64)] | None = None


class RunFile(Foreign):
    """``run.json``."""

    status: str | None = None
    identity: str | None = None
    base: BaseRecord = BaseRecord()
    task: str | None = None
    config: dict[str, Any] = {}
    data: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    versions: dict[str, Any] = {}
    fingerprint: str | None = None
    merged_from: dict[str, Any] | None = None


class StateFile(Foreign):
    """``trainer_state.json`` of a checkpoint."""

    model_config = ConfigDict(allow_inf_nan=True)  # a loss may be logged as NaN

    global_step: Annotated[int, Field(ge=0)]
    max_steps: int
    epoch: float | None = None
    log_history: list[dict[str, Any]] = []
    best_metric: float | None = None
    best_model_checkpoint: str | None = None
    stateful_callbacks: dict[str, Any] = {}


class TokenizerFile(Foreign):
    """``tokenizer_config.json``."""

    model_config = ConfigDict(allow_inf_nan=True)

    tokenizer_class: str | None = None
    model_max_length: float | None = None
    chat_template: str | list[dict[str, Any]] | dict[str, Any] | None = None
    eos_token: str | dict[str, Any] | None = None
    pad_token: str | dict[str, Any] | None = None
    added_tokens_decoder: dict[str, dict[str, Any]] | None = None


class GenerationFile(Foreign):
    """``generation_config.json``."""

    eos_token_id: int | list[int] | None = None
    pad_token_id: int | None = None
    max_length: int | None = None
    min_length: int | None = None
    max_new_tokens: int | None = None
    min_new_tokens: int | None = None
    num_beams: int | None = None
    no_repeat_ngram_size: int | None = None


class IndexFile(Foreign):
    """``model.safetensors.index.json``: the file of each tensor, in the same folder."""

    weight_map: dict[str, Annotated[str, Field(pattern=r"^[^/\\]+\.safetensors$")]]


class ObjectFile(Foreign):
    """Any JSON object."""

    model_config = ConfigDict(allow_inf_nan=True)


# The JSON of a base that transformers reads; tokenizer.json is left to the tokenizer, which reads it faster.
OF_BASE: dict[str, type[Foreign]] = {
    "config.json": BaseFile,
    "tokenizer_config.json": TokenizerFile,
    "generation_config.json": GenerationFile,
    "model.safetensors.index.json": IndexFile,
    "special_tokens_map.json": ObjectFile,
    "added_tokens.json": ObjectFile,
}


def parsed(path: Path, schema: type[Schema]) -> Schema:
    """Return a JSON file as ``schema`` has it.

    Raises:
        BuqiError: it cannot be read, is no JSON, too large or nested too deep, or not what the schema says.
    """
    with explained(f"{path}: cannot be read", OSError):
        if (size := path.stat().st_size) > MOST_BYTES:
            raise BuqiError(f"{path}: {size / 1e6:.0f} MB; such a file has at most {MOST_BYTES / 1e6:.0f} MB")
        return checked(path.read_bytes(), str(path), schema)


def checked(data: bytes | str, where: str, schema: type[Schema]) -> Schema:
    """Return a JSON text as ``schema`` has it; ``where`` it stands is for the message.

    Raises:
        BuqiError: as for `parsed`.
    """
    try:
        found = json.loads(data)
        if not isinstance(found, dict):
            raise BuqiError(f"{where}: expected an object, found {type(found).__name__}")
        return schema.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("list[", "constrained")))
        shown = repr(first.get("input"))[:80]
        said = schema.said.get(str(first["loc"][0])) if first["loc"] and issubclass(schema, Foreign) else None
        raise BuqiError(f"{where}: {key[:80] or 'record'}: {said or first['msg'][:200]}, found {shown}") from error
    except RecursionError as error:
        raise BuqiError(f"{where}: broken (nested too deep)") from error
    except ValueError as error:  # no JSON, no UTF-8, or a number of thousands of digits
        raise BuqiError(f"{where}: broken ({str(error)[:120]})") from error
