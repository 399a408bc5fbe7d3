"""The same job on Ray Data: files in and out, one pool of actors, on one machine or many."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from buqi.answering import VLLM, AnswerOptions
from buqi.bulk.columns import SAMPLE, find_columns
from buqi.bulk.fields import added_by, is_number, names_beside
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.job import WRITTEN_PIECE_ROWS, Summary
from buqi.bulk.level_columns import AddressColumns
from buqi.bulk.tables import check_apart
from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.machine import cores
from buqi.task import ADDRESS

ACTOR_ROWS = 1000
READING_CPUS = 1  # CPUs of a cluster that are left for reading and writing
RAY_FORMATS = (".parquet", ".csv")
LOOK_SECONDS = 0.5  # seconds between looks at what is done


class Counted:
    """What all actors have done so far; an actor of its own, for the progress. Repeated batches count again."""

    def __init__(self) -> None:
        self.status: Counter[str] = Counter()

    def add(self, status: dict[str, int]) -> None:
        """Count a batch."""
        self.status.update(status)

    def so_far(self) -> Counter[str]:
        """Return rows by status."""
        return self.status


class _Actor:
    """Holds what answers, and completes batches of rows.

    Args:
        columns: all of the rows.
        counted: counts for the progress.
        filled: columns of levels whose empty cells get the answer, which is added then only as far as it is `beside`.
    """

    def __init__(
        self, options: AnswerOptions, address: AddressColumns, columns: list[str], counted: Any, filled: Sequence[str]
    ) -> None:
        self.filler, self.counted = ColumnFiller(options, keep=False), counted
        self.address, self.filled = address, filled
        self.own, added = address.written(self.filler.added, bool(filled))
        self.names, self.status = names_beside(columns, added), len(self.own) + added.index("status")

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        cells = {n: [None if cell != cell else cell for cell in batch[n].tolist()] for n in self.address.names}
        rows = self.filler.fill_rows(self.address, cells, bool(self.own))
        self.counted.add.remote(dict(Counter(row[self.status] for row in rows)))
        columns = {name: [row[i] for row in rows] for i, name in enumerate((*self.own, *self.names))}
        own = {n: [c if v is None else v for v, c in zip(columns[n], cells[n], strict=True)] for n in self.filled}
        return batch | {n: _array(n, values) for n, values in (own | {n: columns[n] for n in self.names}).items()}


def _array(name: str, values: Sequence[Any]) -> Any:
    import numpy as np

    return np.array(values, dtype=float if is_number(name) else object)  # no confidence becomes nan


def _texts(schema: Any, names: Sequence[str]) -> list[str]:
    """Return those of the columns that hold text, or nothing at all; a value of another kind stays as it is."""
    kinds = dict(zip(schema.names, map(str, schema.types), strict=True))
    return [name for name in names if kinds[name] in ("string", "large_string", "null")]


def run_ray(
    source: str,
    target: str,
    column: str | None = None,
    options: AnswerOptions | None = None,
    address: str | None = None,
    workers: int | None = None,
    progress: Callable[[Summary], None] = lambda _: None,
    fill: bool = False,
) -> Summary:
    """Complete a Parquet or CSV file or folder into a folder of the same kind.

    Ray holds back reading while the actors are busy, repeats what a lost worker had, and keeps the rows' order.

    Args:
        source: path or URL that every worker can read.
        target: folder that every worker can write; it must not exist.
        options: how texts are answered; memory, model and adapter must lie where every worker finds them. With the
            engine ``vllm`` a merged model writes the answers in Ray Data's vLLM stage, on GPUs.
        address: of a running cluster (``auto``, ``ray://host:10001``); without it one is started here.
        workers: actors, one CPU each (one GPU each with vLLM); as many as there is room for if not given.
        progress: told twice a second what is done so far.
        fill: the answer goes into empty cells of the columns of levels, and is not added.

    Raises:
        UsageError: another kind of file, no such file or column, the target exists or is what is read, or more workers
            than there is room for.
        BuqiError: ray is missing, or the job failed.
    """
    try:
        import ray
    except ImportError as error:
        raise BuqiError(f"--ray needs Ray: {install('ray')}") from error
    kind = _suffix(source, target, address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no statistics are sent
    options = options or AnswerOptions()
    workers = _begin(ray, address, workers, options.engine == VLLM)
    started = time.monotonic()
    _set_up(ray)
    counted = ray.remote(num_cpus=0)(Counted).remote()
    try:
        rows = ray.data.read_parquet(source) if kind == ".parquet" else ray.data.read_csv(source)
        columns, filled = rows.schema().names, list[str]()
        asked = find_columns(columns, column, lambda names: _sample(rows, names), options.asks_model)
        own, _ = asked.written((), fill)
        if own and not (filled := _texts(rows.schema(), own)):
            raise UsageError(f"--fill: {asked.title} hold no text, so no cell of them can get a name")
        lazy, added = _answered(rows, columns, asked, options, workers, counted, filled)
        done = _watched(ray, lazy, counted, progress, started)
        done.write_parquet(target) if kind == ".parquet" else done.write_csv(target)
        name = names_beside(columns, added)[added.index("status")]
        status = {row[name]: int(row["count()"]) for row in done.groupby(name).count().take_all()}
    except ray.exceptions.RayError as error:
        raise BuqiError(f"Ray: {str(error).splitlines()[0][:300]}") from error
    return Summary(rows=sum(status.values()), status=status, seconds=time.monotonic() - started)


def _suffix(source: str, target: str, address: str | None) -> str:
    """Return the suffix of what is read; a `UsageError` where the files of `run_ray` cannot be read or written."""
    kind = Path(source).suffix if Path(source).suffix in RAY_FORMATS else ".parquet" if Path(source).is_dir() else ""
    if not kind:
        raise UsageError(f"{source}: on Ray expected {' or '.join(RAY_FORMATS)}, or a folder of parquet files")
    if "://" not in source:
        if address is None and not Path(source).exists():
            raise UsageError(f"{source}: no such file")
        check_apart(Path(source), Path(target))
    if Path(target).exists() and any(Path(target).iterdir() if Path(target).is_dir() else [target]):
        raise UsageError(f"{target} exists; name another --out")
    return kind


def _set_up(ray: Any) -> None:
    """Keep the rows in order, and Ray's own messages off the screen."""
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.default_hash_shuffle_parallelism = 8  # only rows by status are counted that way
    logging.getLogger("ray").setLevel(logging.ERROR)  # its data library tells every step
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _begin(ray: Any, address: str | None, workers: int | None, gpus: bool) -> int:
    """Connect to Ray, or start it here, and return how many workers there is room for beside reading and writing.

    Ray counts CPUs and looks at none. Here it is told of one more than there are workers, so that reading, which costs
    little, never waits for a worker to end.

    Raises:
        UsageError: more workers are asked for than the cluster has room for, or it has room for none.
        BuqiError: the cluster is not reached.
    """
    more: dict[str, Any] = {} if address else {"num_cpus": (workers or cores()) + 1}
    try:
        ray.init(address, ignore_reinit_error=True, logging_level="error", log_to_driver=False, **more)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BuqiError(f"--ray {address or 'local'}: {(str(error).splitlines() or ['no answer'])[0][:300]}") from error
    found, kind = ray.cluster_resources(), "GPU" if gpus else "CPU"
    count = int(found.get(kind, 0))
    room = count if gpus else count - READING_CPUS
    if room < 1:
        needed = "a worker needs one" if gpus else "a worker and reading need 2"
        raise UsageError(f"--ray {address or 'local'}: Ray has {count} {kind}s, {needed}")
    if workers is not None and workers > room:
        raise UsageError(f"--workers {workers}: Ray has {count} {kind}s, room for {room} workers beside reading")
    return workers or room


def _sample(rows: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    found = rows.select_columns(list(names)).take(SAMPLE)
    return {name: [row[name] for row in found] for name in names}


def _answered(
    rows: Any,
    columns: list[str],
    address: AddressColumns,
    options: AnswerOptions,
    workers: int,
    counted: Any,
    filled: Sequence[str],
) -> tuple[Any, Sequence[str]]:
    """Return the dataset of answered rows, not computed yet, and the names of what is added."""
    if options.engine == VLLM:
        from buqi.bulk.vllm_stage import write_answers

        return write_answers(rows, columns, address.names[0], options, workers, counted)
    added = ColumnFiller(options, keep=False).added if options.asks_model else added_by(ADDRESS, options.contact)
    size = WRITTEN_PIECE_ROWS if options.asks_model else ACTOR_ROWS
    arguments = (options, address, columns, counted, filled)
    lazy = rows.map_batches(_Actor, fn_constructor_args=arguments, batch_size=size, concurrency=workers, num_cpus=1)
    return lazy, address.written(added, bool(filled))[1]


def _watched(ray: Any, lazy: Any, counted: Any, progress: Callable[[Summary], None], started: float) -> Any:
    """Compute a dataset and tell meanwhile what is done."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_SECONDS):
            try:
                status: Counter[str] = ray.get(counted.so_far.remote(), timeout=10)
            except ray.exceptions.RayError:  # a figure is missing, not a row
                continue
            progress(Summary(rows=status.total(), status=dict(status), seconds=time.monotonic() - started))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        return lazy.materialize()
    finally:
        ended.set()
        watching.join()
