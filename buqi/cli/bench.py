"""``buqi bench train | engines | bulk``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer import Argument, Option

from buqi.cli.options import Json
from buqi.cli.screen import errors, print_result, working

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.command()
def train(
    model: Annotated[str, Option(help="Base.")] = "embedded",
    against: Annotated[str, Option(help="Other trainers: trainer (transformers + PEFT), trl.")] = "trainer",
    steps: Annotated[int, Option(help="Timed steps of each.", min=1)] = 5,
    rows: Annotated[int, Option(help="Rows in a step.", min=1)] = 16,
    rank: Annotated[int, Option(help="LoRA rank, on all linear layers.", min=1)] = 8,
    micro: Annotated[int, Option(help="Rows of a padded micro-batch; divides --rows.", min=1)] = 16,
    bf16: Annotated[bool, Option("--bf16", help="All trainers: base and products in bfloat16.")] = False,
    as_json: Json = False,
) -> None:
    """Time training: buqi against other trainers, each in its own process, same rows, same losses."""
    from buqi.base import resolve
    from buqi.bench.training import TrainingLoad, compare, lines

    load = TrainingLoad(str(resolve(model)), rows, steps, rank, micro, bf16)
    with working("training") as say:
        found = compare(load, _listed(against), say)
    print_result(found, lines(found), as_json)
    if not as_json:
        errors.print(f"[dim]median of {steps} steps of {rows} rows after one that warms up[/]")


@app.command()
def engines(
    model: Annotated[Path, Argument(help="A merged model folder; torch runs it in fp32.")],
    gguf: Annotated[str, Option(help="GGUF files made of it, by commas; llama.cpp runs them.")] = "",
    plain: Annotated[
        bool, Option("--plain", help="Time llama.cpp's server as it comes too: nothing cached, nothing guessed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Time answers: torch on a folder against llama.cpp on its GGUF files, each in its own process."""
    from buqi.artefact import versions
    from buqi.bench.engines import line, measure_all

    with working("answering") as say:
        speeds = measure_all(model, [Path(name) for name in _listed(gguf)], plain, say)
    print_result({"speeds": [vars(speed) for speed in speeds], "versions": versions()}, map(line, speeds), as_json)
    if not as_json:
        first = min(speeds, key=lambda speed: speed.quantile(0.5))
        errors.print(f"[dim]fastest for one address: {first.name}; kept for --engine auto[/]")


@app.command()
def bulk(
    gguf: Annotated[Path | None, Option(help="A tuned .gguf: llama.cpp's server writes each answer.")] = None,
    model: Annotated[Path | None, Option(help="A merged folder: transformers writes answers in batches.")] = None,
    rivals: Annotated[str, Option(help="Offline libraries, by commas (make rivals).")] = "ssdlab-region-parser",
    rivals_dir: Annotated[Path, Option(help="Where make rivals put them.")] = Path(".rivals"),
    memory: Annotated[Path | None, Option(help="Folder of buqi places.")] = None,
    rows: Annotated[int, Option(help="Addresses for table and libraries.", min=100)] = 5000,
    model_rows: Annotated[
        int | None, Option(help="Addresses for the models, which are slow; 48 if not given.", min=1)
    ] = None,
    as_json: Json = False,
) -> None:
    """Time many addresses in the mix that people write, on one process each: speed and share right side by side."""
    from buqi.bench.bulk import MODEL_ROWS, lines, open_contestants, time_all
    from buqi.errors import UsageError

    if model_rows is not None and gguf is None and model is None:
        raise UsageError("--model_rows: only with --gguf or --model")
    with working("loading"):
        timed = open_contestants(gguf, model, _listed(rivals), rivals_dir, memory)
    with working("answering") as say:
        found = time_all(timed, rows, model_rows or MODEL_ROWS, say)
    print_result(found, lines(found), as_json)


def _listed(names: str) -> list[str]:
    """Return names that stand separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]
