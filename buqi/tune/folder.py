"""The folder of a training run: what lies in it, and whether a run may begin or go on there."""

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
from buqi.tune.checkpoints import last_checkpoint, refuse_occupied, step_of
from buqi.tune.history import LOG, STARTED, latest_run, read_log
from buqi.tune.pissa import INITIAL_FOLDER, as_lora
from buqi.tune.plan import Plan
from buqi.tune.watch import BEST, LAST

CURVE = "curve.png"
OF_MODEL = (ADAPTER_CONFIG, WEIGHTS, "config.json", "model.safetensors")
KEPT = (".json", ".safetensors", ".txt", ".jinja", ".model")
STATE = "trainer_state.json"


def checkpoint_for(plan: Plan, folder: Path, resume: bool) -> Path | None:
    """Return the checkpoint to go on from, or ``None`` for a run from the beginning. Changes nothing."""
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
    """Check every byte of a checkpoint; a `BuqiError` if a file is missing or is not what was written."""
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
    """Remove an earlier run from ``folder``, but not its model, and write down that this one has started."""
    with explained(f"{folder}: cannot be written", OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("checkpoint-*"):
            shutil.rmtree(path)
        shutil.rmtree(folder / INITIAL_FOLDER, ignore_errors=True)
        for name in (LOG, LAST, BEST):
            (folder / name).unlink(missing_ok=True)
        write_json(folder / STARTED, record(plan, "started"))


def keep(plan: Plan, trainer: Any, folder: Path, said: dict[str, Any]) -> None:
    """Write model, task, curve and ``run.json`` beside ``folder``'s own files, then move them in, their seal last.

    An earlier model stays until then. A move that is cut off shows by the seal, and ``--resume`` does it again.

    Args:
        said: what ``run.json`` says of it.
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
            write_run(draft, said if plan.config.lora else said | {"fingerprint": fingerprint(draft)})
            seal_run(draft)
            older = {name for name in OF_MODEL if not (draft / name).exists()}
        for name in (*older, STARTED):  # an adapter where there was a whole model, or the other way round
            (folder / name).unlink(missing_ok=True)
    except (OSError, SafetensorError) as error:
        raise BuqiError(
            f"{folder}: the adapter could not be written ({error}); make room and run again with --resume"
        ) from error


def seal_run(folder: Path) -> None:
    """Seal what a finished run keeps: the model and what is said of it, not its log, curve and checkpoints."""
    seal(folder, [p.name for p in folder.iterdir() if p.is_file() and p.suffix in KEPT and p.name not in (SEAL, LOG)])


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
    """Return what a run says of itself from its start on."""
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
