"""``buqi complete --file``: files, databases, Ray."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from buqi.cli.screen import errors, out, print_json
from buqi.errors import UsageError

if TYPE_CHECKING:
    from buqi.bulk import Settings, Summary


@dataclass(frozen=True)
class FileAsked:
    """What the command line asks for."""

    source: str
    target: str | None
    column: str | None
    sheet: str | None
    query: str | None
    settings: Settings
    workers: int | None
    review_below: float
    ray: str | None


def complete_file(asked: FileAsked, resume: bool, overwrite: bool, as_json: bool) -> None:
    """Complete a file or a database table, and say what came out."""
    if asked.target is None:
        raise UsageError("--file: say with --out where the result goes")
    review = None
    if "://" in asked.source and asked.ray is None:
        summary = _sql(asked, resume)
    elif asked.ray is not None:
        summary = _ray(asked, resume)
    else:
        summary, review = _file(asked, resume, overwrite)
    if as_json:
        print_json(summary.as_json() | {"out": asked.target, "review": str(review) if review else None})
        return
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(summary.status.items()))
    rate = summary.as_json()["rows_per_second"] or 0
    out.print(
        f"{asked.target}  {summary.rows:,} rows ({counts}) in {summary.seconds:.1f} s, {rate:,.0f}/s", markup=False
    )
    if review and summary.to_review:
        out.print(f"{review}  {summary.to_review:,} rows to look at, the least sure first", markup=False)


def _file(asked: FileAsked, resume: bool, overwrite: bool) -> tuple[Summary, Path]:
    from buqi.bulk import Job, run_job

    job = Job(
        Path(asked.source),
        Path(str(asked.target)),
        asked.column,
        asked.sheet,
        asked.settings,
        asked.workers or os.cpu_count() or 1,
        review_below=asked.review_below,
    )
    if asked.query is not None:
        raise UsageError("--query: only with a database URL")
    with _progress(_guess(job.source)) as tell:
        return run_job(job, resume, overwrite, tell), job.review


def _guess(path: Path) -> int | None:
    """Return about how many rows a file has, for the time left: by the length of its first lines."""
    if path.suffix.lower() not in (".csv", ".tsv", ".jsonl") or not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(1 << 18)
    lines = head.count(b"\n")
    return int(path.stat().st_size / len(head) * lines) if lines else None


def _sql(asked: FileAsked, resume: bool) -> Summary:
    from buqi.bulk.sql import SqlJob, run_sql

    if asked.query is None:
        raise UsageError("a database URL needs --query 'SELECT … ORDER BY …'")
    job = SqlJob(asked.source, asked.query, str(asked.target), asked.column, asked.settings)
    with _progress(None) as tell:
        return run_sql(job, resume, tell)


def _ray(asked: FileAsked, resume: bool) -> Summary:
    from buqi.bulk.cluster import run_ray

    if resume:
        raise UsageError("--resume: Ray repeats lost blocks itself; a stopped job starts anew")
    address = None if asked.ray == "local" else asked.ray
    workers = asked.workers or os.cpu_count() or 1
    total = _guess(Path(asked.source)) if "://" not in asked.source else None
    with _progress(total) as tell:
        return run_ray(asked.source, str(asked.target), asked.column, asked.settings, address, workers, tell)


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[Summary], None]]:
    """Show rows done, rows a second, time left and counts by status."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TextColumn("left"))
    with Progress(*columns, TimeRemainingColumn(), console=errors, transient=True) as bar:
        task = bar.add_task("loading", total=total)

        def tell(summary: Summary) -> None:
            rate = summary.as_json()["rows_per_second"] or 0
            counts = " ".join(f"{status} {count:,}" for status, count in sorted(summary.status.items()))
            bar.update(task, description=f"{summary.rows:,} rows, {rate:,.0f}/s: {counts}", completed=summary.rows)

        yield tell
