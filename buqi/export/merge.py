"""Merging an adapter into its base: W' = W + s·BA, in fp32. The written model is opened again and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from buqi.artefact import (
    attach_adapter,
    check_adapter,
    check_is_adapter,
    check_modules_to_save,
    read_run,
    versions,
    write_run,
)
from buqi.base import fingerprint, load_model, load_tokenizer, resolve
from buqi.errors import UsageError, explained
from buqi.export.parity import LIMITS, Parity, compare, prompt_logits
from buqi.files import check_model_target, check_room, whole_folder, write_json
from buqi.task import ROWS, Task

KEPT_OF_RUN = ("identity", "base", "data", "metrics", "seed")  # of the adapter's run.json, in the merged folder's


def check_request(target: Path, dtype: str, overwrite: bool, read: Iterable[Path]) -> None:
    """Check type and target of what is to be written, before anything is loaded.

    Raises:
        UsageError: an unknown type, or ``target`` exists, or holds one of the folders that are ``read``.
    """
    if dtype not in LIMITS:
        raise UsageError(f"--dtype {dtype}: expected one of {', '.join(LIMITS)}")
    check_model_target(target, overwrite, "--output_path", read)


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
        target: the folder to write; it appears whole, or not at all.
        device: ``cpu`` or ``cuda``.
        dtype: how the weights are saved; they are always summed in fp32.

    Raises:
        UsageError: not an adapter, another base, or ``target`` exists.
        BuqiError: no room, or the written model's logits differ from those of base and adapter by more than `LIMITS`.
    """
    import torch

    check_request(target, dtype, overwrite, (adapter, Path(base_spec)))
    check_is_adapter(adapter)
    say("loading base and adapter")
    base = resolve(base_spec, whole=True)
    check_adapter(adapter, base, whole=True, alone=True)
    check_modules_to_save(adapter, "a merged model")
    tokenizer = load_tokenizer(base)
    task = Task.load(adapter, tokenizer) or ROWS
    tuned = attach_adapter(load_model(base, device=device), adapter).eval()
    before = prompt_logits(tuned, tokenizer, task)
    with explained(f"{adapter}: cannot be added to this base", ValueError):  # the sum is not finite
        merged = tuned.merge_and_unload(safe_merge=True)
    disk = next(parent for parent in target.absolute().parents if parent.exists())
    check_room(disk, 1.02 * merged.get_memory_footprint() + 2e7, "the merged model")
    say("writing")
    with whole_folder(target) as draft:
        merged.to(getattr(torch, dtype)).save_pretrained(draft)
        tokenizer.save_pretrained(draft)
        task.save(draft, tokenizer)
        say("opening what was written and comparing logits")
        after = prompt_logits(load_model(draft, device=device).eval(), tokenizer, task)
        parity = compare(before, after, *LIMITS[dtype])
        parity.prove("the merged model differs from base and adapter", target)
        origin = {key: value for key, value in read_run(adapter).items() if key in KEPT_OF_RUN}
        write_run(draft, {"merged_from": origin, "fingerprint": fingerprint(draft), "versions": versions()})
        write_json(draft / "parity.json", parity.as_json())
    return parity
