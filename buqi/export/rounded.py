"""Writes an adapter in 16 bits: half the size, and the same answers."""

from __future__ import annotations

import shutil
from pathlib import Path

from buqi.artefact import ADAPTER_CONFIG, WEIGHTS, attach_adapter, check_adapter, read_run, write_run
from buqi.base import load_model, load_tokenizer
from buqi.export.merge import check_request
from buqi.export.parity import LIMITS, Parity, compare, prompt_logits
from buqi.files import whole_folder
from buqi.task import ROWS, TASK_FILE, Task


def round_adapter(base: Path, adapter: Path, target: Path, dtype: str, overwrite: bool = False) -> Parity:
    """Write ``adapter`` with its weights as ``dtype`` and prove by the logits that it answers as before.

    Args:
        target: the folder to write; it appears whole, or not at all.
        dtype: float32, bfloat16 or float16.

    Raises:
        UsageError: not an adapter, one of another base, an unknown type, or ``target`` exists.
        BuqiError: the logits differ by more than rounding explains.
    """
    import torch
    from safetensors.torch import load_file, save_file

    check_request(target, dtype, overwrite, (adapter, base))
    check_adapter(adapter, base, whole=True)
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    model = attach_adapter(load_model(base, device="cpu"), adapter, "exact").eval()
    exact = prompt_logits(model, tokenizer, task)
    with whole_folder(target) as draft:
        for name in (ADAPTER_CONFIG, TASK_FILE):
            if (adapter / name).is_file():
                shutil.copyfile(adapter / name, draft / name)
        weights = {name: value.to(getattr(torch, dtype)) for name, value in load_file(adapter / WEIGHTS).items()}
        save_file(weights, draft / WEIGHTS, metadata={"format": "pt"})
        attach_adapter(model, draft, "rounded")
        model.set_adapter("rounded")
        parity = compare(exact, prompt_logits(model, tokenizer, task), *LIMITS[dtype])
        parity.prove(f"{adapter} as {dtype} answers otherwise", target)
        write_run(draft, read_run(adapter) | {"saved_as": dtype})
    return parity
