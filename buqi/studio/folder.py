"""The studio's folder: what lies where, and the names that its parts may have."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterable
from itertools import count
from pathlib import Path

from buqi.errors import UsageError
from buqi.rows import FILE_NAMES, find_sets
from buqi.tune.checkpoints import last_checkpoint

NAME = re.compile(r"\w[\w.\-]{0,59}")
ODD = re.compile(r"[^\w\-]+")
PARTS = ("data", "configs", "runs", "models", "reports", "jobs", "uploads", "places", "addresses")
ADAPTER_FILES = (".json", ".jsonl", ".safetensors", ".png")  # of a run's folder, in its download


class Folder:
    """Paths of one studio. Everything in it is what the command line reads and writes too."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.expanduser(root)).resolve()
        self.data, self.configs, self.runs = self.root / "data", self.root / "configs", self.root / "runs"
        self.models, self.reports, self.jobs = self.root / "models", self.root / "reports", self.root / "jobs"
        self.uploads, self.places = self.root / "uploads", self.root / "places"
        self.addresses = self.root / "addresses"
        for name in PARTS:
            (self.root / name).mkdir(parents=True, exist_ok=True)

    def data_sets(self) -> list[str]:
        """Return the names of folders with rows, the latest first."""
        return _latest(p.parent for p in self.data.glob("*/train.json*"))

    def run_names(self) -> list[str]:
        """Return the names of runs, begun here or on the command line, the latest first."""
        begun = [p.parent for mark in ("started.json", "run.json") for p in self.runs.glob(f"*/{mark}")]
        asked = [p.with_suffix("") for p in self.configs.glob("*.json")]
        return _latest([*begun, *asked])

    def adapters(self) -> list[str]:
        """Return the names of runs that have a model."""
        return _latest(p.parent for p in self.runs.glob("*/adapter_config.json"))

    def merged(self) -> list[str]:
        """Return the names of merged models."""
        return _latest(p.parent for p in self.models.glob("*/config.json"))

    def gguf_files(self) -> list[str]:
        """Return the names of quantised files."""
        return _latest(self.models.glob("*.gguf"))

    def report_names(self) -> list[str]:
        """Return the names of comparisons."""
        return [name.removesuffix(".json") for name in _latest(self.reports.glob("*.json"))]

    def can_go_on(self, run: str) -> bool:
        """Return whether a run has a checkpoint to go on from."""
        return last_checkpoint(self.runs / run) is not None

    def rows(self, data: str, *wanted: str) -> Path:
        """Return the file of the first of these sets that has rows; a `UsageError` if none has."""
        sets = find_sets(self.data / checked(data), ())
        for name in wanted:
            if name in sets and sets[name].stat().st_size:
                return sets[name]
        raise UsageError(f"{data}: {' and '.join(FILE_NAMES[name] for name in wanted)} hold no rows")

    def prompt_of(self, data: str) -> str | None:
        """Return the prompt that was given to a data set by hand, or ``None``."""
        path = self.data / f"{checked(data)}.prompt.txt"
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def free_name(self, where: Path, wanted: str) -> str:
        """Return ``wanted`` as a name that nothing in ``where`` has."""
        stem = ODD.sub("-", wanted).strip("-_")[:50] or "x"
        taken = {p.name.split(".")[0] for p in where.iterdir()}
        if stem not in taken:
            return stem
        return next(name for n in count(2) if (name := f"{stem}-{n}") not in taken)


def checked(name: str | None) -> str:
    """Return a name that may be a part of a path; a `UsageError` if it may not, or none was given."""
    if not name or not NAME.fullmatch(name):
        raise UsageError(f"name {str(name)[:60]!r}: use letters, digits, '.', '-' and '_', 60 at most")
    return name


def zip_adapter(run: Path, target: Path) -> Path:
    """Write the model of a run, without its checkpoints, as a zip file; nothing is left where that fails."""
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
            for path in sorted(run.iterdir()):
                if path.is_file() and path.suffix in ADAPTER_FILES:
                    file.write(path, f"{run.name}/{path.name}")
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def keep_upload(upload: Path, folder: Path) -> Path:
    """Copy an uploaded file into a fresh folder, under its own name; nothing is left where that fails.

    Raises:
        FileExistsError: somebody else has just made the folder.
    """
    folder.mkdir(parents=True)
    try:
        return Path(shutil.copy(upload, folder / upload.name))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _latest(paths: Iterable[Path]) -> list[str]:
    found: dict[str, float] = {}
    for path in paths:
        try:
            when = (path if path.exists() else path.with_suffix(".json")).stat().st_mtime
        except OSError:
            continue
        if not path.name.startswith(".") and NAME.fullmatch(path.name):
            found[path.name] = max(when, found.get(path.name, 0.0))
    return sorted(found, key=lambda name: -found[name])
