"""A public task from its own files to accuracy on its official test rows: imported, trained, asked."""

from __future__ import annotations

import gzip
import hashlib
import random
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.errors import BuqiError, UsageError, explained
from buqi.files import cache_dir, whole_file, whole_files

if TYPE_CHECKING:
    from rich.console import Console

    from buqi.rows import Row

DEV_ROWS = 100  # of the training rows, kept out to be measured
EPOCHS = 1.5  # within half an hour on two cores with units for bf16
BASE_ROWS = 300  # test rows that the untuned base is asked


@dataclass(frozen=True)
class PublicTask:
    """A table with a training and a test file.

    Attributes:
        url: of the folder with ``train.csv`` and ``test.csv``.
        sha256: of each file as it is unpacked.
        src: the column of the texts; ``tgt`` that of the answers.
        template: the prompt.
    """

    name: str
    url: str
    sha256: dict[str, str]
    src: str
    tgt: str
    template: str


TASKS = {
    "banking77": PublicTask(
        "banking77",
        "https://raw.githubusercontent.com/PolyAI-LDN/task-specific-datasets/master/banking_data",
        {
            "train": "b06e26ac675513959a63135f11b94ea7786ed02da65db93a5650d8838cbc664b",
            "test": "d12d6e3bc4c3103966ae786dc435913c0c563dfa328f5a3646d0e62cfeeb474d",
        },
        "text",
        "category",
        "Name the intent of this question to a bank: {text}",
    )
}


@dataclass(frozen=True)
class TaskResult:
    """What came out: shares of rows right, seconds of training (evaluation not counted), and what was expected."""

    task: str
    train_rows: int
    test_rows: int
    answers: int
    tuned: float
    base: float
    base_rows: int
    train_seconds: float
    expected_seconds: float
    rows_per_second: float
    peak_memory_gb: float
    expected_memory_gb: float
    packed: bool

    def as_json(self) -> dict[str, Any]:
        """Return the figures."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the figures as they are shown."""
        return [
            f"{self.task}: {self.train_rows} training rows, {self.test_rows} test rows, {self.answers} answers",
            f"  right  tuned {self.tuned:.2%}, base {self.base:.2%} (of the first {self.base_rows})",
            f"  training  {self.train_seconds:.0f} s (expected {self.expected_seconds:.0f} s), "
            f"{self.rows_per_second:.2f} rows/s",
            f"  memory  {self.peak_memory_gb:.1f} GB (expected {self.expected_memory_gb:.1f} GB)",
            *([] if self.packed else ["  rows were computed one by one: packs are not exact with this model"]),
        ]


def task_files(task: PublicTask, folder: Path | None, say: Callable[[str], None]) -> dict[str, Path]:
    """Return the task's training and test file: those in ``folder``, else fetched once into the cache.

    Raises:
        UsageError: ``folder`` lacks one.
        BuqiError: it cannot be fetched, or is another file than the one that is known.
    """
    found = {}
    for part, known in task.sha256.items():
        if folder is not None:
            names = [folder / f"{part}.csv", folder / f"{part}.csv.gz"]
            path = next((name for name in names if name.is_file()), None)
            if path is None:
                raise UsageError(f"{folder}: expected {part}.csv or {part}.csv.gz")
        else:
            path = cache_dir() / "tasks" / task.name / f"{part}.csv"
            if not path.is_file():
                say(f"fetching {part}.csv")
                _fetch(f"{task.url}/{part}.csv", path)
        data = path.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        if hashlib.sha256(data).hexdigest() != known:
            raise BuqiError(f"{path}: not the {part} rows of {task.name} that figures are known of; take another copy")
        found[part] = path
    return found


def _fetch(url: str, path: Path) -> None:
    advice = "or name a folder that has the file with --folder"
    with explained(f"{url}: cannot be fetched", OSError, advice=advice):
        with urllib.request.urlopen(url, timeout=60) as reply:
            data = reply.read()
        with whole_file(path) as draft:
            draft.write_bytes(data)


