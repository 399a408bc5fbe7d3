"""What lies in an adapter or merged folder beside the weights, and whether an adapter fits a base."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from buqi.base.fingerprint import fingerprint
from buqi.errors import BuqiError, UsageError, explained
from buqi.files import read_json, write_json
from buqi.foreign import AdapterFile, RunFile, parsed
from buqi.seal import check_seal
from buqi.shapes import check_finite, check_fits, check_ranks, shapes_in, shapes_of

RUN = "run.json"
CONFIG = "adapter_config.json"
ANEW = "train, merge or fetch it again, or take another copy"
WEIGHTS = "adapter_model.safetensors"
PACKAGES = ("buqi", "torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors")


def write_run(folder: Path, record: dict[str, Any]) -> None:
    """Write ``run.json``: where an artefact comes from (base, configuration, data, versions, metrics)."""
    write_json(folder / RUN, record)


def read_run(folder: Path) -> dict[str, Any]:
    """Return ``run.json``, or an empty record for a folder that buqi did not make.

    Raises:
        BuqiError: the file is broken.
    """
    if not (folder / RUN).is_file():
        return {}
    parsed(folder / RUN, RunFile)
    return read_json(folder / RUN)


def versions() -> dict[str, str]:
    """Return the versions of the packages that decide what a model computes."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def check_adapter(folder: Path, base: Path, whole: bool = False) -> None:
    """Check that ``folder`` is a LoRA adapter of ``base`` that changes something.

    Args:
        folder: the adapter.
        base: the base's folder.
        whole: check every byte against the adapter's seal, if it has one; else sizes and samples.

    Raises:
        UsageError: no adapter there, or one of another base.
        BuqiError: a file is broken, pickled, not what was written, or asks for other layers than the base and the
            weights have; or it has no effect.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such adapter folder")
    path = folder / WEIGHTS
    if not (folder / CONFIG).is_file() or not path.is_file():
        found = ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"
        raise UsageError(f"{folder}: expected adapter_config.json and {WEIGHTS}, found {found}")
    check_seal(folder, ANEW, whole)
    parsed(folder / CONFIG, AdapterFile)
    trained_on, here = read_run(folder).get("base", {}).get("fingerprint"), fingerprint(base)
    if trained_on is not None and trained_on != here:
        raise UsageError(
            f"{folder} was trained on another base (fingerprint {trained_on}, this base is {here}); "
            f"its base was {read_run(folder)['base'].get('spec')!r}"
        )
    check_weights(folder)
    check_fits(folder, shapes_in(path), shapes_of(base))


def check_weights(folder: Path) -> None:
    """Check that an adapter's weights can be read, are what its configuration says, and change something.

    Raises:
        BuqiError: the file is missing, broken, pickled, not finite, of other ranks, or has no effect.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS
    if not path.is_file():
        raise BuqiError(f"{folder}: no {WEIGHTS} in it")
    shapes = shapes_in(path)
    if (folder / CONFIG).is_file():
        check_ranks(folder, parsed(folder / CONFIG, AdapterFile), shapes)
    with explained(f"{path}: broken or not safetensors", SafetensorError), safe_open(path, framework="pt") as file:
        ends = [name for name in file.keys() if "lora_B" in name]  # noqa: SIM118 (not a dict)
        if not ends:
            raise BuqiError(f"{folder}: holds no LoRA weights (no lora_B)")
        if not any(file.get_tensor(name).any() for name in ends):
            raise BuqiError(f"{folder}: every lora_B is zero: the adapter answers as its base does")
    check_finite(path)


def attach_adapter(model: Any, folder: Path, name: str = "default") -> Any:
    """Return ``model`` with the adapter in ``folder`` on it, beside those that it has.

    Raises:
        BuqiError: the adapter's layers are not those of the model.
    """
    from peft import PeftModel

    with explained(f"{folder}: does not fit this base", Exception):  # PEFT raises whatever a configuration leads it to
        if isinstance(model, PeftModel):
            model.load_adapter(folder, adapter_name=name)
            return model
        return PeftModel.from_pretrained(model, folder, adapter_name=name)
