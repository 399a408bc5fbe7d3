"""The same job on Ray Data: files are read and written by Ray, and a pool of actors answers, on one machine or many."""

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
from buqi.bulk.columns import find_columns
from buqi.bulk.fields import added_columns, is_number, names_beside
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.job import WRITTEN_PIECE_ROWS, Summary
from buqi.bulk.level_columns import AddressColumns
from buqi.bulk.tables import check_apart
from buqi.divisions.address_column import SAMPLE
from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.machine import cores
from buqi.task import ADDRESS

ACTOR_ROWS = 1000
READING_CPUS = 1  # CPUs of a cluster that are left for reading and writing
RAY_FORMATS = (".parquet", ".csv")
PROGRESS_SECONDS = 0.5  # between two looks at what is done


class StatusCounter:
    """An actor that counts rows by status for the progress. A batch that Ray repeats counts twice."""

    def __init__(self) -> None:
        self.status: Counter[str] = Counter()

    def add(self, status: dict[str, int]) -> None:
        """Count a batch."""
        self.status.update(status)

    def counts(self) -> Counter[str]:
        """Return rows by status."""
        return self.status


class _Actor:
    """Completes batches of rows with a `ColumnFiller` of its own.

    Args:
        options: how texts are answered.
        address: the columns that hold the address.
        columns: names of all columns of the rows.
        counter: the `StatusCounter`.
        filled: columns of levels whose empty cells get the answer. Where there are any, only those of `beside_filled`
            are added.
    """

    def __init__(
        self, options: AnswerOptions, address: AddressColumns, columns: list[str], counter: Any, filled: Sequence[str]
    ) -> None:
        self.filler, self.counter = ColumnFiller(options, use_cache=False), counter
        self.address, self.filled = address, filled
        self.own, added = address.output_columns(self.filler.added, bool(filled))
        self.names, self.status = names_beside(columns, added), len(self.own) + added.index("status")

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        cells = {n: [None if cell != cell else cell for cell in batch[n].tolist()] for n in self.address.names}
        rows = self.filler.fill_rows(self.address, cells, bool(self.own))
        self.counter.add.remote(dict(Counter(row[self.status] for row in rows)))
        columns = {name: [row[i] for row in rows] for i, name in enumerate((*self.own, *self.names))}
        own = {n: [c if v is None else v for v, c in zip(columns[n], cells[n], strict=True)] for n in self.filled}
        return batch | {n: _array(n, values) for n, values in (own | {n: columns[n] for n in self.names}).items()}


def _array(name: str, values: Sequence[Any]) -> Any:
    import numpy as np

    return np.array(values, dtype=float if is_number(name) else object)  # no confidence becomes nan


