"""The checkpoints in a folder, and the checks of a run that need no PyTorch, whose import takes seconds."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from pathlib import Path

from buqi.artefact import ADAPTER_CONFIG, RUN, WEIGHTS
from buqi.base.spec import DEFAULT_SPEC, is_hub_name, resolve
from buqi.config import Config
from buqi.errors import UsageError, listed
from buqi.rows import find_sets
from buqi.seal import SEAL, sealed
from buqi.task import TASK_FILE
from buqi.tune.history import BEST, LAST, LOG, STARTED
from buqi.tune.pissa import INITIAL_FOLDER

CURVE = "curve.png"
REMOVED = ("checkpoint-*", INITIAL_FOLDER, LOG, LAST, BEST)  # when a run begins
REPLACED = (WEIGHTS, "model.safetensors", RUN, TASK_FILE, SEAL, CURVE)  # when it ends


def check_folders(config: Config, resume: bool) -> None:
    """Check that rows and base are there, and that ``output_dir`` may be written.

    A base that is fetched or converted is not checked here, because that may take minutes.

    Raises:
        UsageError: a folder or file is missing, or ``output_dir`` is a file, holds another run, or is the folder of
            base or rows.
        BuqiError: a file of the rows or of the base was damaged since it was written.
    """
    data = Path(config.dataset_name_or_path)
    for folder in [data / stage.data for stage in config.stages] or [data]:
        find_sets(folder, config.sets)
    spec, base = config.model_name_or_path, Path(os.path.expanduser(config.model_name_or_path))
    converted = base.suffix == ".gguf" and base.is_file()
    if not (spec == DEFAULT_SPEC or is_hub_name(spec) or converted):
        resolve(spec)
    target = Path(config.output_dir)
    _check_target(target, base, data)
    if resume:
        return
    if not config.overwrite_output_dir:
        refuse_occupied(target)
    for key in ("model_name_or_path", "dataset_name_or_path", "lora_path"):
        refuse_removed(target, key, getattr(config, key))


def refuse_removed(target: Path, key: str, read: str | None) -> None:
    """Raise `UsageError` where what a run reads lies in a folder that the run removes when it begins."""
    path = Path(os.path.expanduser(read or "")).resolve()
    parts = path.relative_to(real).parts if path.is_relative_to(real := target.resolve()) else ()
    if parts and any(fnmatch(parts[0], pattern) for pattern in REMOVED):
        raise UsageError(f"{key} {read}: the run would remove {target / parts[0]}; name another output_dir")


def _check_target(target: Path, base: Path, data: Path) -> None:
    """Raise `UsageError` where ``target`` cannot be a folder of its own."""
    there = next(path for path in (target, *target.absolute().parents) if path.exists())
    if not there.is_dir():
        raise UsageError(f"output_dir {target}: {there} is a file; name another folder")
    if base.is_dir() and target.resolve() == base.resolve():
        raise UsageError(f"output_dir {target} is the base's own folder, which would be gone; name another")
    if target.resolve() == data.resolve():
        raise UsageError(f"output_dir {target} is the folder of the rows too; name another")


def refuse_occupied(folder: Path) -> None:
    """Raise `UsageError` where a run or a model lies in ``folder``, or other files that a run replaces or removes."""
    checkpoint = last_checkpoint(folder)
    if checkpoint or any((folder / name).exists() for name in (ADAPTER_CONFIG, "config.json")):
        raise UsageError(
            f"{folder} holds {'a run up to ' + checkpoint.name if checkpoint else 'a trained model'}:\n"
            "  --resume                   go on with it\n"
            "  --overwrite_output_dir     begin anew and replace it\n"
            "  --output_dir OTHER         keep it"
        )
    others = sorted(path.name for pattern in (*REMOVED, *REPLACED) for path in folder.glob(pattern))
    if others and not (folder / STARTED).is_file():  # else a run that was cut off before its first checkpoint
        raise UsageError(
            f"{folder} holds {listed(others)}, which a run would remove or replace; name another "
            "--output_dir, or add --overwrite_output_dir"
        )


def last_checkpoint(folder: Path, before: int | None = None) -> Path | None:
    """Return the newest checkpoint that has its seal (it is written last), or the newest ``before`` a step."""
    whole = [path for path in folder.glob("checkpoint-*") if sealed(path)]
    return max((p for p in whole if before is None or step_of(p) < before), key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Return the step after which a checkpoint was written; -1 for a folder of another name."""
    number = checkpoint.name.rsplit("-", 1)[-1]
    return int(number) if number.isdecimal() else -1
