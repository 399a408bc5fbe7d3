"""``buqi quantize MODEL --bits 4|8 --out FILE.gguf``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from buqi.cli.screen import errors, out, print_json, working


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(quantize)


def quantize(
    model: Annotated[
        str, typer.Argument(help="Merged folder, base (embedded, owner/name), or adapter (a GGUF LoRA in F32).")
    ],
    target: Annotated[Path, typer.Option("--out", help="The .gguf file to write.")],
    bits: Annotated[int, typer.Option(help="4, 8, 16 or 32.")] = 8,
    rows: Annotated[Path | None, typer.Option(help="Rows whose texts both are asked; else eight addresses.")] = None,
    limit: Annotated[int, typer.Option(help="Only the first N of these rows.", min=1)] = 100,
    calibrate: Annotated[
        Path | None, typer.Option(help="4 bits: rows to round by, e.g. train.json; addresses need none.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write a model as a GGUF file for llama.cpp and Ollama, and say what the quantisation changed."""
    from buqi.base import resolve
    from buqi.export.parity import TEXTS
    from buqi.export.quantize import quantize as run
    from buqi.rows import read_rows

    if (Path(model) / "adapter_config.json").is_file():
        _adapter(Path(model), target, overwrite)
        return
    texts = tuple(row.src[0] for row in read_rows(rows)[:limit]) if rows else TEXTS
    known = read_rows(calibrate) if calibrate else ()
    with working("quantising") as say:
        found = run(resolve(model), target, bits, texts, overwrite, known, say)
    if as_json:
        print_json(found.as_json())
        return
    out.print(
        f"[bold]{escape(str(target))}[/]  {found.size / 1e6:.0f} MB, {'+'.join(dict.fromkeys(found.types))}: "
        f"{found.equal_answers:.1%} of {len(texts)} answers and {found.parity.equal_choices:.2%} of their tokens stay; "
        f"mean logit difference {found.parity.mean_difference:.3f}, largest {found.parity.largest_difference:.2f}"
    )
    if not found.as_expected:
        errors.print(f"[bold red]fewer tokens stay than the {found.expected:.1%} expected at {bits} bits[/]")
    for text, before, after in found.changed[:5]:
        errors.print(f"[yellow]changed: {escape(text)}: {escape(before)} → {escape(after)}[/]", soft_wrap=True)
    errors.print(f"[dim]beside it: {target.stem}.parity.json, and {target.stem}.Modelfile for ollama create[/]")


def _adapter(folder: Path, target: Path, overwrite: bool) -> None:
    from buqi.errors import UsageError
    from buqi.export.gguf_lora import write_lora
    from buqi.files import whole_file

    if target.suffix != ".gguf":
        raise UsageError(f"--out {target}: the name must end in .gguf")
    if target.exists() and not overwrite:
        raise UsageError(f"{target} exists; name another --out, or add --overwrite")
    with working("writing"), whole_file(target) as draft:
        layers = write_lora(folder, draft)
    size = target.stat().st_size / 1e6
    out.print(f"[bold]{escape(str(target))}[/]  GGUF LoRA, {layers} layers, {size:.1f} MB, F32; llama.cpp: --lora")
