"""A file of addresses, completed in pieces that survive any stop."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk.columns import find_columns
from buqi.bulk.fields import Fields, added_columns, text_of, with_refused
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.level_columns import AddressColumns
from buqi.bulk.parts import Parts, PieceRecord
from buqi.bulk.review import ReviewRow, write_review
from buqi.bulk.table_file import Piece, TableFile
from buqi.bulk.tables import check_apart, check_file_name, check_source, check_target, open_table
from buqi.bulk.workbook import Workbook
from buqi.bulk.workers import WorkerPool
from buqi.divisions.address_column import SAMPLE, named_column
from buqi.errors import BuqiError, UsageError, explained
from buqi.files import kind_of, whole_file
from buqi.lock import claimed
from buqi.machine import cores
from buqi.task import ADDRESS

PIECE_ROWS = 5000
WRITTEN_PIECE_ROWS = 64  # where a model is asked: minutes of work, not hours, are lost with a piece
SMALL = 2000  # rows; smaller files are done in this process
REVIEW_BELOW = 0.9  # rows of a lower confidence go into the review file
ANSWERED = ("complete", "partial", "answered")


class StoppedError(BuqiError):
    """A job was told to stop between two pieces; what is done stays."""


@dataclass(frozen=True)
class Job:
    """A file to complete, and how."""

    source: Path  # csv, tsv, jsonl (also .gz), parquet or xlsx
    target: Path  # a file of the same kind
    column: str | None = None  # the column with the addresses; found by its name if not given
    sheet: str | None = None  # of an xlsx file; the first with the column if not given
    options: AnswerOptions = field(default_factory=AnswerOptions)
    workers: int = field(default_factory=cores)  # processes; one where a model is asked
    piece: int | None = None  # rows of a piece; depends on what answers if not given
    safe: bool = False  # whether the file's own cells are guarded against formulas too, not only added ones (csv, tsv)
    review_below: float = REVIEW_BELOW
    key: str | None = None  # the user's column that names a row, for the review file
    cache_folder: Path | None = None  # of answers that took long; in buqi's cache if not given
    fill: bool = False  # whether the answer goes into empty cells of the columns of levels instead of added columns
    encoding: str | None = None  # of a text file; found if not given
    use_cache: bool = True  # whether answers that took long are kept on disk for later runs

    def __post_init__(self) -> None:
        for name in ("source", "target", "cache_folder"):
            if isinstance(path := getattr(self, name), str):
                object.__setattr__(self, name, Path(path))

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

    def source_state(self) -> tuple[int, int]:
        """Return the size and the time of the source: they change when it is written."""
        found = self.source.stat()
        return found.st_size, found.st_mtime_ns

    def identity(self, column: str) -> str:
        """Return 16 digits that change when finished pieces no longer fit the job."""
        about: list[Any] = [self.source.name, *self.source_state(), column, self.sheet, self.size, self.safe]
        about += [self.options.version(), self.review_below, self.key, self.fill, self.encoding]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:16]


@dataclass
class Summary:
    """What was done: rows by status, and how fast."""

    rows: int = 0
    status: dict[str, int] = field(default_factory=dict)
    to_review: int = 0
    resumed_rows: int = 0
    seconds: float = 0.0
    guesses: list[str] = field(default_factory=list)  # what the file does not say itself, as it was taken

    def count(self, status: Mapping[str, int]) -> None:
        """Add rows by status."""
        self.status = dict(Counter(self.status) + Counter(status))

    def as_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        done = self.rows - self.resumed_rows
        return vars(self) | {"rows_per_second": round(done / self.seconds, 1) if self.seconds else None}


@dataclass(frozen=True)
class AskedColumns:
    """The columns that are read, and those of an answer."""

    address: AddressColumns
    key: str | None
    answer: Sequence[str]  # names of all columns of an answer, also where only some of them are written
    fill: bool

    @property
    def names(self) -> list[str]:
        """The columns that are read, each once."""
        return list(dict.fromkeys([*self.address.names, *([] if self.key is None else [self.key])]))


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
        job: the file, and how it is completed.
        resume: go on with the pieces that an interrupted run finished.
        overwrite: replace the target if it exists; without ``resume`` also such pieces.
        progress: told after each piece what is done so far.
        stopped: asked before each piece; true ends the job, and its pieces stay.

    Raises:
        UsageError: the file, column or sheet is not there, the target exists or is the source itself, or pieces of
            another job lie there, or pieces while neither ``resume`` nor ``overwrite`` is given.
        StoppedError: it was told to stop.
        BuqiError: a worker process died, or another process writes the target.
    """
    _check_places(job, resume, overwrite)
    with claimed(job.target):
        _check_places(job, resume, overwrite)  # another process may just have written it
        return _run(job, resume, overwrite, progress, stopped)


