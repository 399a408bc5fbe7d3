"""``buqi bench train | engines | bulk``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buqi.cli.screen import errors, out, print_json, working

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure this machine."""


@app.command()
def train(
    model: Annotated[str, typer.Option(help="Base.")] = "embedded",
    against: Annotated[str, typer.Option(help="Other trainers: trainer (transformers + PEFT), trl.")] = "trainer",
    steps: Annotated[int, typer.Option(help="Timed steps of each.", min=1)] = 5,
    rows: Annotated[int, typer.Option(help="Rows in a step.", min=1)] = 16,
    rank: Annotated[int, typer.Option(help="LoRA rank, on all linear layers.", min=1)] = 8,
    micro: Annotated[int, typer.Option(help="Rows of a padded micro-batch; divides --rows.", min=1)] = 16,
    bf16: Annotated[bool, typer.Option("--bf16", help="All trainers: base and products in bfloat16.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time training: buqi against other trainers, each in its own process, same rows, same losses."""
    from buqi.artefact import versions
    from buqi.base import resolve
    from buqi.bench.training import Load, measure
    from buqi.errors import UsageError

    if rows % micro:
        raise UsageError(f"--rows {rows} --micro {micro}: the rows of a step must be whole micro-batches")
    load = Load(str(resolve(model)), rows, steps, rank, micro, bf16)
    ways = ["buqi", *(way.strip() for way in against.split(",") if way.strip())]
    speeds = {}
    for way in ways:
        with working(f"{way}: {steps} steps of {rows} rows"):
            speeds[way] = measure(way, load)
    ours = speeds["buqi"]
    gaps = {
        way: max(abs(a - b) for a, b in zip(ours.losses, speed.losses, strict=True)) for way, speed in speeds.items()
    }
    ratios = {way: ours.rows_per_second / speed.rows_per_second for way, speed in speeds.items()}
    if as_json:
        found = {way: vars(speed) | {"rows_per_second": speed.rows_per_second} for way, speed in speeds.items()}
        print_json({"speeds": found, "ratios": ratios, "largest_loss_difference": gaps, "versions": versions()})
        return
    for way, speed in speeds.items():
        out.print(
            f"{way:<8}{speed.rows_per_second:6.2f} rows/s  peak {speed.peak_memory_gb:.1f} GB"
            + (
                f"  buqi is {ratios[way]:.2f} times as fast, largest loss difference {gaps[way]:.1e}"
                if way != "buqi"
                else ""
            )
        )
    errors.print(f"[dim]median of {steps} steps of {rows} rows after one that warms up[/]")


@app.command()
def engines(
    model: Annotated[Path, typer.Argument(help="A merged model folder; torch runs it in fp32.")],
    gguf: Annotated[str, typer.Option(help="GGUF files made of it, by commas; llama.cpp runs them.")] = "",
    plain: Annotated[
        bool, typer.Option("--plain", help="Time llama.cpp's server as it comes too: nothing cached, nothing guessed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time answers: torch on a folder against llama.cpp on its GGUF files, each in its own process."""
    from buqi.artefact import versions
    from buqi.bench.engines import measure
    from buqi.errors import UsageError
    from buqi.loading.engines import remember

    if not (model / "config.json").is_file():
        raise UsageError(f"{model}: no model folder; merge an adapter first (buqi merge)")
    files = [Path(name.strip()) for name in gguf.split(",") if name.strip()]
    kinds = ("llamacpp", "plain") if plain else ("llamacpp",)
    speeds = []
    for kind, path in [("torch", model), *((kind, path) for path in files for kind in kinds)]:
        with working(f"{kind} {path.name}"):
            speeds.append(measure(kind, path, model))
    known = {speed.name.split()[0] for speed in speeds} - {"plain"}
    remember({kind: min(s.quantile(0.5) for s in speeds if s.name.startswith(kind)) for kind in known})
    if as_json:
        print_json({"speeds": [vars(speed) for speed in speeds], "versions": versions()})
        return
    for speed in speeds:
        many = "  ".join(f"{n} at once {rate:.2f}/s" for n, rate in speed.per_second.items())
        out.print(
            f"{speed.name:<32} load {speed.load_seconds:4.1f} s  peak {speed.memory_mb:5.0f} MB  "
            f"alone {speed.quantile(0.5):.2f} s (p95 {speed.quantile(0.95):.2f})  {many}",
            markup=False,
        )
    first = min(speeds, key=lambda speed: speed.quantile(0.5))
    errors.print(f"[dim]fastest for one address: {first.name}; kept for --engine auto[/]")


@app.command()
def bulk(
    gguf: Annotated[Path | None, typer.Option(help="A tuned .gguf: llama.cpp's server writes each answer.")] = None,
    model: Annotated[Path | None, typer.Option(help="A merged folder: transformers writes answers in batches.")] = None,
    rivals: Annotated[str, typer.Option(help="Offline libraries, by commas (make rivals).")] = "ssdlab-region-parser",
    rivals_dir: Annotated[Path, typer.Option(help="Where make rivals put them.")] = Path(".rivals"),
    memory: Annotated[Path | None, typer.Option(help="Folder of buqi places.")] = None,
    rows: Annotated[int, typer.Option(help="Addresses for table and libraries.", min=100)] = 5000,
    model_rows: Annotated[int, typer.Option(help="Addresses for the models, which are slow.", min=1)] = 48,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time many addresses in the mix that people write, on one process each: speed and share right side by side."""
    from buqi.bench.bulk import open_field, time_all

    with working("loading"):
        field = open_field(
            gguf, model, [name.strip() for name in rivals.split(",") if name.strip()], rivals_dir, memory
        )
    with working("answering") as say:
        found = time_all(field, rows, model_rows, say)
    if as_json:
        print_json(found)
        return
    for name, figures in found.items():
        speed = f"{figures['rows']:>7} rows  {figures['rows_per_second']:>10,.1f}/s"
        out.print(f"{name:<24}{speed}  right {figures['right']:6.1%}  wrong {figures['wrong']:5.1%}", markup=False)
