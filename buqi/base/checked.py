"""Checks of a model's folder: its JSON, the headers of its weights, its tokenizer."""

from __future__ import annotations

import re
from pathlib import Path

from buqi.errors import BuqiError
from buqi.files import sha256_of
from buqi.foreign import OF_BASE, BaseFile, IndexFile, parsed
from buqi.seal import check_seal
from buqi.shapes import check_base_shapes, shapes_of

INDEX = "model.safetensors.index.json"
# A tokenizer is one of these groups of files. Without any, transformers makes a tokenizer that knows no text.
TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("tokenizer.model",))
BLOB = re.compile(r"[0-9a-f]{64}")  # how Hugging Face's cache names a large file: its SHA-256
ANEW = "fetch or export it again"


def check_base(folder: Path, whole: bool = False) -> None:
    """Check that ``folder`` holds a whole model with its tokenizer.

    Only headers and small files are read. With ``whole`` every byte is checked whose hash is known, by the seal or by a
    hub's cache.

    Raises:
        BuqiError: a file is missing, cut, broken, or does not fit the others.
    """
    check_seal(folder, ANEW, whole)
    if whole:
        check_blobs(folder)
    for name, schema in OF_BASE.items():
        if (folder / name).is_file():
            parsed(folder / name, schema)
    if missing := missing_shards(folder):
        raise BuqiError(f"{folder / INDEX}: names {missing[0]}, which is not there; {ANEW}")
    check_base_shapes(folder, parsed(folder / "config.json", BaseFile), shapes_of(folder))
    if not any(all((folder / name).is_file() for name in group) for group in TOKENIZERS):
        wanted = ", or ".join(" and ".join(group) for group in TOKENIZERS)
        raise BuqiError(f"{folder}: a model without its tokenizer: expected {wanted}")


def missing_shards(folder: Path) -> list[str]:
    """Return the files of weights that an index names and that are not there."""
    if not (folder / INDEX).is_file():
        return []
    named = sorted(set(parsed(folder / INDEX, IndexFile).weight_map.values()))
    return [name for name in named if not (folder / name).is_file()]


def check_blobs(folder: Path) -> None:
    """Check files of Hugging Face's cache by their SHA-256, which is their name there; remove a wrong file.

    Raises:
        BuqiError: a file has other bytes.
    """
    for path in sorted(folder.glob("*.safetensors")):
        blob = path.resolve()
        if path.is_symlink() and BLOB.fullmatch(blob.name) and sha256_of(blob) != blob.name:
            blob.unlink()
            path.unlink()
            raise BuqiError(f"{path}: not the bytes that the hub has; removed, so the same command fetches it again")
