"""Everything a training run needs, read and checked before the first step."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

from buqi.artefact import check_is_adapter
from buqi.base import fingerprint, load_tokenizer, resolve
from buqi.config import Config
from buqi.errors import UsageError, counted
from buqi.files import sha256_of
from buqi.rows import Row, find_sets, open_rows, task_of_rows
from buqi.rows.check import Report, compared, too_long
from buqi.rows.compact import CompactRows
from buqi.rows.records import first_of
from buqi.rows.tokenised import Tokenised, task_of_sets
from buqi.shapes import shapes_of
from buqi.task import Encoded, Task
from buqi.tune.targets import check_targets, wider_than_layers

FINDINGS = {  # what is said of rows, by kind of finding
    "leaks": "in training and in another set",
    "conflicts": "with the same src and different tgt",
    "duplicates": "twice in a set",
    "control_tokens": "with control tokens, which are taken as text",
}


@dataclass(frozen=True)
class Plan:
    """A checked run: base, task and encoded rows of each set."""

    config: Config
    base: Path
    base_fingerprint: str
    tokenizer: Any
    task: Task
    files: dict[str, Path]
    rows: dict[str, Sequence[Row]]
    encoded: dict[str, CompactRows]
    warnings: list[str]
    extra_sets: dict[str, tuple[list[Row], list[Encoded]]] = field(default_factory=dict)

    @property
    def steps_per_epoch(self) -> int:
        """Optimizer steps in one pass over the training rows."""
        return math.ceil(len(self.rows["train"]) / self.config.rows_per_step)

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole run."""
        c = self.config
        return c.max_steps if c.max_steps > 0 else math.ceil(self.steps_per_epoch * c.num_train_epochs)

    @cached_property
    def data_record(self) -> dict[str, Any]:
        """File name, number of rows and SHA-256 of each set. Each file is hashed once: it may be large."""
        return {
            name: {"file": path.name, "rows": len(self.rows[name]), "sha256": sha256_of(path)}
            for name, path in self.files.items()
        }

    @property
    def identity(self) -> str:
        """16 hex digits of all that decides the course of training; a resumed run must have the same."""
        free = {"output_dir", "dataset_name_or_path", "disable_tqdm", "report_to", "overwrite_output_dir"}
        data = {name: record["sha256"] for name, record in self.data_record.items()}
        # how the rows of a step are divided decides nothing
        whole = {"per_device_train_batch_size": self.config.rows_per_step, "gradient_accumulation_steps": 1}
        settings = self.config.model_copy(update=whole).model_dump_json(exclude=free)
        text = f"{settings}{self.base_fingerprint}{self.task.fingerprint}{data}"
        half = self.config.precision if self.config.half and not self.config.bf16 else ""  # what fp16 became
        return hashlib.sha256((text + half).encode()).hexdigest()[:16]


def make_plan(
    config: Config,
    say: Callable[[str], None] = lambda _: None,
    source: str = "huggingface",
    extra_sets: Mapping[str, list[Row]] | None = None,
) -> Plan:
    """Read and check base and rows.

    Args:
        source: the hub that ``owner/name`` is taken from.
        extra_sets: more rows by name; the result is measured on them too.

    Raises:
        UsageError: rows are missing, bad or too long; or `target_modules` names what the base has not.
        BuqiError: the base cannot be had.
    """
    found = find_sets(Path(config.dataset_name_or_path), config.sets)
    files = {name: found[name] for name in config.sets}
    given = (config.prompt_template, config.system)
    opened = {name: open_rows(path) for name, path in files.items()}
    # rows of two tasks are refused before anything is fetched
    task_of_rows(chain.from_iterable(rows for rows in opened.values() if isinstance(rows, list)), *given)
    if config.lora_path is not None:
        check_is_adapter(Path(config.lora_path))
    say(f"base {config.model_name_or_path}")
    base = resolve(config.model_name_or_path, source)
    tokenizer = load_tokenizer(base)
    too_wide: list[str] = []
    if config.lora and config.lora_path is None:
        shapes = shapes_of(base)
        check_targets(config, shapes)
        too_wide = wider_than_layers(config, shapes)
    sets = {name: Tokenised.of(name, rows, given, tokenizer, base, say) for name, rows in opened.items()}
    task = task_of_sets(sets, *given)
    _refuse_long(sets, config)
    rows = {name: one.rows for name, one in sets.items()}
    warnings = _warnings(compared({name: one.keys for name, one in sets.items()}, rows, task))
    encoded = {name: one.encoded for name, one in sets.items()}
    extra = _encoded(extra_sets or {}, given, tokenizer)
    plan = Plan(config, base, fingerprint(base), tokenizer, task, files, rows, encoded, warnings, extra)
    warnings.extend([*too_wide, *_measured_too_seldom(plan), *_longer_than_the_run(plan)])
    return plan


