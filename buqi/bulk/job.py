"""A file of addresses, completed in pieces that survive any stop."""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import shutil
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk.fields import ADDED, Fields, text_of, with_refused
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.tables import TableFile, find_column, open_table
from buqi.bulk.text_files import kind_of
from buqi.bulk.workers import WorkerPool
from buqi.errors import BuqiError, UsageError
from buqi.files import whole_file

PIECE_ROWS = 5000
WRITTEN_PIECE_ROWS = 64  # where a model is asked: minutes of work, not hours, are lost with a piece
SMALL = 2000  # files of fewer rows are done in this process
REVIEW_ROWS = 10_000  # rows kept for review
REVIEW_COLUMNS = ("row", "input", "full", "confidence", "status", "alternatives")
REVIEW_BELOW = 0.9  # confidence below which a row is to be looked at
ANSWERED = ("complete", "partial", "answered")


@dataclass(frozen=True)
class Job:
    """What is to be completed.

    Attributes:
        source: csv, tsv, jsonl (also .gz), parquet or xlsx.
        target: a file of the same kind.
        column: the column with the addresses; found by its name if not given.
        sheet: of an xlsx file that has several.
        options: how addresses are answered.
        workers: processes; a model that is asked has all cores and runs in this one.
        piece: rows completed and kept at once; by what answers if not given.
        safe: cells that a spreadsheet would take for formulas get a quote in front (csv, tsv).
        review_below: rows of a lower confidence go into the review file.
    """

    source: Path
    target: Path
    column: str | None = None
    sheet: str | None = None
    options: AnswerOptions = field(default_factory=AnswerOptions)
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    piece: int | None = None
    safe: bool = False
    review_below: float = REVIEW_BELOW

    @property
    def size(self) -> int:
        """Rows of a piece."""
        return self.piece or (WRITTEN_PIECE_ROWS if self.options.asks_model else PIECE_ROWS)

    @property
    def parts(self) -> Path:
        """Folder of the finished pieces."""
        return self.target.with_name(f"{self.target.name}.parts")

    @property
    def review(self) -> Path:
        """File of the rows to look at."""
        return self.target.with_name(f"{self.target.name}.review.csv")

    def identity(self, column: str) -> str:
        """Return what must be the same for finished pieces to count."""
        state = self.source.stat()
        about = [self.source.name, state.st_size, state.st_mtime_ns, column, self.sheet, self.size, self.safe]
        about += [self.options.version(), self.review_below]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


@dataclass
class Summary:
    """What was done: rows by status, and how fast."""

    rows: int = 0
    status: dict[str, int] = field(default_factory=dict)
    to_review: int = 0
    resumed_rows: int = 0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        done = self.rows - self.resumed_rows
        return asdict(self) | {"rows_per_second": round(done / self.seconds, 1) if self.seconds else None}


Progress = Callable[[Summary], None]


