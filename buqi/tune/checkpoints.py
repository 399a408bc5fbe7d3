"""The checkpoints in a folder, and what can be said of a run before PyTorch is loaded, which takes seconds."""

from __future__ import annotations

from pathlib import Path

from buqi.base.spec import DEFAULT_SPEC, is_hub_name, resolve
from buqi.config import Config
from buqi.errors import UsageError
from buqi.rows import find_sets
from buqi.seal import sealed


def check_folders(config: Config, resume: bool) -> None:
    """Check that rows and base are there, and that ``output_dir`` is free or may be gone on with.

    Raises:
        UsageError: a folder or file is missing, or ``output_dir`` is a file, holds another run, or is the folder of
            base or rows.
        BuqiError: rows or base are not what was written.
    """
    data = Path(config.dataset_name_or_path)
    for folder in [data / stage.data for stage in config.stages] or [data]:
        find_sets(folder, config.sets)
    spec = config.model_name_or_path
    fetched = spec == DEFAULT_SPEC or is_hub_name(spec) or Path(spec).suffix == ".gguf"  # may take minutes
    if not fetched or (Path(spec).suffix == ".gguf" and not Path(spec).expanduser().is_file()):
        resolve(spec)
    target, base = Path(config.output_dir), Path(spec).expanduser()
    there = next(path for path in (target, *target.absolute().parents) if path.exists())
    if not there.is_dir():
        raise UsageError(f"output_dir {target}: {there} is a file; name another folder")
    if base.is_dir() and target.resolve() == base.resolve():
        raise UsageError(f"output_dir {target} is the base's own folder, which would be gone; name another")
    if target.resolve() == data.resolve():
        raise UsageError(f"output_dir {target} is the folder of the rows too; name another")
    if not (resume or config.overwrite_output_dir or config.stages):
        refuse_occupied(target)


def refuse_occupied(folder: Path) -> None:
    """Raise `UsageError` where a run or a model lies in ``folder``."""
    checkpoint = last_checkpoint(folder)
    if checkpoint or any((folder / name).exists() for name in ("adapter_config.json", "config.json")):
        raise UsageError(
            f"{folder} holds {'a run up to ' + checkpoint.name if checkpoint else 'a trained model'}:\n"
            "  --resume                   go on with it\n"
            "  --overwrite_output_dir     begin anew and replace it\n"
            "  --output_dir OTHER         keep it"
        )


def last_checkpoint(folder: Path, before: int | None = None) -> Path | None:
    """Return the newest whole checkpoint (its seal is written last), of those ``before`` a step if it is given."""
    whole = [path for path in folder.glob("checkpoint-*") if sealed(path)]
    return max((p for p in whole if before is None or step_of(p) < before), key=step_of, default=None)


def step_of(checkpoint: Path) -> int:
    """Return the step after which a checkpoint was written; -1 for a folder of another name."""
    number = checkpoint.name.rsplit("-", 1)[-1]
    return int(number) if number.isdecimal() else -1