def _encoded(
    sets: Mapping[str, list[Row]], given: tuple[str | None, str | None], tokenizer: Any
) -> dict[str, tuple[list[Row], list[Encoded]]]:
    """Return rows with their tokens. Each set may be of another task; ``given`` are the user's template and system."""
    found = {}
    for name, rows in sets.items():
        task = task_of_rows(rows, *given)
        found[name] = (rows, [task.encode(tokenizer, row.src, row.tgt, row.system, row.trained) for row in rows])
    return found


def _refuse_long(sets: Mapping[str, Tokenised], config: Config) -> None:
    """Raise a `UsageError` that names the rows that are too long."""
    found: list[str] = []
    for one in sets.values():
        found += too_long(one.rows, one.encoded.lengths, one.answers, config.src_length, config.max_length)
    if found:
        head = f"too long: {counted(len(found), 'row')} (nothing is cut silently)"
        advice = "raise max_length or src_length, or shorten these rows"
        raise UsageError("\n".join([head, *first_of(found), advice]))


def _measured_too_seldom(plan: Plan) -> list[str]:
    """Return warnings where the best adapter or an early stop is wanted, but dev is measured too few times."""
    c = plan.config
    if not c.load_best_model_at_end or not c.do_train:
        return []
    steps = plan.total_steps
    every = plan.steps_per_epoch if c.evaluation_strategy == "epoch" else c.eval_steps or c.logging_steps
    times = f"the run has {counted(steps, 'step')} and is measured every {every}"
    if every >= steps:
        by_steps = "set evaluation_strategy and save_strategy to steps, with eval_steps and save_steps"
        advice = by_steps if c.evaluation_strategy == "epoch" else "lower eval_steps and save_steps"
        kept = "the last adapter is kept, nothing is compared"
        return [f"load_best_model_at_end: {times}, so once, at its end: {kept}; {advice}"]
    if c.early_stopping_patience and math.ceil(steps / every) <= c.early_stopping_patience:
        return [f"early_stopping_patience {c.early_stopping_patience}: {times}, so it never stops early"]
    return []


def _longer_than_the_run(plan: Plan) -> list[str]:
    """Return warnings where an interval of steps is longer than the run, so that its work is done only at the end."""
    c, steps, given = plan.config, plan.total_steps, plan.config.model_fields_set
    found = []
    if c.evaluation_strategy == "steps" and not c.load_best_model_at_end and (c.eval_steps or c.logging_steps) > steps:
        key = "eval_steps" if c.eval_steps else "logging_steps"
        found.append((key, "dev.json is measured once, at its end"))
    if c.save_strategy == "steps" and "save_steps" in given and not c.load_best_model_at_end and c.save_steps > steps:
        found.append(("save_steps", "no checkpoint is kept before its end"))
    if "logging_steps" in given and c.logging_steps > steps:
        found.append(("logging_steps", "the log has its first step and its end alone"))
    return [f"{key} {getattr(c, key)}: the run has {counted(steps, 'step')}, so {what}" for key, what in found]


def _warnings(report: Report) -> list[str]:
    return [
        f"{counted(len(lines), 'row')} {FINDINGS[kind]} (first: {lines[0]}); see buqi data check"
        for kind, lines in report.findings.items()
        if lines
    ]
