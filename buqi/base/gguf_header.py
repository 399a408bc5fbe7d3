"""Checks that the header of a ``.gguf`` file fits the file. The gguf package trusts its counts and may loop for ever.

The format: "GGUF" in the documentation of ggml-org/ggml.
"""

from __future__ import annotations

import math
import mmap
import struct
from pathlib import Path

from buqi.errors import BuqiError
from buqi.seal import check_seal, seal_name

MAGIC, VERSIONS = b"GGUF", (2, 3)
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # bytes of a value by its type
TEXT, LIST = 8, 9
MOST_DIMENSIONS = 4
COUNT, WORD = struct.Struct("<Q"), struct.Struct("<I")


def check_gguf(path: Path, whole: bool = False) -> None:
    """Check a file's seal, if it has one, and its header: magic, version, and that all tensors lie in the file.

    The header is read once (0.1 s for a vocabulary of 150,000).

    Args:
        whole: check every byte against the seal; else its size and samples.

    Raises:
        BuqiError: the file is cut, damaged or no GGUF.
    """
    check_seal(path.parent, "fetch or export it again", whole, seal_name(path))
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            _walk(data)
    except (struct.error, ValueError, OSError, OverflowError) as error:
        raise BuqiError(f"{path}: not a readable GGUF file ({error}); fetch or export it again") from error


def _walk(data: mmap.mmap) -> None:
    if data[:4] != MAGIC:
        raise ValueError("it does not begin with GGUF")
    if WORD.unpack_from(data, 4)[0] not in VERSIONS:
        raise ValueError(f"version {WORD.unpack_from(data, 4)[0]}, known are 2 and 3")
    tensors, values, at = COUNT.unpack_from(data, 8)[0], COUNT.unpack_from(data, 16)[0], 24
    alignment = 32
    for _ in range(values):
        name, at = _text(data, at)
        kind, at = WORD.unpack_from(data, at)[0], at + 4
        if name == b"general.alignment":
            alignment = WORD.unpack_from(data, at)[0]
        at = _value(data, at, kind)
    last = 0
    for _ in range(tensors):
        name, at = _text(data, at)
        dimensions = WORD.unpack_from(data, at)[0]
        if not 1 <= dimensions <= MOST_DIMENSIONS:
            raise ValueError(f"tensor {name!r} has {dimensions} dimensions")
        shape = struct.unpack_from(f"<{dimensions}Q", data, at + 4)
        kind, offset = struct.unpack_from("<IQ", data, at + 4 + 8 * dimensions)
        at += 16 + 8 * dimensions
        last = max(last, offset + _bytes(name, kind, math.prod(shape)))
    if alignment < 1 or alignment & (alignment - 1):
        raise ValueError(f"alignment {alignment}")
    if (need := -(-at // alignment) * alignment + last) > len(data):
        raise ValueError(f"{len(data):,} bytes, its tensors end at {need:,}")


def _bytes(name: bytes, kind: int, count: int) -> int:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    block, size = GGML_QUANT_SIZES[GGMLQuantizationType(kind)]
    if count % block:
        raise ValueError(f"tensor {name!r}: {count} numbers in blocks of {block}")
    return int(count // block * size)


def _text(data: mmap.mmap, at: int) -> tuple[bytes, int]:
    end = at + 8 + COUNT.unpack_from(data, at)[0]
    if end > len(data):
        raise ValueError("a name or text ends behind the file")
    return data[at + 8 : end], end


def _value(data: mmap.mmap, at: int, kind: int) -> int:
    """Return where a value of this kind ends."""
    if kind in SIZES:
        end = at + SIZES[kind]
    elif kind == TEXT:
        end = at + 8 + COUNT.unpack_from(data, at)[0]
    elif kind == LIST:
        inner, count, end = *struct.unpack_from("<IQ", data, at), at + 12
        if inner in SIZES:
            end += SIZES[inner] * count
        elif inner == TEXT:
            unpack, most = COUNT.unpack_from, len(data)
            for _ in range(count):
                end += 8 + unpack(data, end)[0]
                if end > most:
                    break
        else:
            raise ValueError(f"a list of values of type {inner}")
    else:
        raise ValueError(f"a value of type {kind}")
    if end > len(data):
        raise ValueError("a value ends behind the file")
    return end
