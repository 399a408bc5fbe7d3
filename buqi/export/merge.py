"""Merging: W' = W + s·BA, in fp32, checked by opening what was written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from buqi.artefact import attach_adapter, check_adapter, read_run, versions, write_run
from buqi.base import fingerprint, load_model, load_tokenizer, resolve
from buqi.errors import BuqiError, UsageError
from buqi.export.parity import TOLERANCE, Parity, compare, prompt_logits
from buqi.files import whole_folder
from buqi.task import ROWS, Task

KEPT_OF_RUN = ("identity", "base", "data", "metrics", "seed")  # what a merged folder says of its adapter
# What rounding the weights may change: the largest logit difference, and the share of choices that must stay.
ROUNDING_LIMITS = {"float16": (0.5, 0.98), "bfloat16": (4.0, 0.93)}
DTYPES = ("float32", *ROUNDING_LIMITS)


def merge(
    base_spec: str,
    adapter: Path,
    target: Path,
    overwrite: bool = False,
    device: str = "cpu",
    dtype: str = "float32",
    say: Callable[[str], None] = lambda _: None,
) -> Parity:
    """Write base plus adapter as one Hugging Face folder and prove that it answers like both.

    Args:
        base_spec: the base that the adapter was trained on.
        adapter: the adapter folder.
        target: the folder to write; it appears whole, or not at all.
        overwrite: replace ``target`` if it exists.
        device: ``cpu`` or ``cuda``.
        dtype: how the weights are saved; they are always summed in fp32.
        say: told what is being done.

    Raises:
        UsageError: not an adapter, another base, or ``target`` exists.
        BuqiError: no room, or the written model's logits differ by more than 1e-3 from base and adapter (16 bits:
            more than rounding explains).
    """
    if dtype not in DTYPES:
        raise UsageError(f"--dtype {dtype}: expected one of {', '.join(DTYPES)}")
    if target.exists() and any(target.iterdir() if target.is_dir() else [target]) and not overwrite:
        raise UsageError(f"{target} exists; name another --output_path, or add --overwrite")
    say("loading base and adapter")
    base = resolve(base_spec)
    check_adapter(adapter, base)
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    before, merged = _merged(base, adapter, tokenizer, task, device)
    _room_for(merged, target)
    say("writing")
    with whole_folder(target) as draft:
        _rounded(merged, dtype).save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        task.save(draft, tokenizer)
        say("opening what was written and comparing logits")
        tolerance, least_equal = ROUNDING_LIMITS.get(dtype, (TOLERANCE, 1.0))
        after = prompt_logits(load_model(draft, device=device).eval(), tokenizer, task)
        parity = compare(before, after, tolerance, least_equal)
        if not parity.passed:
            raise BuqiError(
                f"the merged model differs from base and adapter: largest logit difference "
                f"{parity.largest_difference:.2g} (allowed {tolerance:g}), equal choices {parity.equal_choices:.2%}; "
                f"{target} was not written"
            )
        origin = {key: value for key, value in read_run(adapter).items() if key in KEPT_OF_RUN}
        write_run(draft, {"merged_from": origin, "fingerprint": fingerprint(draft), "versions": versions()})
        (draft / "parity.json").write_text(json.dumps(parity.as_json(), indent=2) + "\n")
    return parity


def _merged(base: Path, adapter: Path, tokenizer: Any, task: Task, device: str) -> tuple[list[Any], Any]:
    tuned = attach_adapter(load_model(base, device=device), adapter).eval()
    before = prompt_logits(tuned, tokenizer, task)
    return before, tuned.merge_and_unload(safe_merge=True)


def _rounded(model: Any, dtype: str) -> Any:
    import torch

    return model.to(getattr(torch, dtype))


def _room_for(model: Any, target: Path) -> None:
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    need, free = 1.02 * model.get_memory_footprint() + 2e7, shutil.disk_usage(folder).free
    if free < need:
        raise BuqiError(f"{folder}: {free / 1e9:.1f} GB free, the merged model needs {need / 1e9:.1f} GB")
