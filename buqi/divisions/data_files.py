"""Reads the lists that ship in the ``data`` folder of a room."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from importlib import resources
from pathlib import PurePath

DECOMPRESS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".xz": lzma.decompress}


def data_text(file: str, room: str = "divisions") -> str:
    """Return the text of a list.

    Args:
        file: its name; ``.gz`` and ``.xz`` are decompressed.
        room: the package under `buqi` whose ``data`` folder has it.
    """
    return decompressed(file, resources.files("buqi").joinpath(room, "data", file).read_bytes()).decode("utf-8")


def decompressed(file: str, data: bytes) -> bytes:
    """Return what a file of this name holds: ``data`` itself, or decompressed as the name's suffix says."""
    return DECOMPRESS.get(PurePath(file).suffix, bytes)(data)
