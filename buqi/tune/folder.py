"""The folder of a training run: its files, and whether a run may start or resume there."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from buqi.artefact import ADAPTER_CONFIG, WEIGHTS, versions, write_run
from buqi.base import fingerprint
from buqi.curves import draw_curve
from buqi.drafts import sweep
from buqi.errors import BuqiError, UsageError, explained
from buqi.files import whole_files, write_json
from buqi.foreign import StateFile, parsed
from buqi.seal import SEAL, broken, lacks_files, seal, sealed
from buqi.tune.checkpoints import CURVE, last_checkpoint, refuse_occupied, step_of
from buqi.tune.history import BEST, LAST, LOG, STARTED, latest_run, read_log
from buqi.tune.pissa import INITIAL_FOLDER, as_lora
from buqi.tune.plan import Plan

MODEL_FILES = (ADAPTER_CONFIG, WEIGHTS, "config.json", "model.safetensors")
SEALED_SUFFIXES = (".json", ".safetensors", ".txt", ".jinja", ".model")
STATE = "trainer_state.json"


def checkpoint_for(plan: Plan, folder: Path, resume: bool) -> Path | None:
    """Return the checkpoint to resume from, or ``None`` for a run from the beginning. Nothing is changed.

    Raises:
        UsageError: there is nothing to resume, it is another run, or ``folder`` is occupied.
        BuqiError: the checkpoint is damaged.
    """
    checkpoint = last_checkpoint(folder)
    earlier = latest_run(folder)
    if resume:
        if checkpoint is None:
            raise UsageError(f"{folder}: no whole checkpoint to resume from; run without --resume")
        if earlier.get("identity") != plan.identity:
            raise UsageError(f"{folder}: cannot resume, this is another run: {_differences(plan, earlier)}")
        check_checkpoint(checkpoint)
        return checkpoint
    if not plan.config.overwrite_output_dir:
        refuse_occupied(folder)
    return None


def check_checkpoint(checkpoint: Path) -> None:
    """Check every byte of a checkpoint; raise `BuqiError` if a file is missing or damaged."""
    if problem := broken(checkpoint, whole=True):
        before = last_checkpoint(checkpoint.parent, before=step_of(checkpoint))
        instead = f"--resume then goes on from {before.name}" if before else "then begin anew: there is none before it"
        raise BuqiError(f"{problem}; this checkpoint cannot be gone on with. Delete {checkpoint}; {instead}")
    parsed(checkpoint / STATE, StateFile)


def tidy(folder: Path, going_on: bool) -> None:
    """Remove what killed runs left: drafts, and checkpoints that were cut off while they were written or removed."""
    sweep(folder)
    for path in folder.glob("checkpoint-*") if going_on else ():
        if not sealed(path) or lacks_files(path):
            shutil.rmtree(path, ignore_errors=True)


def clear(plan: Plan, folder: Path) -> None:
    """Remove the checkpoints and the log of an earlier run, but not its model, and record that this run has started."""
    with explained(f"{folder}: cannot be written", OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("checkpoint-*"):
            shutil.rmtree(path)
        shutil.rmtree(folder / INITIAL_FOLDER, ignore_errors=True)
        for name in (LOG, LAST, BEST):
            (folder / name).unlink(missing_ok=True)
        write_json(folder / STARTED, record(plan, "started"))


def keep(plan: Plan, trainer: Any, folder: Path, run: dict[str, Any]) -> None:
    """Write model, task, curve and ``run.json`` into a draft in ``folder``, then move them in, the seal last.

    An earlier model stays until then. If the move is cut off, the seal tells, and ``--resume`` moves again.

    Args:
        run: the content of ``run.json``.

    Raises:
        BuqiError: the disk is full or not writable.
    """
    from safetensors import SafetensorError

    try:
        with whole_files(folder) as draft:
            trainer.save_model(str(draft))
            if plan.config.pissa:
                as_lora(draft, folder / INITIAL_FOLDER)
            if not plan.config.lora:
                plan.tokenizer.save_pretrained(draft)
            plan.task.save(draft, plan.tokenizer)
            draw_curve(read_log(folder / LOG), draft / CURVE)
            write_run(draft, run if plan.config.lora else run | {"fingerprint": fingerprint(draft)})
            seal_run(draft)
            older = {name for name in MODEL_FILES if not (draft / name).exists()}
        for name in (*older, STARTED):  # an adapter where there was a whole model, or the other way round
            (folder / name).unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise BuqiError(
            f"{folder}: the adapter could not be written ({error}); make room and run again with --resume"
        ) from error


def seal_run(folder: Path) -> None:
    """Seal the files of a finished run: the model and its records, but not log, curve and checkpoints."""
    files = [path for path in folder.iterdir() if path.is_file()]
    seal(folder, [path.name for path in files if path.suffix in SEALED_SUFFIXES and path.name != SEAL])


def _differences(plan: Plan, earlier: dict[str, Any]) -> str:
    now = record(plan, "")
    found = [
        f"{key} was {earlier['config'].get(key)!r}, is {value!r}"
        for key, value in now["config"].items()
        if earlier.get("config", {}).get(key) != value and key not in ("output_dir", "dataset_name_or_path")
    ]
    for key in ("base", "task", "data"):
        if earlier.get(key) != now[key]:
            found.append(f"{key} changed")
    return "; ".join(found) or "its record is missing"


def record(plan: Plan, status: str) -> dict[str, Any]:
    """Return the content of `STARTED`, and the first part of ``run.json``."""
    return {
        "status": status,
        "identity": plan.identity,
        "base": {"spec": plan.config.model_name_or_path, "fingerprint": plan.base_fingerprint},
        "task": plan.task.fingerprint,
        "config": plan.config.model_dump(mode="json"),
        "data": plan.data_record,
        "seed": plan.config.seed,
        "versions": versions(),
    }
