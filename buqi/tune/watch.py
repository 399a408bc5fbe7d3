"""What watches a run: the progress bar, ``log.jsonl``, and Ctrl-C."""

from __future__ import annotations

import json
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from transformers import TrainerCallback

from buqi.tune.history import BEST, LAST, LOG, read_log

QUIET_SECONDS = 30  # without a line; then one says how far the run is


class Log(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """Appends every logged value to ``log.jsonl`` as it happens, so a killed run still has its history."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOG

    def restart(self, step: int) -> None:
        """Drop what was logged after ``step``: a resumed run logs it again."""
        kept = [record for record in read_log(self.path) if record["step"] <= step]
        self.path.write_text("".join(json.dumps(record) + "\n" for record in kept), encoding="utf-8")

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Append one record."""
        self._append({"step": state.global_step, "epoch": round(state.epoch or 0.0, 4)} | (logs or {}))

    def warn(self, step: int, text: str) -> None:
        """Append a warning."""
        self._append({"step": step, "warning": text})

    def _append(self, record: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


class Links(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """Keeps ``last`` and ``best`` in the output folder pointing at checkpoints."""

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Point at the checkpoint just written, and at the best so far."""
        folder = Path(args.output_dir)
        point(folder / LAST, f"checkpoint-{state.global_step}")
        if state.best_model_checkpoint:
            point(folder / BEST, Path(state.best_model_checkpoint).name)


def point(link: Path, target: str) -> None:
    """Make ``link`` a symbolic link to ``target`` beside it, in one move. Without such links nothing is done."""
    draft = link.with_name(f".{link.name}.new")
    draft.unlink(missing_ok=True)
    try:
        draft.symlink_to(target, target_is_directory=True)
        draft.replace(link)
    except (OSError, NotImplementedError) as error:  # Windows without the right to make links
        warnings.warn(f"{link}: no link to {target} ({error})", stacklevel=1)


class Interrupt(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """First Ctrl-C: finish the step, save a checkpoint, stop. Second: stop at once."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.asked = False
        self.say = say
        self.before: Any = None

    def __enter__(self) -> Interrupt:
        self.before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)

    def _on_signal(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self.say("stopping after this step and its evaluation; then a checkpoint is saved (Ctrl-C again stops at once)")

    def on_step_end(self, args: Any, state: Any, control: Any, train_dataloader: Any = None, **_: Any) -> Any:
        """Ask for a checkpoint, unless the epoch ends here: its evaluation comes first, as in a run not stopped."""
        if self.asked and state.global_step % len(train_dataloader) != 0:
            control.should_save = True
        return control

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Ask for a checkpoint after the epoch's evaluation."""
        if self.asked:
            control.should_save = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop, now that the checkpoint is written."""
        if self.asked:
            raise KeyboardInterrupt


class Bar(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """A progress bar with loss, rows a second and the time left."""

    def __init__(self, console: Console, rows_per_step: int) -> None:
        self.rows_per_step = rows_per_step
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} steps"),
            TextColumn("loss {task.fields[loss]}"),
            TextColumn("{task.fields[speed]} rows/s"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
        )
        self.bar = self.progress.add_task("training", total=None, loss="–", speed="–")
        self.since = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Show the bar."""
        self.progress.update(self.bar, total=state.max_steps, completed=state.global_step)
        self.progress.start()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock of one step."""
        self.since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Move on by one step."""
        speed = self.rows_per_step / (time.monotonic() - self.since)
        self.progress.update(self.bar, completed=state.global_step, speed=f"{speed:.2f}")

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Show the loss, and print evaluations above the bar."""
        if logs and "loss" in logs:
            self.progress.update(self.bar, loss=f"{logs['loss']:.4f}")
        if logs and "eval_loss" in logs:
            self.progress.console.print(describe(state, logs))

    def measuring(self, name: str, done: int, of: int) -> None:
        """Show how many rows are measured, in place of the word training."""
        said = f"{name} {done}/{of}" if done < of else "training"
        self.progress.update(self.bar, description=said)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Take the bar down."""
        self.close()

    def close(self) -> None:
        """Take the bar down, also after an error."""
        self.progress.stop()


class Lines(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """The same as plain lines, for logs and ``disable_tqdm``; at least one every `QUIET_SECONDS`."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.began = self.said = time.monotonic()
        self.first = 0  # steps that were done when this process began

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self.began, self.first = time.monotonic(), state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Say how far it is, where nothing has been said for a while."""
        now, done = time.monotonic(), state.global_step - self.first
        if now - self.said < QUIET_SECONDS or done < 1:
            return
        each = (now - self.began) / done
        left = each * (state.max_steps - state.global_step)
        self._print(f"step {state.global_step}/{state.max_steps}  {each:.1f} s a step, about {left / 60:.0f} min left")

    def measuring(self, name: str, done: int, of: int) -> None:
        """Say how many rows are measured, where nothing has been said for a while."""
        if time.monotonic() - self.said >= QUIET_SECONDS:
            self._print(f"measuring {name}: {done} of {of} rows")

    def _print(self, text: str) -> None:
        self.said = time.monotonic()
        self.console.print(text, highlight=False, soft_wrap=True)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Print one line."""
        if logs:
            self._print(describe(state, logs))


def describe(state: Any, logs: dict[str, Any]) -> str:
    """Return one line of what was logged."""
    shown = {k: v for k, v in logs.items() if isinstance(v, (int, float)) and k not in ("epoch", "total_flos")}
    values = "  ".join(f"{key} {value:.4g}" for key, value in shown.items())
    return f"step {state.global_step}/{state.max_steps}  epoch {state.epoch or 0:.2f}  {values}"
