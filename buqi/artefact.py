"""The records beside the weights of an adapter or merged model, and the checks that an adapter fits a base."""

from __future__ import annotations

import re
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from buqi.base.fingerprint import fingerprint
from buqi.errors import BuqiError, UsageError, explained, listed
from buqi.files import read_json, write_json
from buqi.foreign import AdapterFile, RunFile, parsed
from buqi.seal import check_seal
from buqi.shapes import (
    Shapes,
    check_adapted,
    check_factors,
    check_finite,
    check_fits,
    check_ranks,
    plain_name,
    read_tensor,
    shapes_in,
    shapes_of,
)

EMBEDDED_NAME = "qwen2.5-coder-0.5b-instruct"
RUN = "run.json"
ADAPTER_CONFIG = "adapter_config.json"
ANEW = "train, merge or fetch it again, or take another copy"
WEIGHTS = "adapter_model.safetensors"
# Initialisations of LoRA that take a part out of the base's weights, and those that PEFT computes the same each time.
CHANGES_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
COMPUTED_AGAIN = ("pissa", "olora")
PACKAGES = ("buqi", "torch", "transformers", "peft", "accelerate", "tokenizers", "safetensors")


def write_run(folder: Path, record: dict[str, Any]) -> None:
    """Write ``run.json``: where an artefact comes from (base, configuration, data, versions, metrics)."""
    write_json(folder / RUN, record)


def read_run(folder: Path, name: str = RUN) -> dict[str, Any]:
    """Return ``run.json``, or the file ``name``, which has the same form; an empty record if there is none.

    Raises:
        BuqiError: the file is broken.
    """
    if not (folder / name).is_file():
        return {}
    parsed(folder / name, RunFile)
    return read_json(folder / name)


def versions() -> dict[str, str]:
    """Return the versions of the packages that decide what a model computes."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def check_is_adapter(folder: Path) -> None:
    """Raise `UsageError` if ``folder`` holds no adapter. No file is read, so a base is not needed yet."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: {'a file; name its folder' if folder.is_file() else 'no such adapter folder'}")
    if (folder / ADAPTER_CONFIG).is_file() and (folder / WEIGHTS).is_file():
        return
    names = sorted(path.name for path in folder.iterdir())
    if ADAPTER_CONFIG in names and "adapter_model.bin" in names:
        raise UsageError(f"{folder}: adapter_model.bin is pickled and not read; save it as {WEIGHTS}")
    if "config.json" in names and any(name.startswith("model") for name in names):
        raise UsageError(f"{folder} is a whole model and no adapter; name it as the model, without an adapter")
    if "started.json" in names:
        raise UsageError(f"{folder}: its training has not ended; wait, or go on with it (buqi train … --resume)")
    raise UsageError(f"{folder}: expected adapter_config.json and {WEIGHTS}, found {', '.join(names[:8]) or 'nothing'}")


def check_adapter(folder: Path, base: Path, whole: bool = False, alone: bool = False) -> None:
    """Check that ``folder`` is a LoRA adapter of ``base`` that changes something.

    Args:
        whole: every byte of its files is checked against its seal, if it has one; else sizes and samples.
        alone: no other adapter will be on this base's model, so that PEFT may change its weights (PiSSA, OLoRA,
            biases).

    Raises:
        UsageError: no adapter there, or one of another base.
        BuqiError: a file is broken, pickled, not what was written, or asks for other layers than the base and the
            weights have; or it has no effect.
    """
    check_is_adapter(folder)
    check_seal(folder, ANEW, whole)
    config = parsed(folder / ADAPTER_CONFIG, AdapterFile)
    check_start(folder, str(config.init_lora_weights).lower(), alone)
    own, here = read_run(folder).get("base", {}), fingerprint(base)
    trained_on = own.get("fingerprint")
    if trained_on not in (None, here):
        raise UsageError(
            f"{folder} was trained on another base (fingerprint {trained_on}, this base is {here}); "
            f"its base was {own.get('spec')!r}"
        )
    weights = check_weights(folder)
    check_factors(folder, config, weights)
    check_fits(folder, weights, base_shapes := shapes_of(base))
    check_adapted(folder, config, weights, base_shapes)
    if not alone:
        check_leaves_base(folder, config, weights, base)
    if trained_on is None:
        check_named_base(folder, config.base_model_name_or_path, base, here)


def check_leaves_base(folder: Path, config: AdapterFile, weights: Shapes, base: Path) -> None:
    """Refuse an adapter that would change the base for all who use it: PEFT loads whole matrices into the base.

    Copies of the base's own matrices, which PEFT may save, and modules that stand beside the base's (modules_to_save)
    are taken.

    Raises:
        BuqiError: it holds biases, or a whole matrix that is not as in the base.
    """
    if biases := [name for name in weights if name.endswith(".bias")]:
        changed = f"{len(biases)} of the base's biases (bias {config.bias}), which would change for all"
        raise BuqiError(f"{folder}: holds {changed}; merge it first (buqi merge)")
    beside = set(config.modules_to_save or ())
    for name in (name for name in weights if ".lora_" not in name and not beside & set(name.split("."))):
        own, theirs = read_tensor(folder, name), read_tensor(base, plain_name(name))
        if theirs is None or own is None or not own.equal(theirs.to(own.dtype)):
            changed = f"{name[:120]}, a matrix of the base, which would change for all"
            raise BuqiError(f"{folder}: holds {changed}; merge it first (buqi merge)")