def _text_columns(schema: Any, names: Sequence[str]) -> list[str]:
    """Return those of the columns ``names`` that hold text or only nulls. Values of other types are never filled."""
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

    Ray holds back reading while the actors are busy, repeats the batches of a lost worker, and keeps the rows' order.

    Args:
        source: path or URL that every worker can read.
        target: folder that every worker can write; it must not exist.
        options: how texts are answered; memory, model and adapter must lie where every worker finds them. With the
            engine ``vllm`` a merged model writes the answers in Ray Data's vLLM stage, on GPUs.
        address: of a running cluster (``auto``, ``ray://host:10001``); without it one is started here.
        workers: actors, one CPU each (one GPU each with vLLM); as many as the cluster has room for if not given.
        progress: told twice a second what is done so far.
        fill: whether the answer goes into empty cells of the columns of levels instead of added columns.

    Raises:
        UsageError: another kind of file, no such file or column, the target exists or is what is read, or more workers
            than there is room for.
        BuqiError: ray is missing, or the job failed.
    """
    try:
        import ray
    except ImportError as error:
        raise BuqiError(f"--ray needs Ray: {install('ray')}") from error
    kind = _checked_suffix(source, target, address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no statistics are sent
    options = options or AnswerOptions()
    workers = _connect(ray, address, workers, options.engine == VLLM)
    started = time.monotonic()
    _configure(ray)
    counter = ray.remote(num_cpus=0)(StatusCounter).remote()
    try:
        rows = ray.data.read_parquet(source) if kind == ".parquet" else ray.data.read_csv(source)
        columns, filled = rows.schema().names, list[str]()
        asked = find_columns(columns, column, lambda names: _sample(rows, names), options.asks_model)
        own, _ = asked.output_columns((), fill)
        if own and not (filled := _text_columns(rows.schema(), own)):
            raise UsageError(f"--fill: {asked.title} hold no text, so no cell of them can get a name")
        lazy, added = _lazy_answers(rows, columns, asked, options, workers, counter, filled)
        done = _computed(ray, lazy, counter, progress, started)
        done.write_parquet(target) if kind == ".parquet" else done.write_csv(target)
        name = names_beside(columns, added)[added.index("status")]
        status = {row[name]: int(row["count()"]) for row in done.groupby(name).count().take_all()}
    except ray.exceptions.RayError as error:
        raise BuqiError(f"Ray: {str(error).splitlines()[0][:300]}") from error
    return Summary(rows=sum(status.values()), status=status, seconds=time.monotonic() - started)


def _checked_suffix(source: str, target: str, address: str | None) -> str:
    """Return the suffix of the files that are read.

    Raises:
        UsageError: the source cannot be read, or the target cannot be written.
    """
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


def _configure(ray: Any) -> None:
    """Keep the rows in order, and Ray's own messages off the screen."""
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    context.default_hash_shuffle_parallelism = 8  # only rows by status are counted in it
    logging.getLogger("ray").setLevel(logging.ERROR)  # its data library reports every step
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def _connect(ray: Any, address: str | None, workers: int | None, gpus: bool) -> int:
    """Connect to Ray, or start it here, and return how many workers there is room for beside reading and writing.

    Ray counts CPUs and does not measure their load. A Ray that is started here is told of one CPU more than there are
    workers: reading costs little, and so it never waits for a worker.

    Raises:
        UsageError: more workers are asked for than the cluster has room for, or it has room for none.
        BuqiError: the cluster is not reached.
    """
    more: dict[str, Any] = {} if address else {"num_cpus": (workers or cores()) + 1}
    try:
        ray.init(address, ignore_reinit_error=True, logging_level="error", log_to_driver=False, **more)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BuqiError(f"--ray {address or 'local'}: {(str(error).splitlines() or ['no answer'])[0][:300]}") from error
    kind = "GPU" if gpus else "CPU"
    count = int(ray.cluster_resources().get(kind, 0))
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


def _lazy_answers(
    rows: Any,
    columns: list[str],
    address: AddressColumns,
    options: AnswerOptions,
    workers: int,
    counter: Any,
    filled: Sequence[str],
) -> tuple[Any, Sequence[str]]:
    """Return the dataset of answered rows, not computed yet, and the names of what is added."""
    if options.engine == VLLM:
        from buqi.bulk.vllm_stage import write_answers

        return write_answers(rows, columns, address.names[0], options, workers, counter)
    if options.asks_model:
        added, size = ColumnFiller(options, use_cache=False).added, WRITTEN_PIECE_ROWS
    else:
        added, size = added_columns(ADDRESS, options.contact), ACTOR_ROWS
    arguments = (options, address, columns, counter, filled)
    lazy = rows.map_batches(_Actor, fn_constructor_args=arguments, batch_size=size, concurrency=workers, num_cpus=1)
    return lazy, address.output_columns(added, bool(filled))[1]


def _computed(ray: Any, lazy: Any, counter: Any, progress: Callable[[Summary], None], started: float) -> Any:
    """Compute a dataset; meanwhile a thread tells ``progress`` what is done."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(PROGRESS_SECONDS):
            try:
                status: Counter[str] = ray.get(counter.counts.remote(), timeout=10)
            except ray.exceptions.RayError:  # only a figure on the screen is missing
                continue
            progress(Summary(rows=status.total(), status=dict(status), seconds=time.monotonic() - started))

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        return lazy.materialize()
    finally:
        ended.set()
        watching.join()
