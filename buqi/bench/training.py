"""Training speed against other trainers: the same rows in the same order, the same LoRA, the same optimizer.

Every trainer runs in a process of its own, so that peak memory is its own too:
``python -m buqi.bench.training TRAINER …`` trains and prints one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError, UsageError

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
        BuqiError: it failed; the end of its output is in the message.
    """
    command = [sys.executable, "-m", "buqi.bench.training", trainer, json.dumps(asdict(load))]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise BuqiError(f"{trainer} failed: {run.stderr.strip()[-600:]}")
    return TrainingSpeed(**json.loads(run.stdout.splitlines()[-1]))


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
        line = f"{trainer:<8}{speed['rows_per_second']:6.2f} rows/s  peak {speed['peak_memory_gb']:.1f} GB"
        if trainer != "buqi":
            line += f"  buqi is {found['ratios'][trainer]:.2f} times as fast"
            line += f", largest loss difference {found['largest_loss_difference'][trainer]:.1e}"
        told.append(line)
    return told


def _rows(load: TrainingLoad) -> list[Any]:
    from buqi.synthesis import build_rows, counties_of

    return build_rows(counties_of("西安市,宝鸡市"), load.rows * (load.steps + WARM_STEPS))


def _clock(seconds: list[float], losses: list[float]) -> Any:
    from transformers import TrainerCallback

    class Clock(TrainerCallback):  # type: ignore[misc, unused-ignore]
        since = 0.0

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.since = time.perf_counter()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            seconds.append(time.perf_counter() - self.since)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if logs and "loss" in logs:
                losses.append(float(logs["loss"]))

    return Clock()


def _common(load: TrainingLoad, folder: str) -> dict[str, Any]:
    return {
        "output_dir": folder,
        "per_device_train_batch_size": load.micro,
        "gradient_accumulation_steps": load.rows // load.micro,
        "max_steps": load.steps + WARM_STEPS,
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


def _tuned(load: TrainingLoad) -> Any:
    from transformers import set_seed

    from buqi.base import load_model
    from buqi.tune.adapter import add_adapter

    set_seed(0)
    return add_adapter(load_model(Path(load.base), "bfloat16" if load.half else "float32", "cpu"), _config(load))


def _config(load: TrainingLoad) -> Any:
    from buqi.config import make_config

    return make_config(
        {
            "dataset_name_or_path": ".",
            "output_dir": ".",
            "do_train": True,
            "lora": True,
            "lora_rank": load.rank,
            "bf16": load.half,
        }
    )


def with_buqi(load: TrainingLoad, folder: str, clock: Any) -> Any:
    """Packs with a shared prefix."""
    from transformers import TrainingArguments

    from buqi.base import load_tokenizer
    from buqi.task import ADDRESS
    from buqi.tune.trainer import PackedTrainer

    tokenizer = load_tokenizer(Path(load.base))
    encoded: Any = [ADDRESS.encode(tokenizer, row.src, row.tgt) for row in _rows(load)]
    config = _config(load)
    whole = {"per_device_train_batch_size": load.rows, "gradient_accumulation_steps": 1, "bf16": False}
    arguments = _common(load, folder) | whole  # the Trainer's own autocast would only wrap ours
    return PackedTrainer(
        task=ADDRESS,
        budget=config.budget,
        config=config,
        model=_tuned(load),
        args=TrainingArguments(**arguments, remove_unused_columns=False),
        train_dataset=encoded,
        processing_class=tokenizer,
        callbacks=[clock],
    )


def with_trainer(load: TrainingLoad, folder: str, clock: Any) -> Any:
    """transformers' Trainer with PEFT as its documentation shows it: rows padded to the longest of the batch."""
    from transformers import DataCollatorForSeq2Seq, Trainer, TrainingArguments

    from buqi.base import load_tokenizer
    from buqi.task import ADDRESS, IGNORED

    tokenizer = load_tokenizer(Path(load.base))
    encoded = [ADDRESS.encode(tokenizer, row.src, row.tgt) for row in _rows(load)]
    records: Any = [
        {
            "input_ids": row.ids,
            "attention_mask": [1] * len(row.ids),
            "labels": [t if on else IGNORED for t, on in zip(row.ids, row.trained, strict=True)],
        }
        for row in encoded
    ]
    return Trainer(
        model=_tuned(load),
        args=TrainingArguments(**_common(load, folder)),
        train_dataset=records,
        data_collator=DataCollatorForSeq2Seq(tokenizer),
        callbacks=[clock],
    )


def with_trl(load: TrainingLoad, folder: str, clock: Any) -> Any:
    """TRL's SFTTrainer on prompt and completion, loss on the completion only.

    Its packing and its padding-free batches need FlashAttention to keep rows apart, so on a CPU it pads.
    """
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    from buqi.base import load_tokenizer
    from buqi.task import ADDRESS

    tokenizer = load_tokenizer(Path(load.base))
    records = []
    for row in _rows(load):
        encoded = ADDRESS.encode(tokenizer, row.src, row.tgt)
        mask = [int(on) for on in encoded.trained]
        records.append({"input_ids": encoded.ids, "completion_mask": mask})
    arguments = _common(load, folder) | {"completion_only_loss": True, "max_length": None}
    return SFTTrainer(
        model=_tuned(load),
        args=SFTConfig(**arguments, gradient_checkpointing=False),
        train_dataset=Dataset.from_list(records),
        processing_class=tokenizer,
        callbacks=[clock],
    )


TRAINERS: dict[str, Callable[[TrainingLoad, str, Any], Any]] = {
    "buqi": with_buqi,
    "trainer": with_trainer,
    "trl": with_trl,
}


def main(trainer: str, described: str) -> None:
    """Train as ``trainer`` does and print what was measured."""
    from transformers.utils import logging

    from buqi.machine import peak_memory_gb

    logging.set_verbosity_error()
    load = TrainingLoad(**json.loads(described))
    seconds: list[float] = []
    losses: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        TRAINERS[trainer](load, folder, _clock(seconds, losses)).train()
    print(
        json.dumps(asdict(TrainingSpeed(trainer, load.rows, seconds[WARM_STEPS:], losses, round(peak_memory_gb(), 2))))
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