def run_job(
    job: Job,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress = lambda _: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Summary:
    """Complete a file. Finished pieces lie in ``TARGET.parts`` until all are there and become the target.

    Args:
        job: what.
        resume: go on with the pieces that an interrupted run finished.
        overwrite: replace the target if it exists.
        progress: told after each piece what is done so far.
        stopped: asked between pieces; true ends the job, its pieces stay.

    Raises:
        UsageError: the file, column or sheet is not there, the target exists, or other pieces lie there.
        BuqiError: it was stopped, or a worker process died.
    """
    if job.target.exists() and not overwrite:
        raise UsageError(f"{job.target} exists; name another --out, or add --overwrite")
    if _form(job.target) != _form(job.source):
        raise UsageError(f"--out {job.target}: the result is a {_form(job.source)} file, as {job.source.name} is")
    here = ColumnFiller(job.options) if job.options.asks_model else None
    table = open_table(job.source, job.sheet, here.added if here else ADDED)
    column = find_column(table.columns, job.column)
    _prepare(job, job.identity(column), resume)
    started, summary = time.monotonic(), Summary()
    worst: list[tuple[float, int, list[Any]]] = []
    for part in _finished(job, table, column, here, stopped):
        _count(summary, part, worst)
        summary.seconds = time.monotonic() - started
        progress(summary)
    parts = sorted(job.parts.glob("*.part"))
    with whole_file(job.target) as draft:
        table.join(parts, draft, job.safe)
    _write_review(job, worst)
    shutil.rmtree(job.parts)
    summary.seconds = time.monotonic() - started
    return summary


def _form(path: Path) -> str:
    """Return what a file is by its name: ``.csv``, ``.csv.gz``."""
    return kind_of(path) + (".gz" if path.suffix.lower() == ".gz" else "")


@dataclass(frozen=True)
class _Part:
    """What a finished piece was: rows by status, rows to review (row number from 1, then `REVIEW_COLUMNS`'s rest)."""

    rows: int
    status: dict[str, int]
    review: list[list[Any]]
    fresh: bool


def _prepare(job: Job, identity: str, resume: bool) -> None:
    stamp = job.parts / "job.json"
    if job.parts.exists():
        if not resume:
            shutil.rmtree(job.parts)
        elif not stamp.is_file() or json.loads(stamp.read_text(encoding="utf-8"))["identity"] != identity:
            raise UsageError(
                f"{job.parts}: pieces of another file, column or version; leave out --resume to start anew"
            )
    job.parts.mkdir(parents=True, exist_ok=True)
    for stale in job.parts.glob(".*.part*"):
        stale.unlink()
    if not stamp.is_file():
        with whole_file(stamp) as draft:
            draft.write_text(json.dumps({"identity": identity}), encoding="utf-8")


def _finished(
    job: Job, table: TableFile, column: str, here: ColumnFiller | None, stopped: Callable[[], bool]
) -> Iterator[_Part]:
    """Yield every piece once it is on disk, in order."""
    waiting: deque[tuple[int, Any, list[tuple[str, str]], Future[list[Fields]] | None]] = deque()
    with WorkerPool(job.options, job.workers, here) as pool:
        for number, piece in enumerate(table.pieces(job.size)):
            if stopped():
                raise BuqiError(f"stopped; {job.parts} keeps what is done, --resume goes on with it")
            if (job.parts / f"{number:07d}.json").is_file():
                waiting.append((number, None, [], None))
            else:
                cells = [text_of(cell) for cell in table.cells(piece, column)]
                asked = [text for text, problem in cells if not problem]
                waiting.append((number, piece, cells, pool.submit(asked, len(piece) < SMALL and number == 0)))
            while len(waiting) > (0 if here else 2 * job.workers):
                yield _settle(job, table, *waiting.popleft())
        while waiting:
            yield _settle(job, table, *waiting.popleft())


def _settle(
    job: Job,
    table: TableFile,
    number: int,
    piece: Any,
    cells: list[tuple[str, str]],
    answers: Future[list[Fields]] | None,
) -> _Part:
    path = job.parts / f"{number:07d}.part"
    about = path.with_suffix(".json")
    if answers is None:
        return _Part(**json.loads(about.read_text(encoding="utf-8")), fresh=False)
    try:
        added = with_refused(cells, answers.result(), table.added)
    except BrokenProcessPool as error:
        raise BuqiError("a worker process died (out of memory?); --resume goes on, --workers 1 needs less") from error
    with whole_file(path) as draft:
        table.write(draft, piece, added, job.safe)
    first = number * job.size + 1
    status = table.added.index("status")
    review = [
        [first + i, text, *_reviewed(dict(zip(table.added, more, strict=True)))]
        for i, ((text, _), more) in enumerate(zip(cells, added, strict=True))
        if _sure(more, table.added) < job.review_below
    ]
    record: dict[str, Any] = {
        "rows": len(cells),
        "status": dict(Counter(more[status] for more in added)),
        "review": review,
    }
    with whole_file(about) as draft:  # written last: a piece counts once it is there
        text = json.dumps(record, ensure_ascii=False)
        draft.write_bytes(text.encode("utf-8", "surrogatepass"))
    return _Part(**record, fresh=True)


def _sure(more: Sequence[Any], added: Sequence[str]) -> float:
    """Return how sure a row is: its confidence, 1 where the table alone answered, 0 without an answer."""
    if more[added.index("status")] not in ANSWERED:
        return 0.0
    confidence = more[added.index("confidence")] if "confidence" in added else None
    return 1.0 if confidence is None else float(confidence)


def _reviewed(row: dict[str, Any]) -> list[Any]:
    """Return the last four of `REVIEW_COLUMNS`."""
    answer = row["full"] if "full" in row else row["answer"]
    return [answer, row.get("confidence"), row["status"], row.get("alternatives", "")]


def _count(summary: Summary, part: _Part, worst: list[tuple[float, int, list[Any]]]) -> None:
    summary.rows += part.rows
    summary.resumed_rows += 0 if part.fresh else part.rows
    summary.to_review += len(part.review)
    for status, count in part.status.items():
        summary.status[status] = summary.status.get(status, 0) + count
    for row in part.review:
        sure = row[3] if row[3] is not None and row[4] in ANSWERED else 0.0
        entry = (-sure, -row[0], row)
        if len(worst) < REVIEW_ROWS:
            heapq.heappush(worst, entry)
        else:
            heapq.heappushpop(worst, entry)


def _write_review(job: Job, worst: list[tuple[float, int, list[Any]]]) -> None:
    import csv

    from buqi.bulk.fields import harmless

    with whole_file(job.review) as draft, draft.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file)
        writer.writerow(REVIEW_COLUMNS)
        for *_, row in sorted(worst, reverse=True):
            writer.writerow([harmless(cell) for cell in row])