def _run(job: Job, resume: bool, overwrite: bool, progress: Progress, stopped: Callable[[], bool]) -> Summary:
    state = job.source_state()  # before anything is read
    table = open_table(job.source, job.sheet, column=job.column, encoding=job.encoding)
    address = find_columns(table.columns, job.column, partial(_sample, table), job.options.asks_model)
    local = None
    if job.options.asks_model or job.cache_folder:
        local = ColumnFiller(job.options, job.use_cache, job.cache_folder)
    key = None if job.key is None else named_column(table.columns, job.key, "--key")
    answer = local.added if local else added_columns(ADDRESS, job.options.contact)
    asked = AskedColumns(address, key, answer, job.fill)
    table.filled, table.added = address.output_columns(answer, job.fill)
    if isinstance(table, Workbook):
        table.check_room()
    parts = Parts(job.parts)
    parts.prepare(job.identity(address.title), resume, overwrite)
    started, summary = time.monotonic(), Summary(guesses=[*table.guesses])
    if job.column is None and len(table.columns) > 1:
        summary.guesses.append(f"addresses in column {address.title}")
    for piece in _finished_pieces(job, table, asked, parts, local, stopped):
        summary.rows += piece["rows"]
        summary.count(piece["status"])
        summary.to_review += len(piece["review"])
        summary.resumed_rows += piece["resumed"]
        summary.seconds = time.monotonic() - started
        progress(summary)
    _check_unchanged(job, state)
    if job.review_below:  # written first: until the target is there, --resume can go on
        write_review(job.review, parts.review(), job.key)
    with whole_file(job.target) as draft:
        table.join(parts.files(), draft, job.safe)
        _check_unchanged(job, state)  # parquet and xlsx files are read again by the join
    parts.remove()
    summary.seconds = time.monotonic() - started
    return summary


def _check_unchanged(job: Job, state: tuple[int, int]) -> None:
    """Raise `BuqiError` where the source was written since it had ``state``."""
    with explained(f"{job.source}: it is no longer there", OSError):
        if job.source_state() != state:  # a memory that learns meanwhile does not matter: it was loaded before
            raise BuqiError(f"{job.source} was changed while it was read; start again with --overwrite")


def _check_places(job: Job, resume: bool, overwrite: bool) -> None:
    """Refuse, before any work, places where the job cannot write its files."""
    check_source(job.source)
    check_file_name(job.target)
    for place, what in ((job.target, ""), (job.review, " puts the rows to look at into a file that")):
        check_apart(job.source, job.target, place, what)
    if resume and not overwrite and job.target.is_file() and not job.parts.exists():
        raise UsageError(f"{job.target} is finished, nothing is left to resume; --overwrite makes it anew")
    check_target(job.target, overwrite)
    if (kind := _full_suffix(job.source)) != _full_suffix(job.target):
        raise UsageError(f"--out {job.target}: the result is a {kind} file, as {job.source.name} is")
    for more in (job.parts, job.review):
        if more.is_symlink() or (more.exists() and more.is_dir() != (more == job.parts)):
            raise UsageError(f"{more}: the job writes there; move it away, or name another --out")
    if job.review_below and job.review.exists() and not (resume or overwrite):
        raise UsageError(f"{job.review} exists and would be replaced; name another --out, or add --overwrite")


def _sample(table: TableFile, names: Sequence[str]) -> dict[str, list[Any]]:
    return next((piece.cells for piece in table.pieces(SAMPLE, names)), {})


def _full_suffix(path: Path) -> str:
    """Return ``.csv``, ``.csv.gz``."""
    return kind_of(path) + (".gz" if path.suffix.lower() == ".gz" else "")


def _finished_pieces(
    job: Job,
    table: TableFile,
    asked: AskedColumns,
    parts: Parts,
    local: ColumnFiller | None,
    stopped: Callable[[], bool],
) -> Iterator[PieceRecord]:
    """Yield the record of every piece once it is on disk, in order. Workers answer some pieces ahead."""
    ahead = 0 if local else 2 * job.workers
    waiting: deque[Callable[[], PieceRecord]] = deque()
    with WorkerPool(job.options, job.workers, local, job.use_cache) as pool:
        for number, piece in enumerate(table.pieces(job.size, asked.names)):
            if stopped():
                raise StoppedError(f"stopped; {job.parts} keeps what is done, --resume goes on with it")
            if parts.has(number):
                waiting.append(partial(parts.resumed, number))
            else:
                cells = asked.address.texts(piece.cells, job.options.contact)
                texts = [text for text, problem in cells if not problem]
                answers = pool.submit(texts, small=number == 0 and len(piece) < SMALL)
                write = partial(_write_piece, job, table, asked, piece, cells, answers)
                waiting.append(partial(parts.keep, number, write))
            while len(waiting) > ahead:
                yield waiting.popleft()()
        while waiting:
            yield waiting.popleft()()


def _write_piece(
    job: Job,
    table: TableFile,
    asked: AskedColumns,
    piece: Piece,
    cells: list[tuple[str, str]],
    answers: Future[list[Fields]],
    draft: Path,
) -> PieceRecord:
    """Write a piece as ``draft`` once its answers are there; return its record."""
    try:
        fields = with_refused(cells, answers.result(), asked.answer)
    except BrokenProcessPool as error:
        raise BuqiError("a worker process died (out of memory?); --resume goes on, --workers 1 needs less") from error
    fields = asked.address.with_contradictions(piece.cells, fields, asked.answer)
    written = asked.address.filled(piece.cells, fields, asked.answer) if asked.fill else fields
    table.write(draft, piece, written, job.safe)
    rows = [dict(zip(asked.answer, values, strict=True)) for values in fields]
    keys = [None] * len(piece) if asked.key is None else piece.cells[asked.key]
    review = [
        ReviewRow(certainty, number, text_of(key)[0], text, row.get("full", row.get("answer")), row.get("confidence"),
                  row["status"], row.get("alternatives", ""))
        for number, key, (text, _), row in zip(piece.numbers, keys, cells, rows, strict=True)
        if (certainty := _certainty(row)) < job.review_below
    ]  # fmt: skip
    return {"rows": len(rows), "status": Counter(row["status"] for row in rows), "review": review, "resumed": 0}


def _certainty(row: dict[str, Any]) -> float:
    """Return the confidence of a row's answer: 1 where the table alone answered, 0 without an answer."""
    if row["status"] not in ANSWERED:
        return 0.0
    confidence = row.get("confidence")
    return 1.0 if confidence is None else float(confidence)
