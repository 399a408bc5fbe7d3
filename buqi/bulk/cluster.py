"""The same job on Ray Data: files in and out, one pool of actors, on one machine or many."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from buqi.bulk.answerer import Answerer, Settings
from buqi.bulk.fields import ADDED, refused, text_of
from buqi.bulk.job import Summary
from buqi.bulk.tables import find_column
from buqi.errors import BuqiError, UsageError

BATCH = 1000
KINDS = (".parquet", ".csv")


class _Actor:
    """Holds the table and the memory, and completes batches of rows."""

    def __init__(self, settings: Settings, column: str, names: list[str]) -> None:
        self.answerer, self.column, self.names = Answerer(settings, keep=False), column, names

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        cells = [text_of(None if cell is None or cell != cell else cell) for cell in batch[self.column].tolist()]
        found = iter(self.answerer.answer([text for text, problem in cells if not problem]))
        rows = [refused(text, problem) if problem else next(found) for text, problem in cells]
        added = {}
        for i, (name, kind) in enumerate(zip(self.names, ADDED, strict=True)):
            values = [row[i] for row in rows]
            added[name] = (
                np.array([float("nan") if v is None else v for v in values], dtype=float)
                if kind == "confidence"
                else np.array(values, dtype=object)
            )
        return batch | added


def run_ray(
    source: str,
    target: str,
    column: str | None = None,
    settings: Settings | None = None,
    address: str | None = None,
    workers: int = 2,
) -> Summary:
    """Complete a Parquet or CSV file or folder into a folder of the same kind.

    Ray holds back reading while the actors are busy, repeats what a lost worker had, and keeps the rows' order.

    Args:
        source: path or URL that every worker can read.
        target: folder that every worker can write; it must not exist.
        column: the column with the addresses.
        settings: how addresses are answered; a memory must lie where every worker finds it.
        address: of a running cluster (``auto``, ``ray://host:10001``); without it one is started here.
        workers: actors, one CPU each.

    Raises:
        UsageError: another kind of file, no such column, or the target exists.
        BuqiError: ray is missing, or the job failed.
    """
    try:
        import ray
    except ImportError as error:
        raise BuqiError("--ray needs Ray: pip install 'buqi[ray]'") from error
    kind = Path(source).suffix if Path(source).suffix in KINDS else ".parquet" if Path(source).is_dir() else ""
    if not kind:
        raise UsageError(f"{source}: on Ray expected {' or '.join(KINDS)}, or a folder of parquet files")
    if Path(target).exists() and any(Path(target).iterdir() if Path(target).is_dir() else [target]):
        raise UsageError(f"{target} exists; name another --out")
    ray.init(address, ignore_reinit_error=True, logging_level="error", log_to_driver=False)
    try:
        return _run(ray, source, target, kind, column, settings or Settings(), workers)
    except ray.exceptions.RayError as error:
        raise BuqiError(f"Ray: {str(error).splitlines()[0][:300]}") from error


def _run(
    ray: Any, source: str, target: str, kind: str, column: str | None, settings: Settings, workers: int
) -> Summary:
    from buqi.bulk.fields import names_beside

    started = time.monotonic()
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    rows = ray.data.read_parquet(source) if kind == ".parquet" else ray.data.read_csv(source)
    columns = rows.schema().names
    chosen = find_column(columns, column)
    done = rows.map_batches(
        _Actor,
        fn_constructor_args=(settings, chosen, names_beside(columns)),
        batch_size=BATCH,
        concurrency=workers,
        num_cpus=1,
    ).materialize()
    done.write_parquet(target) if kind == ".parquet" else done.write_csv(target)
    name = names_beside(columns)[ADDED.index("status")]
    status = {row[name]: int(row["count()"]) for row in done.groupby(name).count().take_all()}
    return Summary(rows=done.count(), status=status, seconds=time.monotonic() - started)
