"""A training run from a checked plan to an adapter folder."""

from __future__ import annotations

import os
import time
import warnings
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from buqi.config import Config
from buqi.curves import draw_curve
from buqi.lock import LOCK, locked
from buqi.machine import card_peak_gb, gpu, peak_memory_gb
from buqi.tune.adapter import load_for_training, trainable_parameters
from buqi.tune.checkpoints import CURVE, step_of
from buqi.tune.compiled import compiling
from buqi.tune.estimate import Estimate
from buqi.tune.folder import checkpoint_for, clear, keep, record, tidy
from buqi.tune.history import LOG, read_log
from buqi.tune.pissa import keep_initial
from buqi.tune.plan import Plan
from buqi.tune.process import barrier, join, rank
from buqi.tune.watch import Bar, Interrupt, Lines, Links, Log

EVALUATED = ("eval_loss", "eval_accuracy", "eval_exact_match")


@dataclass(frozen=True)
class Result:
    """What a finished run measured.

    Attributes:
        seconds: with the last evaluation, without loading the base.
        train_seconds: without the last evaluation.
        packed: false where packs were not exact and rows were computed one by one.
    """

    folder: Path
    metrics: dict[str, float]
    rows_per_second: float
    peak_memory_gb: float
    seconds: float
    train_seconds: float
    packed: bool


def train(plan: Plan, console: Console, resume: bool = False, expected: Estimate | None = None) -> Result:
    """Train as ``plan`` says and leave the best (or last) adapter in ``output_dir``.

    Args:
        resume: go on from the last whole checkpoint in ``output_dir``.
        expected: what the run was expected to take; kept in ``run.json`` beside what it took.

    Raises:
        UsageError: ``output_dir`` holds another run, or ``resume`` finds none that fits.
        BuqiError: another process trains into ``output_dir``, a broken checkpoint, loss not finite, disk full.
        KeyboardInterrupt: stopped by the user; a checkpoint was saved unless they insisted.
    """
    from transformers.utils import logging

    logging.set_verbosity_error()
    join()
    folder = Path(plan.config.output_dir)
    with locked(folder / LOCK, "training into it") if rank() == 0 else nullcontext():
        return _train(plan, folder, console, resume, expected)


def _train(plan: Plan, folder: Path, console: Console, resume: bool, expected: Estimate | None) -> Result:
    import torch
    from transformers import set_seed

    config = plan.config
    checkpoint = checkpoint_for(plan, folder, resume)
    barrier()
    if rank() == 0:
        tidy(folder, going_on=checkpoint is not None)
    barrier()
    set_seed(config.seed)
    if gpu():
        # in 16 bits only the scores of attention are products in fp32; the log of 2026-11-28 says what TF32 changes
        torch.backends.cuda.matmul.allow_tf32 = config.tf32 or config.half
        torch.cuda.reset_peak_memory_stats()
    console.print("[dim]loading the base[/]")
    model = load_for_training(config, plan.base)
    if checkpoint is None and rank() == 0:
        clear(plan, folder)
    barrier()
    if config.pissa and rank() == 0:
        keep_initial(model, folder)
    started = time.monotonic()
    trainer, metrics = _train_model(plan, model, checkpoint, console)
    seconds = time.monotonic() - started
    trained = max(_trainer_seconds(folder), 1e-9)
    result = Result(
        folder, metrics, trainer.trained_rows / trained, peak_memory_gb(), seconds, trained, trainer.losses.packing
    )
    if rank() == 0:
        keep(plan, trainer, folder, record(plan, "finished") | _run_record(trainer, result, expected))
    barrier()
    return result


def _train_model(plan: Plan, model: Any, checkpoint: Path | None, console: Console) -> tuple[Any, dict[str, float]]:
    """Train ``model``; return the trainer and the metrics of the adapter that is kept."""
    config, folder = plan.config, Path(plan.config.output_dir)
    with Interrupt(lambda text: console.print(f"[yellow]{text}[/]", soft_wrap=True)) as interrupt:
        log = Log(folder)
        plain = config.disable_tqdm or not console.is_terminal
        bar = Lines(console) if plain else Bar(console, config.rows_per_step)
        trainer = _trainer(plan, model, [log, bar, Links(), interrupt] if rank() == 0 else [interrupt])
        trainer.interrupted = lambda: interrupt.asked
        if rank() == 0:
            trainer.measuring = bar.measuring
        trainer.say = lambda text: _warn(text, console, log, trainer.state.global_step)
        if checkpoint and rank() == 0:
            log.restart(step_of(checkpoint))
        try:
            console.print("[dim]first step: it also checks that packed rows give the loss of single ones[/]")
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            return trainer, _final_metrics(plan, trainer)
        except BaseException:
            if rank() == 0:
                _draw_so_far(folder)
            raise
        finally:
            if isinstance(bar, Bar):
                bar.close()


def _draw_so_far(folder: Path) -> None:
    """Draw the curve of a run that ends early. If that fails, the error that ended the run is raised."""
    with suppress(OSError):
        if records := read_log(folder / LOG):
            draw_curve(records, folder / CURVE)


def _warn(text: str, console: Console, log: Log, step: int) -> None:
    console.print(f"[yellow]warning: {escape(text)}[/]", soft_wrap=True)
    log.warn(step, text)


def _run_record(trainer: Any, result: Result, expected: Estimate | None) -> dict[str, Any]:
    """Return the part of ``run.json`` that is known only when a run has finished."""
    best = trainer.state.best_model_checkpoint
    found = {
        "trainable": trainable_parameters(trainer.model),
        "metrics": result.metrics,
        "seconds": round(result.seconds, 1),
        "rows_per_second": round(result.rows_per_second, 3),
        "peak_memory_gb": round(result.peak_memory_gb, 2),
        "best_checkpoint": Path(best).name if best else None,
        "computed": _computed(trainer.losses),
        "packing": {"exact": trainer.losses.packing, "deviation": float(f"{trainer.losses.deviation:.2g}")},
    }
    if expected is not None:
        found["expected"] = {"seconds": round(expected.seconds, 1), "peak_memory_gb": round(expected.memory_gb, 2)}
    return found


