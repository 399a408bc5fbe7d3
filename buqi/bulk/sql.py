"""Addresses from a database into a new table of it (or of another), in batches, each in one transaction."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.bulk.columns import find_columns
from buqi.bulk.fields import Fields, is_number, names_beside
from buqi.bulk.filler import ColumnFiller
from buqi.bulk.job import PIECE_ROWS, WRITTEN_PIECE_ROWS, Summary
from buqi.bulk.tables import check_file
from buqi.errors import BuqiError, UsageError
from buqi.extras import install

ROW_NUMBER = "buqi_row"
HIDDEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class SqlJob:
    """What is to be completed."""

    url: str  # as SQLAlchemy takes it: ``sqlite:///file.db``, ``postgresql+psycopg://user@host/database``
    query: str  # a SELECT, sent as it is written; with ORDER BY if the job may have to be resumed
    table: str  # name of the new table
    column: str | None = None  # the column with the addresses; found by its name if not given
    options: AnswerOptions = field(default_factory=AnswerOptions)
    fill: bool = False  # the answer goes into empty cells of the columns of levels, and is not added
    keep: bool = True  # answers that took long are kept on disk for later runs


def run_sql(job: SqlJob, resume: bool = False, progress: Callable[[Summary], None] = lambda _: None) -> Summary:
    """Read the query in order and write each batch, with the added columns, into the new table.

    The new table's ``buqi_row`` numbers the query's rows from 1; a resumed job goes on behind the last.

    Raises:
        UsageError: no such column or file, the table exists, the URL means nothing, or to resume a query without order.
        BuqiError: SQLAlchemy or the driver is missing, or the database refuses; batches written before stay.
    """
    try:
        import sqlalchemy as sa
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
    except ImportError as error:
        raise BuqiError(f"databases need SQLAlchemy: {install('sql')}") from error
    if resume and not is_ordered(job.query):
        raise UsageError("--resume goes on behind the last row, so the query needs ORDER BY at its end")
    try:
        _check_file(sa.engine.make_url(job.url))
        engine = sa.create_engine(job.url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(f"{_shown(job.url)}: {error}") from error
    except ImportError as error:
        raise BuqiError(f"{_shown(job.url)}: its driver is missing ({error})") from error
    try:
        return _run(job, engine, sa, resume, progress)
    except SQLAlchemyError as error:
        raise BuqiError(f"{_shown(job.url)}: {str(error).splitlines()[0][:300]}") from error
    finally:
        engine.dispose()


def _shown(url: str) -> str:
    """Return a URL without its password."""
    head, at, tail = url.rpartition("@")
    return f"{head.rpartition(':')[0]}:***@{tail}" if at and head.count(":") > 1 else url


def _check_file(url: Any) -> None:
    """Raise `UsageError` where SQLite would make an empty file because there is none."""
    name = url.database or ""
    path = Path(name.removeprefix("file:").partition("?")[0])
    if url.get_backend_name() == "sqlite" and name not in ("", ":memory:") and "mode=memory" not in str(url):
        check_file(path)


def is_ordered(query: str) -> bool:
    """Return whether a query says the order of its rows: not within brackets, texts, names or comments."""
    bare = HIDDEN.sub(" ", query)
    while (less := BRACKETS.sub(" ", bare)) != bare:
        bare = less
    return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None


def _run(job: SqlJob, engine: Any, sa: Any, resume: bool, progress: Callable[[Summary], None]) -> Summary:
    started, summary = time.monotonic(), Summary()
    filler = ColumnFiller(job.options, job.keep)
    size = WRITTEN_PIECE_ROWS if job.options.asks_model else PIECE_ROWS
    if not is_ordered(job.query):
        summary.guesses.append("the query has no ORDER BY, so the run cannot be resumed")
    there = sa.inspect(engine).has_table(job.table)
    if there and not resume:
        raise UsageError(f"table {job.table} exists; name another --out, or --resume")
    with engine.connect() as reading, engine.connect() as writing:
        rows = _opened(job, sa, engine.dialect.name, reading)
        columns = list(rows.keys())
        address = find_columns(columns, job.column, lambda _: {}, job.options.asks_model)
        own, more_names = address.written(filler.added, job.fill)
        names, status_at = names_beside([*columns, ROW_NUMBER], more_names), len(own) + more_names.index("status")
        target = _new_table(sa, engine.dialect.name, job.table, columns, names, rows)
        with writing.begin():
            target.create(writing, checkfirst=True)
            done = writing.execute(sa.select(sa.func.max(target.c[ROW_NUMBER]))).scalar() or 0
        at = 0
        while piece := rows.fetchmany(size):
            if at + len(piece) <= done:
                at += len(piece)
                summary.rows, summary.resumed_rows = at, at
                continue
            cells = {name: [row._mapping[name] for row in piece] for name in address.names}
            added = filler.fill_rows(address, cells, job.fill)
            records = [
                {ROW_NUMBER: at + n, **dict(zip(columns, row, strict=True)), **_given([*own, *names], own, more)}
                for n, (row, more) in enumerate(zip(piece, added, strict=True), 1)
                if at + n > done
            ]
            with writing.begin():
                writing.execute(target.insert(), records)
            at += len(piece)
            summary.count(Counter(more[status_at] for more in added))
            summary.rows, summary.seconds = at, time.monotonic() - started
            progress(summary)
    return summary


def _given(written: list[str], own: list[str], values: Fields) -> dict[str, Any]:
    """Return the values of columns that are written; a cell of its own that gets none is left as it is."""
    return {n: value for n, value in zip(written, values, strict=True) if value is not None or n not in own}


def _opened(job: SqlJob, sa: Any, dialect: str, reading: Any) -> Any:
    """Return the query's rows as a stream. SQLite cannot be written while it is read: its rows are put aside first."""
    asis = {"no_parameters": True}  # : and % in the query mean what they mean to the database
    if dialect != "sqlite":
        reading = reading.execution_options(stream_results=True, max_row_buffer=PIECE_ROWS, **asis)
        return reading.exec_driver_sql(job.query)
    reading.execution_options(**asis).exec_driver_sql(f"CREATE TEMP TABLE buqi_rows AS {job.query}")
    reading.commit()
    return reading.execution_options(stream_results=True).execute(sa.text("SELECT * FROM buqi_rows ORDER BY rowid"))


def _new_table(sa: Any, dialect: str, name: str, columns: list[str], added: list[str], rows: Any) -> Any:
    """Return the new table. PostgreSQL's plain types stay; SQLite's columns take anything; else all is text."""
    oids = {16: sa.Boolean, 20: sa.BigInteger, 21: sa.Integer, 23: sa.Integer, 701: sa.Float, 1082: sa.Date,
            1114: sa.DateTime, 1184: sa.DateTime(timezone=True), 1700: sa.Numeric}  # fmt: skip
    kinds = [oids.get(described[1], sa.Text) for described in rows.cursor.description]
    if dialect == "sqlite":
        kinds = [_anything(sa)] * len(columns)
    first = sa.Column(ROW_NUMBER, sa.BigInteger, primary_key=True, autoincrement=False)
    own = [sa.Column(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    more = [sa.Column(name, sa.Float if is_number(name) else sa.Text) for name in added]
    return sa.Table(name, sa.MetaData(), first, *own, *more)


def _anything(sa: Any) -> Any:
    """Return SQLite's column without a type, which keeps numbers numbers and text text."""
    return type("Anything", (sa.types.UserDefinedType,), {"cache_ok": True, "get_col_spec": lambda self, **_: ""})()
