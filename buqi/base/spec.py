"""Finds the folder of a base by what the user names: a folder, a ``.gguf`` file, ``owner/name``, ``embedded``."""

from __future__ import annotations

import os
import re
from pathlib import Path

from buqi.base.checked import check_base
from buqi.base.embedded import fetch_embedded
from buqi.base.gguf_file import folder_from_gguf
from buqi.base.hub import fetch_from_hub
from buqi.errors import BuqiError, UsageError, explained

DEFAULT_SPEC = "embedded"
HUB_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*")


def resolve(spec: str = DEFAULT_SPEC, source: str = "huggingface", whole: bool = False, renew: bool = False) -> Path:
    """Return a local Hugging Face folder for ``spec``, fetching or converting it first if need be.

    Args:
        spec: ``embedded``, a local folder, a ``.gguf`` file, or ``owner/name`` on a hub.
        source: ``huggingface`` or ``modelscope``; only used for ``owner/name``.
        whole: check every byte whose hash is known; else sizes and samples.
        renew: as ``whole``; and where a byte is wrong in buqi's cache, fetch or convert the base again.

    Raises:
        UsageError: ``spec`` is none of these.
        BuqiError: it could not be fetched, verified or read.
    """
    if spec == DEFAULT_SPEC:
        return fetch_embedded(whole=whole, renew=renew)
    path = Path(os.path.expanduser(spec))
    with explained(f"{spec[:200]}: cannot be read", OSError, error=UsageError):  # a name longer than any file's
        path.exists()
    if path.is_dir():
        return _checked_folder(path, whole or renew)
    if path.suffix == ".gguf":
        if not path.is_file():
            raise UsageError(f"{spec}: no such .gguf file")
        return folder_from_gguf(path, whole, renew)
    if is_hub_name(spec):
        return _checked_folder(fetch_from_hub(spec, source, whole or renew), whole or renew)
    raise UsageError(f"{spec}: not a folder, a .gguf file, a hub name (owner/name), or 'embedded'")


def is_hub_name(spec: str) -> bool:
    """Whether ``spec`` is ``owner/name`` on a hub, and no file or folder here. Names there are ASCII without blanks."""
    return HUB_NAME.fullmatch(spec) is not None and not spec.endswith(".gguf") and not Path(spec).is_dir()


def name_for_peft(spec: str, folder: Path) -> str:
    """Return the name of a base that plain PEFT opens: ``owner/name`` on a hub, else its folder.

    Args:
        spec: as the user named it; ``embedded`` and ``.gguf`` files mean nothing to PEFT.
        folder: what `resolve` made of it.
    """
    return spec if is_hub_name(spec) else str(folder.absolute())


def _checked_folder(path: Path, whole: bool) -> Path:
    if (path / "adapter_config.json").is_file() and not (path / "config.json").is_file():
        raise UsageError(f"{path} is an adapter, not a base model: name its base here and the adapter with --adapter")
    missing = [name for name in ("config.json", "tokenizer_config.json") if not (path / name).is_file()]
    if missing:
        raise BuqiError(f"{path} is not a Hugging Face model folder: {', '.join(missing)} missing")
    if not any(path.glob("*.safetensors")):
        found = ", ".join(sorted(p.name for p in path.glob("*.bin"))) or "no weights"
        raise BuqiError(f"{path}: expected *.safetensors, found {found} (pickled weights are not read)")
    check_base(path, whole)
    return path
