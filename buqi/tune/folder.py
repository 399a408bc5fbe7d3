"""The folder of a training run: what lies in it, and whether a run may begin or go on there."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from buqi.artefact import read_run, versions, write_run
from buqi.errors import BuqiError, UsageError
from buqi.tune.curve import draw_curve
from buqi.tune.pissa import INITIAL_FOLDER, as_lora
from buqi.tune.plan import Plan
from buqi.tune.watch import BEST, LAST, LOG, read_log

CURVE = "curve.png"
COMPLETE = "complete"  # written last into a checkpoint; one without it was cut off and is not resumed from


def checkpoint_for(plan: Plan, folder: Path, resume: bool) -> Path | None:
    """Return the checkpoint to go on from, or ``None`` for a run from the beginning. Changes nothing."""
    checkpoint = last_checkpoint(folder)
    earlier = read_run(folder)
    if resume:
        if checkpoint is None:
            raise UsageError(f"{folder}: no whole checkpoint to resume from; run without --resume")
        if earlier.get("identity") != plan.identity:
            raise UsageError(f"{folder}: cannot resume, this is another run: {_differences(plan, earlier)}")
        return checkpoint
    occupied = checkpoint or any((folder / name).exists() for name in ("adapter_config.json", "config.json"))
    if occupied and not plan.config.overwrite_output_dir:
        raise UsageError(
            f"{folder} holds {'a run up to ' + checkpoint.name if checkpoint else 'a trained model'}:\n"
            "  --resume                   go on with it\n"
            "  --overwrite_output_dir     begin anew and replace it\n"
            "  --output_dir OTHER         keep it"
        )
    return None


def clear(plan: Plan, folder: Path) -> None:
    """Remove an earlier run from ``folder``, if there is one, and write down that this one has started."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("checkpoint-*"):
            shutil.rmtree(path)
        shutil.rmtree(folder / INITIAL_FOLDER, ignore_errors=True)
        for name in (
            LOG,
            CURVE,
            LAST,
            BEST,
            "adapter_config.json",
            "adapter_model.safetensors",
            "model.safetensors",
            "config.json",
        ):
            (folder / name).unlink(missing_ok=True)
        write_run(folder, record(plan, "started"))
    except OSError as error:
        raise BuqiError(f"{folder}: cannot be written ({error.strerror})") from error


def keep(plan: Plan, trainer: Any, folder: Path) -> None:
    """Write adapter, task and curve beside ``folder``'s own files, then move them in: none is ever half there."""
    from safetensors import SafetensorError

    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".adapter-") as draft:
            trainer.save_model(draft)
            if plan.config.pissa:
                as_lora(Path(draft), folder / INITIAL_FOLDER)
            if not plan.config.lora:
                plan.tokenizer.save_pretrained(draft)
            plan.task.save(Path(draft), plan.tokenizer)
            draw_curve(read_log(folder / LOG), Path(draft) / CURVE)
            for path in Path(draft).iterdir():
                path.replace(folder / path.name)
    except (OSError, SafetensorError) as error:
        raise BuqiError(
            f"{folder}: the adapter could not be written ({error}); make room and run again with --resume"
        ) from error


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
    """Return what ``run.json`` says of a run from its start on."""
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


def last_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written completely."""
    complete = [path.parent for path in folder.glob(f"checkpoint-*/{COMPLETE}")]
    return max(complete, key=lambda path: int(path.name.rsplit("-", 1)[-1]), default=None)
