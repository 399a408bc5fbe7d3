"""GGUF files made of folders, kept in the cache. llama.cpp and OpenVINO run them when the user names a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from buqi.artefact import ADAPTER_CONFIG, WEIGHTS
from buqi.base import fingerprint
from buqi.export.gguf_lora import write_lora
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.files import cache_dir, sha256_of, whole_folder
from buqi.seal import broken, sealed

FILE = "model.gguf"
BITS = 8  # answers as the folder does (docs/background/log.md)


def gguf_of(folder: Path) -> Path:
    """Return ``folder`` as an 8-bit ``.gguf`` file; same weights, same file.

    Raises:
        BuqiError: another architecture, or weights that cannot be read.
    """
    return _kept(f"{fingerprint(folder)}-{BITS}", lambda path: write_gguf(folder, path, TYPES[BITS]))


def lora_of(adapter: Path) -> Path:
    """Return an adapter as a GGUF LoRA file; same weights, same file.

    Raises:
        BuqiError: no LoRA that llama.cpp could run, or weights that cannot be read.
    """
    name = f"lora-{sha256_of(adapter / WEIGHTS)[:16]}"
    return _kept(name, lambda path: write_lora(adapter, path))


def merged_of(folder: Path, adapter: Path) -> Path:
    """Return ``folder`` with an adapter merged into it as an 8-bit ``.gguf`` file; same weights, same file.

    Raises:
        BuqiError: another architecture, an adapter that is more than LoRA factors, or weights that cannot be read.
    """
    files = (adapter / name for name in (WEIGHTS, ADAPTER_CONFIG))
    digits = hashlib.sha256("".join(map(sha256_of, files)).encode()).hexdigest()[:16]
    name = f"{fingerprint(folder)}-{digits}-{BITS}"
    return _kept(name, lambda path: write_gguf(folder, path, TYPES[BITS], adapter=adapter))


def _kept(name: str, write: Callable[[Path], object]) -> Path:
    """Return the file in the cache's sealed folder ``name``; it is written if it is missing or damaged."""
    folder = cache_dir() / "gguf" / name
    if not sealed(folder) or broken(folder):
        with whole_folder(folder) as draft:
            write(draft / FILE)
    return folder / FILE
