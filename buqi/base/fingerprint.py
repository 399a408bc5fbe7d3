"""What identifies a base: its weights' values, whatever the file is called or the type they are stored in."""

from __future__ import annotations

import hashlib
from pathlib import Path

from buqi.errors import BuqiError

SAMPLE = 64  # values from the start and from the end of every tensor


def fingerprint(folder: Path) -> str:
    """Return 16 hex digits that stand for the weights in ``folder``.

    Hashes every tensor's name, shape, first and last 64 values as fp32, so a bf16 file and its fp32 copy agree
    and a model with other weights does not. Reads a few hundred kilobytes, not the whole file.

    Raises:
        BuqiError: a safetensors file is cut or broken.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    digest = hashlib.sha256()
    try:
        found: dict[str, tuple[list[int], bytes]] = {}
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118 (not a dict)
                    part = file.get_slice(name)
                    shape = part.get_shape()
                    ends = torch.cat([part[:1].flatten()[:SAMPLE], part[-1:].flatten()[-SAMPLE:]]).float()
                    found[name] = (shape, ends.numpy().tobytes())
    except SafetensorError as error:
        raise BuqiError(f"{folder}: broken safetensors ({error}); fetch or export it again") from error
    for name in sorted(found):
        digest.update(f"{name}{found[name][0]}".encode())
        digest.update(found[name][1])
    return digest.hexdigest()[:16]
