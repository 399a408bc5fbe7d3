"""The checkpoints in a folder, and the checks of a run that need no PyTorch, whose import takes seconds."""

from __future__ import annotations

from pathlib import Path

from buqi.artefact import ADAPTER_CONFIG
from buqi.base.spec import DEFAULT_SPEC, is_hub_name, resolve
from buqi.config import Config
from buqi.errors import UsageError
from buqi.rows import find_sets
from buqi.seal import sealed


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
    spec, base = config.model_name_or_path, Path(config.model_name_or_path).expanduser()
    converted = base.suffix == ".gguf" and base.is_file()
    if not (spec == DEFAULT_SPEC or is_hub_name(spec) or converted):
        resolve(spec)
    target = Path(config.output_dir)
    _check_target(target, base, data)
    if not (resume or config.overwrite_output_dir or config.stages):
        refuse_occupied(target)


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
    """Raise `UsageError` where a run or a model lies in ``folder``."""
    checkpoint = last_checkpoint(folder)
    if checkpoint or any((folder / name).exists() for name in (ADAPTER_CONFIG, "config.json")):
        raise UsageError(
            f"{folder} holds {'a run up to ' + checkpoint.name if checkpoint else 'a trained model'}:\n"
            "  --resume                   go on with it\n"
            "  --overwrite_output_dir     begin anew and replace it\n"
            "  --output_dir OTHER         keep it"
        )


def last_checkpoint(folder: Path, before: int | None = None) -> Path | None:
    """Return the newest checkpoint that has its seal (it is written last), or the newest ``before`` a step."""
    whole = [path for path in folder.glob("checkpoint-*") if sealed(path)]
    return max((p for p in whole if before is None or step_of(p) < before), key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Return the step after which a checkpoint was written; -1 for a folder of another name."""
    number = checkpoint.name.rsplit("-", 1)[-1]
    return int(number) if number.isdecimal() else -1
