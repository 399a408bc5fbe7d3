"""Several trainings in a row on one adapter. Each stage has its own rows, modules and learning rate.

A stage is an ordinary run in its own folder. It starts from the adapter of the stage before. The adapter has factors on
the modules of all stages, and each stage trains its own. So the last stage's adapter is the result, one ordinary LoRA.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from rich.console import Console

from buqi.artefact import read_run, write_run
from buqi.config import Config
from buqi.errors import UsageError
from buqi.files import whole_files, write_json
from buqi.lock import LOCK, locked
from buqi.rows import find_sets, read_rows
from buqi.seal import SEAL
from buqi.tune.checkpoints import last_checkpoint, refuse_occupied
from buqi.tune.folder import seal_run
from buqi.tune.history import latest_run
from buqi.tune.plan import Plan, make_plan
from buqi.tune.process import rank
from buqi.tune.run import Result, train

METRICS_TABLE = "stages.json"


def stage_configs(config: Config) -> Iterator[tuple[str, Config]]:
    """Yield name and configuration of each stage's run."""
    everything = tuple(dict.fromkeys(module for stage in config.stages for module in stage.target_modules))
    ranks = {module: stage.rank for stage in config.stages for module in stage.target_modules if stage.rank}
    alphas = {module: config.model_copy(update={"lora_rank": rank}).alpha for module, rank in ranks.items()}
    earlier: Path | None = None
    for number, stage in enumerate(config.stages, 1):
        folder = Path(config.output_dir) / f"stage-{number}-{stage.name}"
        later = {"lora_path": str(earlier), "rank_pattern": {}, "alpha_pattern": {}}
        first = {"rank_pattern": ranks, "alpha_pattern": alphas if config.lora_alpha is None else {}}
        changes = {
            "stages": (),
            "dataset_name_or_path": str(Path(config.dataset_name_or_path) / stage.data),
            "output_dir": str(folder),
            "target_modules": everything,
            "train_only": stage.target_modules,
            "learning_rate": stage.learning_rate or config.learning_rate,
            "num_train_epochs": stage.epochs or config.num_train_epochs,
        }
        yield stage.name, config.model_copy(update=changes | (later if earlier else first))
        earlier = folder


def train_stages(
    config: Config,
    console: Console,
    resume: bool = False,
    show: Callable[[Plan], None] = lambda _: None,
    source: str = "huggingface",
) -> Result:
    """Run all stages and leave the last one's adapter in ``output_dir``, with ``stages.json`` beside it.

    ``stages.json`` has the metrics on every stage's dev rows after each stage. They show what was forgotten.

    Args:
        resume: go on where the run stopped; finished stages are not run again.
        show: told each stage's plan before it runs.
        source: the hub that ``owner/name`` is taken from.

    Raises:
        UsageError: a stage's rows are missing or bad, or ``output_dir`` holds another run.
        BuqiError: as for `train`.
    """
    runs = list(stage_configs(config))
    target = Path(config.output_dir)
    going_on = resume and Path(runs[0][1].output_dir).is_dir()
    if not (going_on or config.overwrite_output_dir):
        refuse_occupied(target)
    with locked(target / LOCK, "training into it") if rank() == 0 else nullcontext():
        return _train_stages(runs, target, console, resume, show, source)


def _train_stages(
    runs: list[tuple[str, Config]],
    target: Path,
    console: Console,
    resume: bool,
    show: Callable[[Plan], None],
    source: str,
) -> Result:
    dev = {name: read_rows(find_sets(Path(c.dataset_name_or_path), ["dev"])["dev"]) for name, c in runs}
    table: dict[str, Any] = {}
    result: Result | None = None
    for name, stage in runs:
        folder = Path(stage.output_dir)
        record = latest_run(folder)
        others = {other: rows for other, rows in dev.items() if other != name}
        plan = make_plan(stage, source=source, extra_sets=others)
        finished = resume and record.get("status") == "finished"
        if finished and record.get("identity") != plan.identity:
            raise UsageError(f"{folder}: stage {name} was finished with another configuration, base or rows")
        if not finished:
            show(plan)
            console.print(f"[bold]stage {name}[/]")
            result = train(plan, console, resume and last_checkpoint(folder) is not None)
            record = read_run(folder)
        table[name] = record["metrics"]
    if rank() == 0:  # also when all stages were finished: the run may have been cut off right here
        _publish(target, [name for name, _ in runs], Path(runs[-1][1].output_dir), table)
    if result is None:
        raise UsageError(f"{target}: every stage is finished; nothing is left to resume")
    return result


def _publish(target: Path, names: list[str], last: Path, table: dict[str, Any]) -> None:
    """Put the last stage's adapter and the table of all stages into ``target``."""
    with whole_files(target) as draft:
        for path in last.iterdir():
            if path.is_file() and not path.name.startswith(".") and path.name != SEAL:
                shutil.copy2(path, draft)
        write_run(draft, read_run(last) | {"stages": names})
        write_json(draft / METRICS_TABLE, table)
        seal_run(draft)
