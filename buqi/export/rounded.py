"""An adapter in 16 bits: half the size, the same answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from buqi.artefact import WEIGHTS, attach_adapter, check_adapter, read_run, write_run
from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError, UsageError
from buqi.export.merge import DTYPES, ROUNDING_LIMITS
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.files import whole_folder
from buqi.task import ROWS, Task

COPIED_FILES = ("adapter_config.json", "task.json")


def check_asked(target: Path, dtype: str, overwrite: bool) -> None:
    """Check what `round_adapter` is asked to write, before anything is loaded.

    Raises:
        UsageError: an unknown type, or ``target`` exists.
    """
    if dtype not in DTYPES:
        raise UsageError(f"--dtype {dtype}: expected one of {', '.join(DTYPES)}")
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; name another folder, or add --overwrite")


def round_adapter(base: Path, adapter: Path, target: Path, dtype: str, overwrite: bool = False) -> Parity:
    """Write ``adapter`` with its weights as ``dtype`` and prove by the logits that it answers as before.

    Args:
        base: the base's folder.
        adapter: the adapter folder.
        target: the folder to write; it appears whole, or not at all.
        dtype: float32, bfloat16 or float16.
        overwrite: replace ``target`` if it exists.

    Raises:
        UsageError: not an adapter, one of another base, an unknown type, or ``target`` exists.
        BuqiError: the logits differ by more than rounding explains.
    """
    import torch
    from safetensors.torch import load_file, save_file

    check_asked(target, dtype, overwrite)
    check_adapter(adapter, base)
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    model = attach_adapter(load_model(base, device="cpu"), adapter, "exact").eval()
    exact = prompt_logits(model, tokenizer, task)
    with whole_folder(target) as draft:
        for name in COPIED_FILES:
            if (adapter / name).is_file():
                shutil.copyfile(adapter / name, draft / name)
        weights = {name: value.to(getattr(torch, dtype)) for name, value in load_file(adapter / WEIGHTS).items()}
        save_file(weights, draft / WEIGHTS, metadata={"format": "pt"})
        attach_adapter(model, draft, "rounded")
        model.set_adapter("rounded")
        parity = compare(exact, prompt_logits(model, tokenizer, task), *ROUNDING_LIMITS.get(dtype, (TOLERANCE, 1.0)))
        if not parity.passed:
            raise BuqiError(
                f"{adapter} as {dtype}: logits differ by {parity.largest_difference:.2g} "
                f"(allowed {parity.tolerance:g}); {target} was not written"
            )
        write_run(draft, read_run(adapter) | {"saved_as": dtype})
    return parity
