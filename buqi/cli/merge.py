"""``buqi merge``: the tutorial's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from buqi.cli.options import Base, Overwrite
from buqi.cli.screen import errors, print_written, working
from buqi.errors import UsageError


def merge(
    lora_path: Annotated[list[Path], Option(help="The adapter folder; give it again to sum several.")],
    output_path: Annotated[Path, Option(help="Folder for the merged model.")],
    model_name_or_path: Base = "embedded",
    device: Annotated[str, Option(help="cpu, or gpu (cuda, auto); without a GPU the CPU is used.")] = "cpu",
    safe_serialization: Annotated[str, Option(help="True; pickled weights are never written.")] = "True",
    dtype: Annotated[str, Option(help="How it is saved: float32, bfloat16, float16.")] = "float32",
    weights: Annotated[str | None, Option(help="Several adapters: the weight of each (0.7,0.3); else 1.")] = None,
    combination: Annotated[str | None, Option(help="Several adapters: cat (exact; if not given) or linear.")] = None,
    adapter_only: Annotated[
        bool, Option("--adapter_only", help="Write an adapter (the sum, saved as --dtype); merge nothing.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Merge an adapter into its base in fp32, and prove by the logits that the result answers alike."""
    from buqi import machine
    from buqi.answering import given_options
    from buqi.artefact import check_is_adapter
    from buqi.base import resolve
    from buqi.export.combine import combine
    from buqi.export.merge import check_request
    from buqi.export.merge import merge as run
    from buqi.export.rounded import round_adapter
    from buqi.files import temporary_folder
    from buqi.lock import claimed

    if device not in ("cpu", "gpu", "cuda", "auto"):
        raise UsageError(f"--device {device}: expected cpu, gpu, cuda or auto")
    if safe_serialization.lower() not in ("true", "1", "yes"):
        raise UsageError("--safe_serialization: only True; a pickled model can run code when it is opened")
    gpu = device != "cpu" and machine.gpu()
    if device in ("gpu", "cuda") and not gpu:
        errors.print("[dim]note: no GPU here; merging on the CPU, with the same result[/]")
    if len(lora_path) == 1 and (unused := given_options({"--weights": weights, "--combination": combination})):
        raise UsageError(f"{unused}: only with several --lora_path")
    for folder in lora_path:
        check_is_adapter(folder)
    check_request(output_path, dtype, overwrite, (*lora_path, Path(model_name_or_path)))
    with temporary_folder("sum") as spare, claimed(output_path), working("merging") as say:
        adapter, base = lora_path[0], resolve(model_name_or_path)
        if len(lora_path) > 1:
            adapter = spare / "sum"
            counts = _numbers(weights) if weights else [1.0] * len(lora_path)
            combine(base, lora_path, counts, combination or "cat", adapter)
        if adapter_only:
            parity = round_adapter(base, adapter, output_path, dtype, overwrite)
        else:
            parity = run(model_name_or_path, adapter, output_path, overwrite, "cuda" if gpu else "cpu", dtype, say)
    allowed = f"(allowed {parity.tolerance:g}), equal choices {parity.equal_choices:.0%}"
    print_written(output_path, f"largest logit difference {parity.largest} {allowed}")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.replace("，", ",").split(",")]
    except ValueError as error:
        raise UsageError(f"--weights {text}: expected numbers separated by commas, e.g. 0.7,0.3") from error
