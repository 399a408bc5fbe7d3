"""``buqi complete --file``: files, databases, Ray."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, SpinnerColumn, TextColumn

from buqi.cli.screen import print_result, progress_bars, throttled
from buqi.errors import BuqiError, UsageError, counted
from buqi.files import kind_of
from buqi.machine import cores

if TYPE_CHECKING:
    from buqi.answering import AnswerOptions
    from buqi.bulk import Summary

NOT_ON_RAY = ("sheet", "query", "review_below", "resume", "overwrite", "safe_cells", "no_cache", "key", "encoding")
NOT_IN_DATABASES = ("sheet", "workers", "review_below", "overwrite", "safe_cells", "key", "encoding")
GUARDED = (".csv", ".tsv")  # files in which a spreadsheet takes text for a formula
NO_REVIEW = ", which gets no review file; look for a low confidence in the result"


@dataclass(frozen=True)
class FileOptions:
    """The options for a file, a database, or a job on Ray; each field is one of them.

    Raises:
        UsageError: an option that has no use with this source of rows, or one that is missing.
    """

    file: str | None
    out: str | None = None
    column: str | None = None
    sheet: str | None = None
    query: str | None = None
    workers: int | None = None
    review_below: float | None = None
    ray: str | None = None
    resume: bool = False
    overwrite: bool = False
    safe_cells: bool = False
    no_cache: bool = False
    fill: bool = False
    key: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        given = [n for n, v in vars(self).items() if n != "file" and v is not None and v is not False]
        useless: Sequence[str]
        if self.file is None:
            useless, why = given, "only with --file"
        elif self.ray is not None or self.is_url:
            useless, why = (NOT_ON_RAY, "on Ray") if self.ray is not None else (NOT_IN_DATABASES, "with a database")
            why = f"not {why}{NO_REVIEW * (self.key is not None or self.review_below is not None)}"
        else:
            useless, why = ("query",), "only with a database URL"
        if unused := [f"--{name}" for name in given if name in useless]:
            raise UsageError(f"{', '.join(unused)}: {why}")
        if self.file is not None and not self.out:
            raise UsageError("--file: say with --out where the result goes")
        if self.safe_cells and kind_of(Path(str(self.file))) not in GUARDED:
            raise UsageError(f"--safe_cells: only with csv and tsv; {self.file} is neither, leave the option out")
        if self.is_url and self.ray is None and self.query is None:
            raise UsageError("a database URL needs --query 'SELECT … ORDER BY …'")

    @property
    def is_url(self) -> bool:
        """Whether the rows come from a URL: of a database, or of a file on Ray."""
        return self.file is not None and "://" in self.file


def complete_file(files: FileOptions, options: AnswerOptions, as_json: bool) -> None:
    """Complete a file or the rows of a query, and print a summary."""
    from buqi.bulk.job import ANSWERED

    review = None
    if files.ray is not None:
        summary = _ray(files, options)
    elif files.is_url:
        summary = _sql(files, options)
    else:
        summary, review = _file(files, options)
    record = summary.as_json() | {"out": files.out, "review": str(review) if review else None}
    counts = ", ".join(f"{count:,} {status}" for status, count in sorted(summary.status.items()))
    speed = f"{summary.seconds:.1f} s, {_rate(summary)}"
    rows = counted(summary.rows, "row")
    done = f"{rows} ({counts}) in {speed}" if summary.rows else f"{rows}: there are only names of columns"
    lines = [f"{files.out}  {done}"]
    if summary.rows and not any(summary.status.get(status) for status in ANSWERED):
        lines.append("no row got an answer; check --column, --sheet and --encoding")
    if review and summary.to_review:
        lines.append(f"{review}  {counted(summary.to_review, 'row')} to look at, the least sure first")
    if summary.guesses:
        lines.append(f"taken as: {'; '.join(summary.guesses)}")
    print_result(record, lines, as_json)


def _file(files: FileOptions, options: AnswerOptions) -> tuple[Summary, Path | None]:
    from buqi.bulk import Job, run_job
    from buqi.bulk.job import REVIEW_BELOW

    if options.asks_model and files.workers is not None:
        raise UsageError("--workers: a model has all cores and runs in one process; leave it out")
    source, target, workers = Path(str(files.file)), Path(str(files.out)), files.workers or cores()
    below = REVIEW_BELOW if files.review_below is None else files.review_below
    job = Job(
        source, target, files.column, files.sheet, options, workers, review_below=below, safe=files.safe_cells,
        key=files.key, use_cache=not files.no_cache, fill=files.fill, encoding=files.encoding,
    )  # fmt: skip
    with _progress(_estimated_rows(job.source)) as tell:
        try:
            return run_job(job, files.resume, files.overwrite, tell), job.review if below else None
        except KeyboardInterrupt as error:
            if not job.parts.is_dir():
                raise
            raise BuqiError(f"stopped; {job.parts} keeps what is done, --resume goes on with it") from error


def _estimated_rows(path: Path) -> int | None:
    """Return about how many rows a text file has, by the length of its first lines; ``None`` for other files."""
    from buqi.bulk.tables import TEXT_FORMATS

    if path.suffix.lower() not in TEXT_FORMATS or not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(1 << 18)
    lines = head.count(b"\n")
    return int(path.stat().st_size / len(head) * lines) if lines else None


def _sql(files: FileOptions, options: AnswerOptions) -> Summary:
    from buqi.bulk.sql import SqlJob, run_sql

    job = SqlJob(
        str(files.file), str(files.query), str(files.out), files.column, options, files.fill, not files.no_cache
    )
    with _progress(None) as tell:
        return run_sql(job, files.resume, tell)


def _ray(files: FileOptions, options: AnswerOptions) -> Summary:
    from buqi.bulk.cluster import run_ray

    source = str(files.file)
    address = None if files.ray == "local" else files.ray
    with _progress(None if files.is_url else _estimated_rows(Path(source))) as tell:
        return run_ray(source, str(files.out), files.column, options, address, files.workers, tell, files.fill)


def _rate(summary: Summary) -> str:
    """Return rows a second, with a digit behind the point where they are few: a model writes about one."""
    rate = summary.as_json()["rows_per_second"] or 0.0
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.1f}/s"


@contextmanager
def _progress(total: int | None) -> Iterator[Callable[[Summary], None]]:
    """Show rows done, rows a second, time left and counts by status."""
    show = throttled()
    with progress_bars(SpinnerColumn(), TextColumn("{task.description}"), BarColumn()) as bar:
        task = bar.add_task("loading", total=total)

        def tell(summary: Summary) -> None:
            counts = " ".join(f"{status} {count:,}" for status, count in sorted(summary.status.items()))
            done = f"{counted(summary.rows, 'row')}, {_rate(summary)}: {counts}"
            bar.update(task, description=done, completed=summary.rows)
            show(done)

        yield tell
