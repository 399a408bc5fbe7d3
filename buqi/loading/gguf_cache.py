"""GGUF forms of folders, made once into the cache: what llama.cpp runs when a folder is named."""

from __future__ import annotations

from pathlib import Path

from buqi.base import fingerprint
from buqi.export.gguf_lora import write_lora
from buqi.export.gguf_writer import TYPES, write_gguf
from buqi.files import cache_dir, sha256_of, whole_file

BITS = 8  # answers as the folder does (docs/background/log.md)


def gguf_of(folder: Path) -> Path:
    """Return ``folder`` as an 8-bit ``.gguf`` file; same weights, same file.

    Raises:
        BuqiError: another architecture, or weights that cannot be read.
    """
    path = cache_dir() / "gguf" / f"{fingerprint(folder)}-{BITS}.gguf"
    if not path.is_file():
        with whole_file(path) as draft:
            write_gguf(folder, draft, TYPES[BITS])
    return path


def lora_of(adapter: Path) -> Path:
    """Return an adapter as a GGUF LoRA file; same weights, same file.

    Raises:
        BuqiError: no LoRA that llama.cpp could run, or weights that cannot be read.
    """
    path = cache_dir() / "gguf" / f"lora-{sha256_of(adapter / 'adapter_model.safetensors')[:16]}.gguf"
    if not path.is_file():
        with whole_file(path) as draft:
            write_lora(adapter, draft)
    return path
