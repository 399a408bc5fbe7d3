"""``buqi train CONFIG.json [--key value …]``."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Device, Hub
from buqi.cli.screen import errors, out, print_json, print_written, working
from buqi.errors import BuqiError, counted

if TYPE_CHECKING:
    from buqi.config import Config
    from buqi.tune.estimate import Estimate
    from buqi.tune.plan import Plan
    from buqi.tune.run import Result


CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True, "token_normalize_func": None}


def train(
    context: typer.Context,
    config: Annotated[Path | None, Argument(help="The tutorial's JSON (# comments are fine), or YAML.")] = None,
    check: Annotated[bool, Option("--check", help="Check everything, print the plan, train nothing.")] = False,
    resume: Annotated[bool, Option("--resume", help="Go on from the last whole checkpoint in output_dir.")] = False,
    schema: Annotated[bool, Option("--schema", help="Print the JSON schema of CONFIG and stop.")] = False,
    source: Hub = "huggingface",
    device: Device = "auto",
) -> None:
    """Train an adapter. Any key of the configuration can be given or changed as --key value."""
    from buqi.config import Config, load_config
    from buqi.tune.checkpoints import check_folders

    if schema:
        print_json(Config.model_json_schema())
        return
    words = list(context.args)
    if config and str(config).startswith("--"):  # no file: the first word is already a key
        words, config = [str(config), *words], None
    settings = load_config(config, words)
    check_folders(settings, resume)
    with working("loading PyTorch"):
        importlib.import_module("buqi.tune.run")
    if settings.stages:
        _stages(settings, check, resume, source)
    else:
        _train(settings, check, resume, source)


def _train(settings: Config, check: bool, resume: bool, source: str) -> None:
    """Run a configuration without stages; print its plan, what it is expected to take, and what it measured."""
    from buqi.config import notes
    from buqi.machine import gpu
    from buqi.tune.estimate import estimate
    from buqi.tune.plan import make_plan
    from buqi.tune.process import rank
    from buqi.tune.run import train as run

    with working("reading base and rows") as say:
        plan = make_plan(settings, say, source)
    if rank() != 0:  # the first process speaks for all
        errors.quiet = True
    _show(plan)
    for note in notes(settings, gpu()):
        errors.print(f"[dim]note: {escape(note)}[/]")
    expected = estimate(plan)
    errors.print(f"[bold]takes[/]   about {_takes(expected)}, evaluations not counted")
    if check:
        return
    try:
        result = run(plan, errors, resume, expected)
    except KeyboardInterrupt as error:
        raise BuqiError(_stopped(Path(settings.output_dir))) from error
    if rank() == 0:
        _report(result, expected)


def _report(result: Result, expected: Estimate) -> None:
    """Print what a finished run measured, beside what was expected."""
    metrics = "  ".join(f"{key} {value:.4g}" for key, value in result.metrics.items())
    print_written(result.folder, metrics)
    speed = f"{result.seconds:.0f} s, {result.rows_per_second:.2f} rows/s, peak memory {result.peak_memory_gb:.1f} GB"
    out.print(f"{speed}; curve in {escape(str(result.folder / 'curve.png'))}")
    if not result.packed:
        errors.print("[yellow]warning: rows were computed one by one; packs are not exact with this model[/]")
    took = f"the training loop took {_duration(result.train_seconds)}, evaluations in it included"
    errors.print(f"[dim]expected {_takes(expected)}; {took}[/]")


def _stages(settings: Config, check: bool, resume: bool, source: str) -> None:
    """Run a configuration with stages; print the metrics on the rows of all stages after each of them."""
    from buqi.tune.plan import make_plan
    from buqi.tune.stages import METRICS_TABLE, stage_configs, train_stages

    if check:
        for name, config in stage_configs(settings):
            errors.print(f"[bold]stage {name}[/]")
            _show(make_plan(config, source=source))
        return
    try:
        train_stages(settings, errors, resume, _show, source)
    except KeyboardInterrupt as error:
        raise BuqiError(f"stopped; go on with --resume ({settings.output_dir})") from error
    table = json.loads((Path(settings.output_dir) / METRICS_TABLE).read_text(encoding="utf-8"))
    for name, metrics in table.items():
        shown = "  ".join(f"{key} {value:.3g}" for key, value in metrics.items())
        out.print(f"[bold]after {name}[/]  {shown}")
    out.print(f"[bold]{escape(settings.output_dir)}[/] holds the adapter of the last stage")


def _stopped(folder: Path) -> str:
    from buqi.tune.checkpoints import last_checkpoint

    checkpoint = last_checkpoint(folder)
    return f"stopped; {checkpoint} is kept, go on with --resume" if checkpoint else "stopped before any checkpoint"


def _takes(expected: Estimate) -> str:
    return f"{expected.memory_gb:.1f} GB and {_duration(expected.seconds)}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _method(c: Config) -> str:
    """Return a line about what is trained, and how."""
    if not c.lora:
        return "full: every weight"
    if c.lora_path:
        on = f", training {' '.join(c.train_only)}" if c.train_only else ""
        return f"{c.method}, going on from {c.lora_path}{on}"
    trained = c.train_only or c.target_modules  # a stage names its own modules
    modules, names = (trained, []) if isinstance(trained, str) else (" ".join(trained), trained)
    ranks = {c.rank_pattern.get(name, c.lora_rank) for name in names} or {c.lora_rank}
    alphas = {c.alpha_pattern.get(name, c.alpha) for name in names} or {c.alpha}
    rank, alpha = (" or ".join(f"{value:g}" for value in sorted(values)) for values in (ranks, alphas))
    return f"{c.method} rank {rank}, alpha {alpha}, dropout {c.lora_dropout:g}, on {modules}"


def _length(plan: Plan) -> str:
    """Return how many steps a run has, and how much of the rows that is."""
    c, steps = plan.config, f"{plan.total_steps} of {counted(plan.config.rows_per_step, 'row')}"
    if c.max_steps <= 0:
        return f"{steps}, {counted(c.num_train_epochs, 'epoch')}"
    trained, all_rows = plan.total_steps * c.rows_per_step, len(plan.rows["train"])
    if trained < all_rows:
        return f"{steps} (max_steps), {trained} of {counted(all_rows, 'row')}"
    return f"{steps} (max_steps), {counted(round(trained / all_rows, 2), 'epoch')}"


def _show(plan: Plan) -> None:
    """Print a plan."""
    c = plan.config
    rows = ", ".join(f"{len(rows)} {name}" for name, rows in plan.rows.items())
    encoded = plan.encoded.get("train")
    tokens, trained = (len(encoded.tokens), encoded.learnt) if encoded else (0, 0)
    errors.print(f"[bold]task[/]    {plan.task.name}: {escape(plan.task.template)}")
    errors.print(f"[bold]base[/]    {escape(c.model_name_or_path)} ({plan.base_fingerprint})")
    errors.print(f"[bold]rows[/]    {rows}; training {counted(tokens, 'token')}, {trained} of them learnt")
    if "train" in plan.rows:
        errors.print(f"[bold]method[/]  {escape(_method(c))}")
        rate = f"{c.learning_rate:g} ({c.lr_scheduler_type}, warmup {c.warmup_steps or c.warmup_ratio:g})"
        errors.print(f"[bold]steps[/]   {_length(plan)}, learning rate {rate}")
        if c.warmup_steps >= plan.total_steps:
            warmup = f"warmup_steps {c.warmup_steps} of {counted(plan.total_steps, 'step')}"
            errors.print(f"[yellow]warning: {warmup}: the learning rate never reaches its value[/]")
    for warning in plan.warnings:
        errors.print(f"[yellow]warning: {escape(warning)}[/]")
