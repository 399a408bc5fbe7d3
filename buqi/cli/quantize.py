"""``buqi quantize MODEL --bits 4|8 --out FILE.gguf``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Json
from buqi.cli.screen import errors, print_json, print_written, working
from buqi.errors import UsageError, counted

if TYPE_CHECKING:
    from buqi.rows import Row
    from buqi.task import Task

BITS = 8
LIMIT = 100  # rows whose texts both models are asked


def quantize(
    model: Annotated[
        str, Argument(help="Merged folder, base (embedded, owner/name), or adapter (a GGUF LoRA in F32).")
    ],
    target: Annotated[Path, Option("--out", help="The .gguf file to write.")],
    bits: Annotated[int | None, Option(help="4, 8 (if not given), 16 or 32.")] = None,
    rows: Annotated[Path | None, Option(help="Ask both models the texts of these rows; else eight addresses.")] = None,
    limit: Annotated[int | None, Option(help="Only the first N of these rows; 100 if not given.", min=1)] = None,
    calibrate: Annotated[Path | None, Option(help="4 bits: rows that guide the rounding; addresses need none.")] = None,
    base: Annotated[
        str | None, Option(help="Adapter: the base that it was trained on; else as its run.json says.")
    ] = None,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the file if it exists.")] = False,
    as_json: Json = False,
) -> None:
    """Write a model as a GGUF file for llama.cpp and Ollama, and say what the quantisation changed."""
    from buqi.answering import asks_addresses, given_options
    from buqi.base import resolve
    from buqi.export.parity import PROBES
    from buqi.export.quantize import quantize as run
    from buqi.lock import claimed
    from buqi.rows import read_rows

    if (Path(model) / "adapter_config.json").is_file():
        if unused := given_options({"--bits": bits, "--rows": rows, "--limit": limit, "--calibrate": calibrate}):
            raise UsageError(f"{unused}: not with an adapter, which is written in F32")
        _export_adapter(Path(model), base, target, overwrite, as_json)
        return
    if base is not None:
        raise UsageError("--base: only with an adapter")
    if limit is not None and rows is None:
        raise UsageError("--limit: only with --rows")
    bits = bits or BITS
    if calibrate is not None and bits != 4:
        raise UsageError("--calibrate: only with --bits 4")
    texts = tuple(row.src[0] for row in read_rows(rows)[: limit or LIMIT]) if rows else PROBES
    calibration = partial(_calibration, read_rows(calibrate) if calibrate else None)
    folder = resolve(model)
    if rows is None and not asks_addresses(folder):
        other = "the model was trained for another task and is asked addresses"
        errors.print(f"[yellow]note: {other}; name texts of its own with --rows, e.g. test.json[/]", soft_wrap=True)
    with claimed(target), working("quantising") as say:
        found = run(folder, target, bits, texts, overwrite, calibration, say)
    if as_json:
        print_json(found.as_json())
        return
    parity, kinds = found.parity, "+".join(dict.fromkeys(found.types))
    answers = counted(len(texts), "answer")
    stay = f"{found.equal_answers:.1%} of {answers} and {parity.equal_choices:.2%} of their tokens stay"
    difference = f"mean logit difference {parity.mean_difference:.3f}, largest {parity.largest_difference:.2f}"
    print_written(target, f"{found.size / 1e6:.0f} MB, {kinds}: {stay}; {difference}")
    if not found.as_expected:
        errors.print(f"[bold red]fewer tokens stay than the {found.expected:.1%} expected at {bits} bits[/]")
    for text, before, after in found.changed[:5]:
        errors.print(f"[yellow]changed: {escape(text)}: {escape(before)} → {escape(after)}[/]", soft_wrap=True)
    errors.print(f"[dim]beside it: {target.stem}.parity.json, and {target.stem}.Modelfile for ollama create[/]")


def _calibration(rows: Sequence[Row] | None, task: Task) -> Sequence[Row]:
    """Return the rows to round by: the user's, else rows from the table for a model of addresses, none for another."""
    from buqi.export.quantize import CALIBRATION_ROWS
    from buqi.synthesis.build import build_rows, counties_of

    if rows is not None:
        return rows
    return build_rows(counties_of("全国"), CALIBRATION_ROWS, seed=1) if task.is_address else ()


def _export_adapter(folder: Path, base: str | None, target: Path, overwrite: bool, as_json: bool) -> None:
    from buqi.base import resolve
    from buqi.export.gguf_lora import export_lora
    from buqi.loading import base_of
    from buqi.lock import claimed

    with claimed(target), working("writing") as say:
        layers, parity = export_lora(folder, resolve(base or base_of(folder)), target, overwrite, say)
    size = f"{target.stat().st_size / 1e6:.1f} MB"
    if as_json:
        print_json({"file": str(target), "layers": layers, "logits": parity.as_json()})
        return
    proof = f"largest logit difference {parity.largest}, every choice equal"
    print_written(target, f"GGUF LoRA, {counted(layers, 'layer')}, {size}, F32; {proof}; llama.cpp: --lora")