def check_start(folder: Path, start: str, alone: bool) -> None:
    """Refuse an adapter that was trained on changed weights: its initialisation took a part out of the base's.

    Raises:
        BuqiError: PEFT cannot compute that part again, or another adapter would be changed by it.
    """
    if not start.startswith(CHANGES_BASE):
        return
    began = f"{folder}: it began with {start} (init_lora_weights), which changed the base's weights"
    if start not in COMPUTED_AGAIN:
        raise BuqiError(
            f"{began}, and how cannot be computed again; save it as plain LoRA (PEFT: "
            "path_initial_model_for_weight_conversion), or merge it where it was trained"
        )
    if not alone:
        raise BuqiError(f"{began}; merge it first (buqi merge), which changes them again")
    warnings.warn(
        f"{began}; they are changed again, which is right only if this base is the one from before its training, not "
        "the residual that was saved beside it",
        stacklevel=2,
    )


def check_named_base(folder: Path, named: str | None, base: Path, here: str) -> None:
    """Warn where an adapter of another toolkit names another base; it has no fingerprint to compare.

    Raises:
        UsageError: the named base is on this machine and has other weights.
    """
    if not named:
        return
    if (Path(named) / "config.json").is_file():
        if fingerprint(Path(named)) != here:
            raise UsageError(f"{folder}: adapter_config.json says it was trained on {named}, another base than {base}")
        return
    wanted = _plain_name(Path(named).name)
    names = {_plain_name(name) for part in base.parts[-4:] for name in (part, part.rpartition("--")[2])}
    names |= {"embedded", EMBEDDED_NAME} if base.name.startswith("embedded-") else set()
    if wanted not in names:
        warnings.warn(
            f"{folder}: adapter_config.json names another base, {named}, than {base}; on another base than its own an "
            "adapter answers nonsense, and nothing here can tell whether they are the same",
            stacklevel=2,
        )


def _plain_name(name: str) -> str:
    """Return the name of a base without the additions of hubs and toolkits."""
    return re.sub(r"(-unsloth)?(-bnb-4bit)?$", "", name.lower().replace("___", "."))


def check_modules_to_save(folder: Path, what: str) -> None:
    """Raise `BuqiError` where an adapter holds whole trained modules; ``what`` cannot hold them."""
    if saved := parsed(folder / ADAPTER_CONFIG, AdapterFile).modules_to_save:
        raise BuqiError(
            f"{folder}: {', '.join(saved)} (modules_to_save) was trained whole beside it, and {what} takes LoRA "
            "alone; train without modules_to_save, or answer with the adapter itself (--engine torch)"
        )


def check_weights(folder: Path) -> Shapes:
    """Check that an adapter's weights can be read, are what its configuration says, and change something.

    Returns:
        the shape of each tensor by its name.

    Raises:
        BuqiError: the file is missing, broken, pickled, not finite, of other ranks, or has no effect.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / WEIGHTS
    if not path.is_file():
        raise BuqiError(f"{folder}: no {WEIGHTS} in it")
    shapes = shapes_in(path)
    if (folder / ADAPTER_CONFIG).is_file():
        check_ranks(folder, config := parsed(folder / ADAPTER_CONFIG, AdapterFile), shapes)
        if config.lora_alpha == 0 and not any((config.alpha_pattern or {}).values()):
            raise BuqiError(f"{folder}: lora_alpha is 0: the adapter answers as its base does")
    with explained(f"{path}: broken or not safetensors", SafetensorError), safe_open(path, framework="pt") as file:
        ends = [name for name in file.keys() if "lora_B" in name]  # noqa: SIM118 (not a dict)
        if not ends:
            found = listed(sorted(shapes)[:1]) or "nothing"
            raise BuqiError(f"{folder}: holds no LoRA weights as PEFT names them (no lora_B), found {found}")
        if not any(file.get_tensor(name).any() for name in ends):
            raise BuqiError(f"{folder}: every lora_B is zero: the adapter answers as its base does")
        for name in shapes:
            if not (tensor := file.get_tensor(name)).is_floating_point():
                raise BuqiError(f"{path}: {name} holds {tensor.dtype} and no fractions; save it again in fp32 or bf16")
            check_finite(path, [(name, tensor)])
    return shapes


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
        try:
            return PeftModel.from_pretrained(model, folder, adapter_name=name)
        except Exception:
            detach(model)
            raise


def detach(model: Any) -> None:
    """Take PEFT's layers out of a base where an adapter was attached by halves: all others are asked with it."""
    from peft.tuners.tuners_utils import BaseTunerLayer
    from peft.utils.other import AuxiliaryTrainingWrapper

    for name, child in list(model.named_children()):
        if isinstance(child, BaseTunerLayer):
            setattr(model, name, child.get_base_layer())
        elif isinstance(child, AuxiliaryTrainingWrapper):
            setattr(model, name, child.original_module)
        else:
            detach(child)
    model.__dict__.pop("peft_config", None)