def _computed(losses: Any) -> dict[str, Any]:
    """Return how losses were computed, for ``run.json``: device, precision, way, size of packs."""
    import torch

    found = {
        "device": torch.cuda.get_device_name() if gpu() else "cpu",
        "precision": losses.config.precision + (" (tf32)" if gpu() and losses.config.tf32 else ""),
        "way": losses.way,
        "compiled": gpu() and compiling.wanted,
        "pack_tokens": losses.budget,
    }
    if losses.why:
        found["not_fused"] = losses.why
    if gpu():
        found["card_peak_memory_gb"] = round(card_peak_gb(), 2)
    return found


def _trainer(plan: Plan, model: Any, callbacks: list[Any]) -> Any:
    from transformers import EarlyStoppingCallback, PrinterCallback, ProgressCallback

    from buqi.tune.trainer import PackedTrainer

    c = plan.config
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(Path(c.output_dir) / "runs")
    trainer = PackedTrainer(
        task=plan.task,
        config=c,
        dev=plan.rows.get("dev", ()),
        model=model,
        args=training_arguments(c),
        train_dataset=plan.encoded.get("train"),
        eval_dataset=plan.encoded.get("dev"),
        processing_class=plan.tokenizer,
        callbacks=callbacks,
    )
    if c.early_stopping_patience:
        trainer.add_callback(EarlyStoppingCallback(c.early_stopping_patience, c.early_stopping_threshold))
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    return trainer


def training_arguments(c: Config) -> Any:
    """Return the Trainer's arguments. One batch of the loader is one optimizer step, since packing accumulates."""
    from transformers import TrainingArguments

    recompute = c.recompute and not (c.dora and c.half)  # DoRA's norms are not computed twice in the same precision
    if recompute != c.recompute:
        warnings.warn("recompute has no effect with dora in half precision; more memory is used", stacklevel=2)
    return TrainingArguments(
        output_dir=c.output_dir,
        per_device_train_batch_size=c.rows_per_step,
        per_device_eval_batch_size=max(c.per_device_eval_batch_size, c.rows_per_step),
        num_train_epochs=c.num_train_epochs,
        max_steps=c.max_steps,
        learning_rate=c.learning_rate,
        lr_scheduler_type=c.lr_scheduler_type,
        warmup_steps=c.warmup_steps or c.warmup_ratio,
        weight_decay=c.weight_decay,
        adam_beta1=c.adam_beta1,
        adam_beta2=c.adam_beta2,
        adam_epsilon=c.adam_epsilon,
        max_grad_norm=c.max_grad_norm,
        optim="adamw_torch_fused" if gpu() else "adamw_torch",
        fp16=c.precision == "fp16",  # scales the loss
        seed=c.seed,
        eval_strategy=c.evaluation_strategy,
        eval_steps=c.eval_steps,
        save_strategy=c.save_strategy,
        save_steps=c.save_steps,
        load_best_model_at_end=c.load_best_model_at_end,
        metric_for_best_model=c.best_metric if c.load_best_model_at_end else None,
        greater_is_better=c.best_metric != "loss",
        logging_steps=c.logging_steps,
        logging_first_step=True,
        report_to="none" if c.report_to == "none" else [c.report_to],
        activation_checkpointing=recompute,
        activation_checkpointing_kwargs={"use_reentrant": False} if recompute else None,
        use_cpu=not gpu(),
        remove_unused_columns=False,
        logging_nan_inf_filter=False,  # it waits for the GPU at every step; `FiniteCheck` looks
        disable_tqdm=True,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
    )


def _final_metrics(plan: Plan, trainer: Any) -> dict[str, float]:
    """Measure the adapter that is kept on dev and test, as configured, with exact match by generation.

    Values that the training loop has already measured for this adapter are taken from its log.
    """
    metrics: dict[str, float] = {}
    asked = [name for name in plan.config.sets if name != "train"]
    sets = {name: (plan.rows[name], plan.encoded[name]) for name in asked} | plan.extra_sets
    for name, (rows, encoded) in sets.items():
        known = _measured_in_training(plan, trainer) if name == "dev" and name in asked else {}
        found = known or trainer.measure(encoded, name)
        if "exact_match" not in found and (some := rows[: plan.config.exact_match_rows]):
            found["exact_match"] = trainer.exact_match(some, name)
        metrics |= {f"{name}_{key}": round(value, 6) for key, value in found.items()}
    if metrics:
        trainer.log({key.replace("dev_", "eval_"): value for key, value in metrics.items()})
    return metrics


def _measured_in_training(plan: Plan, trainer: Any) -> dict[str, float]:
    """Return what was logged of dev after the step whose adapter is kept; empty if nothing was."""
    best = trainer.state.best_model_checkpoint if plan.config.load_best_model_at_end else None
    step = step_of(Path(best)) if best else trainer.state.global_step
    logged = read_log(Path(plan.config.output_dir) / LOG)
    found: dict[str, Any] = next((r for r in reversed(logged) if r["step"] == step and "eval_loss" in r), {})
    return {key.removeprefix("eval_"): found[key] for key in EVALUATED if key in found}


def _trainer_seconds(folder: Path) -> float:
    """Return how long the last call of the training loop ran, with its evaluations."""
    return float(next((r["train_runtime"] for r in reversed(read_log(folder / LOG)) if "train_runtime" in r), 0.0))
