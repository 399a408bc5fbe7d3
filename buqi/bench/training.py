"""Training speed against other trainers: the same rows in the same order, the same LoRA, the same optimizer.

``python -m buqi.bench.training TRAINER …`` trains and prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.bench.process import measured_alone
from buqi.errors import UsageError
from buqi.extras import install

if TYPE_CHECKING:
    from buqi.config import Config
    from buqi.task import Encoded

WARM_STEPS, WARM_STEPS_GPU = 1, 4  # steps that only warm up; a GPU's first ones find kernels and memory
IGNORED = -100  # the label of tokens that transformers does not learn


@dataclass(frozen=True)
class TrainingSpeed:
    """What one trainer measured: seconds of each timed step, logged losses (nats per trained token), GB.

    On a GPU ``seconds`` holds the mean of all timed steps: to time each would make the program wait for it.
    """

    trainer: str
    rows: int
    seconds: list[float]
    losses: list[float]
    peak_memory_gb: float
    card_memory_gb: float = 0.0

    @property
    def rows_per_second(self) -> float:
        """Rows a second at the median step."""
        return self.rows / sorted(self.seconds)[len(self.seconds) // 2]


@dataclass(frozen=True)
class TrainingLoad:
    """What is trained.

    Attributes:
        base: folder of the base.
        rows: in a step.
        steps: that are timed.
        rank: of the LoRA, on all linear layers.
        micro: rows of a micro-batch, where a trainer pads.
        half: whether base and products of every trainer are in bfloat16; the adapter is in fp32.
        device: ``cpu`` or ``cuda``.
        compiled: whether buqi's elementwise parts are compiled, on a GPU.
    """

    base: str
    rows: int = 16
    steps: int = 5
    rank: int = 8
    micro: int = 16
    half: bool = False
    device: str = "cpu"
    compiled: bool = False

    @property
    def warm_steps(self) -> int:
        """How many steps only warm up."""
        return WARM_STEPS if self.device == "cpu" else WARM_STEPS_GPU

    @property
    def all_steps(self) -> int:
        """How many steps are trained."""
        return self.steps + self.warm_steps


def measure(trainer: str, load: TrainingLoad) -> TrainingSpeed:
    """Return what ``trainer`` measured in a process of its own; a `BuqiError` if it failed."""
    return TrainingSpeed(**measured_alone(trainer, "buqi.bench.training", trainer, json.dumps(asdict(load))))


def check_trainers(names: Sequence[str]) -> None:
    """Raise `UsageError` if there is no such trainer, or it is not installed."""
    if unknown := [name for name in names if name not in TRAINERS]:
        raise UsageError(f"{', '.join(unknown)}: expected some of {', '.join(TRAINERS)}")
    if "trl" in names and find_spec("trl") is None:
        raise UsageError(f"--against trl: is not installed; {install('bench')}")


def compare(load: TrainingLoad, others: Sequence[str], say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Return the speed of buqi and of ``others``, as JSON takes it.

    ``ratios``: how many times as fast as each buqi is. ``largest_loss_difference``: from buqi's losses, in nats.

    Raises:
        UsageError: the rows of a step are no whole micro-batches, or as `check_trainers`.
        BuqiError: one of them failed.
    """
    from buqi.artefact import versions

    check_trainers(others)
    if load.rows % load.micro:
        raise UsageError(f"--rows {load.rows} --micro {load.micro}: the rows of a step must be whole micro-batches")
    speeds = {}
    for trainer in ("buqi", *others):
        say(f"{trainer}: {load.steps} steps of {load.rows} rows")
        speeds[trainer] = measure(trainer, load)
    ours = speeds["buqi"]
    gaps = {t: max(abs(a - b) for a, b in zip(ours.losses, s.losses, strict=True)) for t, s in speeds.items()}
    return {
        "speeds": {t: asdict(s) | {"rows_per_second": s.rows_per_second} for t, s in speeds.items()},
        "ratios": {t: ours.rows_per_second / s.rows_per_second for t, s in speeds.items()},
        "largest_loss_difference": gaps,
        "versions": versions(),
    }


def lines(found: dict[str, Any]) -> list[str]:
    """Return what `compare` found, a line a trainer."""
    told = []
    for trainer, speed in found["speeds"].items():
        told.append(f"{trainer:<8}{speed['rows_per_second']:6.2f} rows/s  peak {speed['peak_memory_gb']:.1f} GB")
        if speed["card_memory_gb"]:
            told[-1] += f", of the GPU {speed['card_memory_gb']:.1f} GB"
        if trainer != "buqi":
            told[-1] += f"  buqi is {found['ratios'][trainer]:.2f} times as fast"
            told[-1] += f", largest loss difference {found['largest_loss_difference'][trainer]:.1e}"
    return told


@dataclass(frozen=True)
class Prepared:
    """What every trainer starts from: rows as tokens, arguments of the Trainer, and what else it is made with."""

    config: Config
    rows: list[Encoded]
    tokenizer: Any
    arguments: dict[str, Any]
    common: dict[str, Any]


