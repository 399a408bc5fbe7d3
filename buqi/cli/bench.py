"""``buqi bench train | engines | equality | bulk | task | laws``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from buqi.cli.options import Device, Json
from buqi.cli.screen import counting, errors, out, print_json, print_result, working
from buqi.errors import UsageError, counted

if TYPE_CHECKING:
    from buqi.bench.laws import Tally

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
    compiled: Annotated[bool, Option("--compile", help="GPU: compile elementwise parts of buqi's steps.")] = False,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Time training: buqi against other trainers, each in its own process, same rows, same losses."""
    from buqi.base import resolve
    from buqi.bench.training import TrainingLoad, check_trainers, compare, lines
    from buqi.machine import gpu

    trainers = _names(against)
    check_trainers(trainers)
    load = TrainingLoad(str(resolve(model)), rows, steps, rank, micro, bf16, "cuda" if gpu() else "cpu", compiled)
    with working("training") as say:
        found = compare(load, trainers, say)
    print_result(found, lines(found), as_json)
    if not as_json:
        mean = "median" if load.device == "cpu" else "mean"
        errors.print(
            f"[dim]{mean} of {counted(steps, 'step')} of {counted(rows, 'row')} after {load.warm_steps} that warm up[/]"
        )


@app.command()
def engines(
    model: Annotated[Path, Argument(help="A merged model folder.")],
    gguf: Annotated[str, Option(help="GGUF files made of it, by commas; llama.cpp and OpenVINO run them.")] = "",
    others: Annotated[
        bool, Option("--others", help="With --gguf: also time transformers and llama.cpp's own server.")
    ] = False,
    rounds: Annotated[int, Option(help="Measure all so many times in turn; the fastest counts.", min=1)] = 1,
    as_json: Json = False,
) -> None:
    """Time answers, 1, 4, 16 and 64 at once: torch on a folder, llama.cpp and OpenVINO on GGUF files."""
    from buqi.artefact import versions
    from buqi.bench.engines import lines, measure_all

    with working("answering") as say:
        found = measure_all(model, [Path(name) for name in _names(gguf)], others, rounds, say)
    record = {
        "speeds": [vars(speed) for speed in found.speeds],
        "same in 8 bits": found.same,
        "missing": found.missing,
        "ratios": found.ratios(),
        "load": found.load,
        "versions": versions(),
    }
    print_result(record, lines(found), as_json)
    if not as_json:
        first = min(found.speeds, key=lambda speed: speed.quantile(0.5))
        errors.print(f"[dim]fastest for one address: {first.name}; kept for --engine auto[/]")


@app.command()
def equality(
    model: Annotated[Path, Argument(help="A merged model folder.")],
    rows: Annotated[int, Option(help="Addresses.", min=1)] = 1000,
    bf16: Annotated[bool, Option("--bf16", help="Both: base and products in bfloat16.")] = False,
    as_json: Json = False,
) -> None:
    """Compare greedy answers with those of transformers' generate, and list those that differ."""
    from buqi.bench.equality import compare, lines

    with working("answering") as say:
        found = compare(model, rows, "bfloat16" if bf16 else "float32", say)
    print_result(asdict(found), lines(found), as_json)


@app.command()
def bulk(
    gguf: Annotated[Path | None, Option(help="A tuned .gguf: llama.cpp's server writes each answer.")] = None,
    model: Annotated[Path | None, Option(help="A merged folder: torch writes answers in batches.")] = None,
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

    if model_rows is not None and gguf is None and model is None:
        raise UsageError("--model_rows: only with --gguf or --model")
    with working("loading"):
        timed = open_contestants(gguf, model, _names(rivals), rivals_dir, memory)
    with working("answering") as say:
        found = time_all(timed, rows, model_rows or MODEL_ROWS, say)
    print_result(found, lines(found), as_json)


@app.command()
def task(
    name: Annotated[str, Argument(help="banking77: 77 intents of bank customers, in English.")],
    target: Annotated[Path, Option("--out", help="Folder for rows and adapter.")],
    folder: Annotated[Path | None, Option(help="Where train.csv and test.csv are; fetched if not given.")] = None,
    model: Annotated[str, Option(help="Base.")] = "embedded",
    epochs: Annotated[float, Option(help="Passes over the training rows.", min=0.001)] = 1.5,
    test_rows: Annotated[int | None, Option(help="Only the first N test rows; all if not given.", min=1)] = None,
    resume: Annotated[bool, Option("--resume", help="Go on with a run that was stopped.")] = False,
    as_json: Json = False,
) -> None:
    """Train a public task from its own files and ask its official test rows: accuracy, time, memory."""
    from buqi.bench.tasks import TASKS, measure_task

    if name not in TASKS:
        raise UsageError(f"{name}: no such task; expected {', '.join(TASKS)}")
    found = measure_task(TASKS[name], target, errors, folder, model, epochs, test_rows, resume)
    print_result(found.as_json(), found.lines(), as_json)


@app.command()
def laws(
    only: Annotated[str, Option(help="Only the laws whose names hold this text.")] = "",
    counties: Annotated[int | None, Option(help="Counties to draw; all if not given.", min=0)] = None,
    towns: Annotated[int | None, Option(help="Towns to draw; all if not given.", min=0)] = None,
    seed: Annotated[int, Option(help="Of the draw.")] = 0,
    workers: Annotated[int, Option(help="Processes.", min=1)] = 2,
    as_json: Json = False,
) -> None:
    """Try the laws of names on every division of the table, without a memory; ends with 1 if one is broken.

    A name in full is that name: alone, with its parents, with anything before, between or behind it. Short names are
    right or refused. Every character of a text comes back.
    """
    from buqi.bench.laws import count_violations, divisions_of
    from buqi.divisions import load_table

    chosen = divisions_of(load_table(), towns, counties, seed)
    with counting(len(chosen)) as advance:
        found = count_violations(chosen, workers, only, lambda n: advance("divisions", n))
    if not found:
        raise UsageError(f"--only {only}: no law of that name")
    if as_json:
        print_json({k: {**t.counts, "violations": t.violations, "examples": t.examples} for k, t in found.items()})
    else:
        _print_laws(found)
    if any(tally.violations for tally in found.values()):
        raise typer.Exit(1)


def _print_laws(found: dict[str, Tally]) -> None:
    """Print a table of the laws, and the examples that break one."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("law", "texts", "right %", "refused", "wrong", "lost", "violations"):
        table.add_column(heading, justify="left" if heading == "law" else "right")
    for law, tally in found.items():
        counts = tally.counts
        right = f"{100 * counts['right'] / counts.total():.2f}"
        refused = counts["refused"] + counts["less"]
        cells = (counts.total(), right, refused, counts["wrong"], counts["lost"], tally.violations)
        table.add_row(law, *map(str, cells))
    out.print(table)
    for law, tally in found.items():
        for example in tally.examples:
            out.print(f"{law}: {example}", markup=False, soft_wrap=True)
    texts, broken = (sum(n) for n in zip(*((t.counts.total(), t.violations) for t in found.values()), strict=True))
    out.print(f"{broken:,} violations in {texts:,} texts")


def _names(text: str) -> list[str]:
    """Return names that are separated by commas."""
    return [name.strip() for name in text.split(",") if name.strip()]
