"""The fingerprint of a base: a hash of weights, independent of file names and of the type they are stored in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from buqi.errors import explained
from buqi.shapes import check_readable

SAMPLE = 64  # values from the start and from the end of every tensor


def fingerprint(folder: Path) -> str:
    """Return 16 hex digits that stand for the weights in ``folder``.

    It hashes the name, the shape and the first and last 64 values (as fp32) of every tensor. So a bf16 file and its
    fp32 copy have the same fingerprint. A few hundred kilobytes are read, not the whole file.

    Raises:
        BuqiError: a safetensors file cannot be read, is cut or broken.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    found: dict[str, tuple[list[int], bytes]] = {}
    for path in sorted(folder.glob("*.safetensors")):
        check_readable(path)
        broken = explained(f"{folder}: broken safetensors", SafetensorError, advice="fetch or export it again")
        with broken, safe_open(path, framework="pt") as file:
            for name in file.keys():  # noqa: SIM118 (not a dict)
                part = file.get_slice(name)
                ends = torch.cat([part[:1].flatten()[:SAMPLE], part[-1:].flatten()[-SAMPLE:]]).float()
                found[name] = (part.get_shape(), ends.numpy().tobytes())
    digest = hashlib.sha256()
    for name, (shape, values) in sorted(found.items()):
        digest.update(f"{name}{shape}".encode())
        digest.update(values)
    return digest.hexdigest()[:16]