def _prepared(load: TrainingLoad, folder: str, clock: Any) -> Prepared:
    from transformers import set_seed

    from buqi.base import load_model, load_tokenizer
    from buqi.config import make_config
    from buqi.synthesis import EXAMPLE_REGION, build_rows, counties_of
    from buqi.task import ADDRESS
    from buqi.tune.adapter import add_adapter

    tokenizer = load_tokenizer(Path(load.base))
    rows = build_rows(counties_of(EXAMPLE_REGION), load.rows * load.all_steps)
    keys = {"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora": True}
    config = make_config(keys | {"lora_rank": load.rank, "bf16": load.half, "torch_compile": load.compiled})
    set_seed(0)
    model = add_adapter(load_model(Path(load.base), "bfloat16" if load.half else "float32", load.device), config)
    arguments = {
        "output_dir": folder,
        "per_device_train_batch_size": load.micro,
        "gradient_accumulation_steps": load.rows // load.micro,
        "max_steps": load.all_steps,
        "learning_rate": 3e-4,
        "lr_scheduler_type": "constant",
        "optim": "adamw_torch",
        "logging_steps": 1 if load.device == "cpu" else load.all_steps,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": load.device == "cpu",
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "bf16": load.half,
        "train_sampling_strategy": "sequential",
    }
    encoded = [ADDRESS.encode(tokenizer, row.src, row.tgt) for row in rows]
    return Prepared(config, encoded, tokenizer, arguments, {"model": model, "callbacks": [clock]})


def with_buqi(load: TrainingLoad, prepared: Prepared) -> Any:
    """Packs with a shared prefix."""
    from transformers import TrainingArguments

    from buqi.task import ADDRESS
    from buqi.tune.trainer import PackedTrainer

    whole = {"per_device_train_batch_size": load.rows, "gradient_accumulation_steps": 1, "bf16": False}
    arguments = prepared.arguments | whole  # the Trainer's own autocast would only wrap ours
    return PackedTrainer(
        task=ADDRESS,
        config=prepared.config,
        args=TrainingArguments(**arguments, remove_unused_columns=False),
        train_dataset=prepared.rows,
        processing_class=prepared.tokenizer,
        **prepared.common,
    )


def with_trainer(load: TrainingLoad, prepared: Prepared) -> Any:
    """transformers' Trainer with PEFT as its documentation shows it: rows padded to the longest of the batch."""
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    records: Any = []
    for row in prepared.rows:
        labels = [token if on else IGNORED for token, on in zip(row.ids, row.trained, strict=True)]
        records.append({"input_ids": row.ids, "attention_mask": [1] * len(row.ids), "labels": labels})
    arguments, collator = TrainingArguments(**prepared.arguments), DataCollatorForSeq2Seq(prepared.tokenizer)
    return Trainer(args=arguments, train_dataset=records, data_collator=collator, **prepared.common)


def with_trl(load: TrainingLoad, prepared: Prepared) -> Any:
    """TRL's SFTTrainer on prompt and completion, loss on the completion only.

    Its packing and its padding-free batches need FlashAttention to keep rows apart, so on a CPU it pads.
    """
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    records = [{"input_ids": row.ids, "completion_mask": list(map(int, row.trained))} for row in prepared.rows]
    arguments = prepared.arguments | {"completion_only_loss": True, "max_length": None, "gradient_checkpointing": False}
    return SFTTrainer(
        args=SFTConfig(**arguments),
        train_dataset=Dataset.from_list(records),
        processing_class=prepared.tokenizer,
        **prepared.common,
    )


TRAINERS = {"buqi": with_buqi, "trainer": with_trainer, "trl": with_trl}


def clock(load: TrainingLoad) -> tuple[Any, list[float]]:
    """Return a callback and the list that it writes seconds of steps into."""
    from torch import cuda
    from transformers import TrainerCallback

    seconds: list[float] = []
    began = 0.0

    class Clock(TrainerCallback):  # type: ignore[misc, unused-ignore]
        def on_step_begin(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
            nonlocal began
            if load.device == "cpu" or state.global_step == load.warm_steps:
                if load.device != "cpu":
                    cuda.synchronize()
                began = time.perf_counter()

        def on_step_end(self, args: Any, state: Any, *_: Any, **__: Any) -> None:
            if load.device == "cpu":
                seconds.append(time.perf_counter() - began)
            elif state.global_step == load.all_steps:
                cuda.synchronize()
                seconds.append((time.perf_counter() - began) / load.steps)

    return Clock(), seconds


def main(trainer: str, described: str) -> None:
    """Train as ``trainer`` does and print what was measured."""
    from transformers.utils import logging

    from buqi.machine import card_peak_gb, peak_memory_gb, use_device

    logging.set_verbosity_error()
    load = TrainingLoad(**json.loads(described))
    use_device(load.device)
    callback, seconds = clock(load)
    with tempfile.TemporaryDirectory() as folder:
        trained = TRAINERS[trainer](load, _prepared(load, folder, callback))
        trained.train()
    losses = [log["loss"] for log in trained.state.log_history if "loss" in log]
    timed = seconds[load.warm_steps :] if load.device == "cpu" else seconds
    peaks = round(peak_memory_gb(), 2), round(card_peak_gb(), 2)
    print(json.dumps(asdict(TrainingSpeed(trainer, load.rows, timed, losses, *peaks))))


if __name__ == "__main__":
    main(*sys.argv[1:])
