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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.bench.process import measured_alone
from buqi.errors import UsageError

if TYPE_CHECKING:
    from buqi.config import Config
    from buqi.task import Encoded

WARM_STEPS = 1  # steps that only warm up


@dataclass(frozen=True)
class TrainingSpeed:
    """What one trainer measured: seconds of each timed step, the loss of every step (nats per trained token), GB."""

    trainer: str
    rows: int
    seconds: list[float]
    losses: list[float]
    peak_memory_gb: float

    @property
    def rows_per_second(self) -> float:
        """Rows a second at the median step."""
        return self.rows / sorted(self.seconds)[len(self.seconds) // 2]


@dataclass(frozen=True)
class TrainingLoad:
    """What is trained: base folder, rows in a step, steps, LoRA rank (all linear layers), rows of a padded micro-batch.

    With ``half`` the base is in bfloat16 and so are products, the adapter in fp32: of every trainer.
    """

    base: str
    rows: int = 16
    steps: int = 5
    rank: int = 8
    micro: int = 16
    half: bool = False


def measure(trainer: str, load: TrainingLoad) -> TrainingSpeed:
    """Return what ``trainer`` measured, run in a process of its own.

    Raises:
        BuqiError: it failed.
    """
    return TrainingSpeed(**measured_alone(trainer, "buqi.bench.training", trainer, json.dumps(asdict(load))))


def compare(load: TrainingLoad, others: Sequence[str], say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Return the speed of buqi and of ``others``, as JSON takes it.

    ``ratios``: how many times as fast as each buqi is. ``largest_loss_difference``: from buqi's losses, in nats.

    Raises:
        UsageError: no such trainer, or the rows of a step are no whole micro-batches.
        BuqiError: one of them failed.
    """
    from buqi.artefact import versions

    if load.rows % load.micro:
        raise UsageError(f"--rows {load.rows} --micro {load.micro}: the rows of a step must be whole micro-batches")
    if unknown := [name for name in others if name not in TRAINERS]:
        raise UsageError(f"{', '.join(unknown)}: expected some of {', '.join(TRAINERS)}")
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
    from buqi.synthesis import build_rows, counties_of
    from buqi.task import ADDRESS
    from buqi.tune.adapter import add_adapter

    steps, tokenizer = load.steps + WARM_STEPS, load_tokenizer(Path(load.base))
    rows = build_rows(counties_of("西安市,宝鸡市"), load.rows * steps)
    keys = {"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora": True}
    config = make_config(keys | {"lora_rank": load.rank, "bf16": load.half})
    set_seed(0)
    model = add_adapter(load_model(Path(load.base), "bfloat16" if load.half else "float32", "cpu"), config)
    arguments = {
        "output_dir": folder,
        "per_device_train_batch_size": load.micro,
        "gradient_accumulation_steps": load.rows // load.micro,
        "max_steps": steps,
        "learning_rate": 3e-4,
        "lr_scheduler_type": "constant",
        "optim": "adamw_torch",
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "use_cpu": True,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
        "bf16": load.half,
        "train_sampling_strategy": "sequential",
    }
    encoded = [ADDRESS.encode(tokenizer, row.src, row.tgt) for row in rows]
    return Prepared(config, encoded, tokenizer, arguments, {"model": model, "callbacks": [clock]})


def with_buqi(load: TrainingLoad, given: Prepared) -> Any:
    """Packs with a shared prefix."""
    from transformers import TrainingArguments

    from buqi.task import ADDRESS
    from buqi.tune.trainer import PackedTrainer

    whole = {"per_device_train_batch_size": load.rows, "gradient_accumulation_steps": 1, "bf16": False}
    arguments = given.arguments | whole  # the Trainer's own autocast would only wrap ours
    return PackedTrainer(
        task=ADDRESS,
        config=given.config,
        args=TrainingArguments(**arguments, remove_unused_columns=False),
        train_dataset=given.rows,
        processing_class=given.tokenizer,
        **given.common,
    )


def with_trainer(load: TrainingLoad, given: Prepared) -> Any:
    """transformers' Trainer with PEFT as its documentation shows it: rows padded to the longest of the batch."""
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    from buqi.task import IGNORED

    records: Any = []
    for row in given.rows:
        labels = [token if on else IGNORED for token, on in zip(row.ids, row.trained, strict=True)]
        records.append({"input_ids": row.ids, "attention_mask": [1] * len(row.ids), "labels": labels})
    arguments, collator = TrainingArguments(**given.arguments), DataCollatorForSeq2Seq(given.tokenizer)
    return Trainer(args=arguments, train_dataset=records, data_collator=collator, **given.common)


def with_trl(load: TrainingLoad, given: Prepared) -> Any:
    """TRL's SFTTrainer on prompt and completion, loss on the completion only.

    Its packing and its padding-free batches need FlashAttention to keep rows apart, so on a CPU it pads.
    """
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    records = [{"input_ids": row.ids, "completion_mask": list(map(int, row.trained))} for row in given.rows]
    arguments = given.arguments | {"completion_only_loss": True, "max_length": None, "gradient_checkpointing": False}
    return SFTTrainer(
        args=SFTConfig(**arguments),
        train_dataset=Dataset.from_list(records),
        processing_class=given.tokenizer,
        **given.common,
    )


TRAINERS = {"buqi": with_buqi, "trainer": with_trainer, "trl": with_trl}


def main(trainer: str, described: str) -> None:
    """Train as ``trainer`` does and print what was measured."""
    from transformers import TrainerCallback
    from transformers.utils import logging

    from buqi.machine import peak_memory_gb

    seconds: list[float] = []

    class Clock(TrainerCallback):  # type: ignore[misc, unused-ignore]
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            seconds.append(time.perf_counter())

        def on_step_end(self, *_: Any, **__: Any) -> None:
            seconds[-1] = time.perf_counter() - seconds[-1]

    logging.set_verbosity_error()
    load = TrainingLoad(**json.loads(described))
    with tempfile.TemporaryDirectory() as folder:
        trained = TRAINERS[trainer](load, _prepared(load, folder, Clock()))
        trained.train()
    losses = [log["loss"] for log in trained.state.log_history if "loss" in log]
    measured = TrainingSpeed(trainer, load.rows, seconds[WARM_STEPS:], losses, round(peak_memory_gb(), 2))
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(*sys.argv[1:])
