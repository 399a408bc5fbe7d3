"""``buqi merge``: the tutorial's flags."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from buqi.cli.screen import errors, out, working


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(merge)


def merge(
    lora_path: Annotated[Path, typer.Option(help="The adapter folder.")],
    output_path: Annotated[Path, typer.Option(help="Folder for the merged model.")],
    model_name_or_path: Annotated[str, typer.Option(help="The base it was trained on.")] = "embedded",
    device: Annotated[str, typer.Option(help="cpu or gpu; without a GPU the CPU is used.")] = "cpu",
    safe_serialization: Annotated[str, typer.Option(help="True; pickled weights are never written.")] = "True",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace output_path if it exists.")] = False,
) -> None:
    """Merge an adapter into its base in fp32, and prove by the logits that the result answers alike."""
    from buqi.errors import UsageError
    from buqi.export.merge import merge as run

    if device not in ("cpu", "gpu"):
        raise UsageError(f"--device {device}: expected cpu or gpu")
    if safe_serialization.lower() not in ("true", "1", "yes"):
        raise UsageError("--safe_serialization: only True; a pickled model can run code when it is opened")
    target = "cpu"
    if device == "gpu":
        import torch

        target = "cuda" if torch.cuda.is_available() else "cpu"
        if target == "cpu":
            errors.print("[dim]note: no GPU here; merging on the CPU, with the same result[/]")
    with working("merging") as say:
        parity = run(model_name_or_path, lora_path, output_path, overwrite, target, say)
    found = f"largest logit difference {parity.largest_difference:.2g} over {parity.positions} positions"
    allowed = f"(allowed {parity.tolerance:g}), equal choices {parity.equal_choices:.0%}"
    out.print(f"[bold]{escape(str(output_path))}[/]  {found} {allowed}")