def write_sets(task: PublicTask, files: dict[str, Path], target: Path) -> dict[str, list[Row]]:
    """Write the task's rows as train, dev and test into ``target``, and return them."""
    from buqi.rows import FILE_NAMES, write_rows
    from buqi.rows.importing import import_rows_of
    from buqi.seal import seal

    sets: dict[str, list[Row]] = {}
    for part, path in files.items():
        found = import_rows_of(path, None, task.src, task.tgt)
        if found is None or found.named:
            raise BuqiError(f"{path}: not every line is a row: {'; '.join(found.named[:3]) if found else 'none'}")
        sets[part] = found.rows
    random.Random(0).shuffle(sets["train"])
    sets["dev"], sets["train"] = sets["train"][:DEV_ROWS], sets["train"][DEV_ROWS:]
    with whole_files(target) as draft:
        for name, rows in sets.items():
            write_rows(draft / FILE_NAMES[name], rows)
        seal(draft)
    return sets


def settings(task: PublicTask, model: str, target: Path, epochs: float, half: bool) -> dict[str, Any]:
    """Return the configuration of the task's training."""
    return {
        "model_name_or_path": model,
        "dataset_name_or_path": str(target / "data"),
        "output_dir": str(target / "adapter"),
        "prompt_template": task.template,
        "do_train": True,
        "do_eval": True,
        "lora": True,
        "bf16": half,
        "per_device_train_batch_size": 16,
        "num_train_epochs": epochs,
        "learning_rate": 5e-4,
        "lr_scheduler_type": "cosine",
        "warmup_ratio": 0.05,
        "logging_steps": 20,
        "save_strategy": "steps",
        "save_steps": 200,
        "save_total_limit": 1,
        "report_to": "none",
    }


def measure_task(
    task: PublicTask,
    target: Path,
    console: Console,
    folder: Path | None = None,
    model: str = "embedded",
    epochs: float = EPOCHS,
    test_rows: int | None = None,
    resume: bool = False,
) -> TaskResult:
    """Train on the task's rows into ``target`` and ask its test rows, with its answers as the allowed ones.

    Args:
        folder: where the task's files are; fetched if not given.
        epochs: passes over the training rows.
        test_rows: only the first so many; all if not given.
        resume: go on with a run that was stopped.

    Raises:
        UsageError: as `task_files`, or ``target`` holds another run.
        BuqiError: as `task_files` and `buqi.tune.run.train`.
    """
    from buqi.base import resolve
    from buqi.config import make_config
    from buqi.engine import BASE, TorchEngine
    from buqi.loading import TUNED
    from buqi.machine import fast_bf16
    from buqi.tune.estimate import estimate
    from buqi.tune.plan import make_plan
    from buqi.tune.run import train

    sets = write_sets(task, task_files(task, folder, console.print), target / "data")
    plan = make_plan(make_config(settings(task, model, target, epochs, fast_bf16())))
    expected = estimate(plan)
    console.print(f"about {expected.seconds / 60:.0f} min of training, {expected.memory_gb:.1f} GB")
    trained = train(plan, console, resume, expected)
    engine = TorchEngine(resolve(model), {TUNED: trained.folder}, plan.config.dtype)
    answers = sorted({row.tgt[0] for row in sets["train"]})
    asked = sets["test"][:test_rows]
    tuned = _share_right(engine, plan.task, asked, answers, TUNED, console)
    base = _share_right(engine, plan.task, asked[:BASE_ROWS], answers, BASE, console)
    return TaskResult(
        task.name,
        len(sets["train"]),
        len(asked),
        len(answers),
        tuned,
        base,
        len(asked[:BASE_ROWS]),
        trained.train_seconds,
        expected.seconds,
        trained.rows_per_second,
        trained.peak_memory_gb,
        expected.memory_gb,
        trained.packed,
    )


def _share_right(engine: Any, task: Any, rows: list[Row], answers: list[str], adapter: str, console: Console) -> float:
    """Return the share of rows that are answered right, one of ``answers`` each."""
    prompts = [task.prompt_text(engine.tokenizer, row.src, (), row.system) for row in rows]
    done, said = 0, time.monotonic()

    def answered(more: int) -> None:
        nonlocal done, said
        done += more
        if time.monotonic() - said > 30:
            said = time.monotonic()
            console.print(f"{adapter}: {done} of {len(rows)} test rows asked")

    found = engine.generate(prompts, 64, adapter, answered, answers)
    right = sum(bool(task.same(a.text, row.tgt[0])) for a, row in zip(found, rows, strict=True))
    return right / len(rows)
