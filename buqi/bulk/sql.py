"""Addresses of a database are completed into a new table of it, in batches, each in one transaction."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
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
PLAIN = (16, 20, 21, 23, 25, 700, 701, 1042, 1043, 1700)  # PostgreSQL's types that Python has: truth, numbers, text
# Texts, quoted names and comments: what stands in them is no SQL.
HIDDEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True)
class SqlJob:
    """A query to complete, and how."""

    url: str  # as SQLAlchemy takes it: ``sqlite:///file.db``, ``postgresql+psycopg://user@host/database``
    query: str  # a SELECT, sent as it is written; with ORDER BY if the job may have to be resumed
    table: str  # name of the new table
    column: str | None = None  # the column with the addresses; found by its name if not given
    options: AnswerOptions = field(default_factory=AnswerOptions)
    fill: bool = False  # whether the answer goes into empty cells of the columns of levels instead of added columns
    use_cache: bool = True  # whether answers that took long are kept on disk for later runs


def run_sql(job: SqlJob, resume: bool = False, progress: Callable[[Summary], None] = lambda _: None) -> Summary:
    """Read the rows of a query and write each batch, with the added columns, into the new table.

    ``buqi_row`` numbers the rows from 1. A resumed job goes on behind the last row of the table.

    Raises:
        UsageError: no such column or file, the table exists, the URL is wrong, or ``resume`` without ORDER BY.
        BuqiError: SQLAlchemy or the driver is missing, the database refuses, or another process writes the table;
            written batches stay.
    """
    try:
        import sqlalchemy as sa
        from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, SQLAlchemyError
    except ImportError as error:
        raise BuqiError(f"databases need SQLAlchemy: {install('sql')}") from error
    if resume and not is_ordered(job.query):
        raise UsageError("--resume goes on behind the last row, so the query needs ORDER BY at its end")
    try:
        _check_file(sa.engine.make_url(job.url))
        engine = sa.create_engine(job.url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(f"{_without_password(job.url)}: {error}") from error
    except ImportError as error:
        raise BuqiError(f"{_without_password(job.url)}: its driver is missing ({error})") from error
    try:
        return _run(job, engine, sa, resume, progress)
    except IntegrityError as error:  # only the numbers of rows are unique
        other = "another process writes it; wait until that is done, then look whether rows are missing with --resume"
        raise BuqiError(f"table {job.table}: {other}") from error
    except SQLAlchemyError as error:
        raise BuqiError(f"{_without_password(job.url)}: {str(error).splitlines()[0][:300]}") from error
    finally:
        engine.dispose()


def _without_password(url: str) -> str:
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
    """Return whether a query has ORDER BY, outside of brackets, texts, quoted names and comments."""
    bare, brackets = HIDDEN.sub(" ", query), 1
    while brackets:
        bare, brackets = BRACKETS.subn(" ", bare)  # the innermost
    return re.search(r"\border\s+by\b", bare, re.IGNORECASE) is not None


def _run(job: SqlJob, engine: Any, sa: Any, resume: bool, progress: Callable[[Summary], None]) -> Summary:
    started, summary = time.monotonic(), Summary()
    filler = ColumnFiller(job.options, job.use_cache)
    size = WRITTEN_PIECE_ROWS if job.options.asks_model else PIECE_ROWS
    if not is_ordered(job.query):
        summary.guesses.append("the query has no ORDER BY, so the run cannot be resumed")
    there = sa.inspect(engine).has_table(job.table)
    if there and not resume:
        raise UsageError(f"table {job.table} exists; name another --out, or --resume")
    with engine.connect() as reading, engine.connect() as writing:
        rows = _open_rows(job, sa, engine.dialect, reading)
        columns = list(rows.keys())
        address = find_columns(columns, job.column, lambda _: {}, job.options.asks_model)
        filled, added = address.output_columns(filler.added, job.fill)
        if ROW_NUMBER in map(str.lower, columns):
            raise UsageError(f"the query has a column {ROW_NUMBER}, which numbers the rows of --out; name it otherwise")
        taken = [*map(str.lower, columns), ROW_NUMBER]  # SQLite does not tell Full from full
        names, status_at = names_beside(taken, added), len(filled) + added.index("status")
        target = _new_table(sa, job.table, zip(columns, _types(sa, engine.dialect, rows, writing), strict=True), names)
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
            answers = filler.fill_rows(address, cells, job.fill)
            records = [
                {ROW_NUMBER: at + n, **dict(zip(columns, row, strict=True)), **_values(filled, names, fields)}
                for n, (row, fields) in enumerate(zip(piece, answers, strict=True), 1)
                if at + n > done
            ]
            with writing.begin():
                writing.execute(target.insert(), records)
            at += len(piece)
            summary.count(Counter(fields[status_at] for fields in answers))
            summary.rows, summary.seconds = at, time.monotonic() - started
            progress(summary)
    return summary


def _values(filled: list[str], added: list[str], fields: Fields) -> dict[str, Any]:
    """Return the values by column: of the cells that are filled, and of all added columns."""
    own, more = fields[: len(filled)], fields[len(filled) :]
    return {n: v for n, v in zip(filled, own, strict=True) if v is not None} | dict(zip(added, more, strict=True))


def _open_rows(job: SqlJob, sa: Any, dialect: Any, reading: Any) -> Any:
    """Return the query's rows as a stream. SQLite is not written while it is read: its rows go into a table first."""
    asis = {"no_parameters": True}  # a : or % in the query goes to the database as it is
    if _is_psycopg(dialect):
        _read_as_text(reading.connection.driver_connection)
    if dialect.name != "sqlite":
        reading = reading.execution_options(stream_results=True, max_row_buffer=PIECE_ROWS, **asis)
        return reading.exec_driver_sql(job.query)
    reading.execution_options(**asis).exec_driver_sql(f"CREATE TEMP TABLE buqi_rows AS {job.query}")
    reading.commit()
    return reading.execution_options(stream_results=True).execute(sa.text("SELECT * FROM buqi_rows ORDER BY rowid"))


def _is_psycopg(dialect: Any) -> bool:
    return (dialect.name, dialect.driver) == ("postgresql", "psycopg")


def _read_as_text(connection: Any) -> None:
    """Let psycopg read PostgreSQL's types as the server writes them, except `PLAIN` ones.

    Python has no 1 month, no date infinity, and would not write a JSON object again.
    """
    from psycopg.types.string import TextLoader

    for info in connection.adapters.types:
        for oid in {info.oid, info.array_oid} - {0, *PLAIN}:
            connection.adapters.register_loader(oid, TextLoader)


def _types(sa: Any, dialect: Any, rows: Any, connection: Any) -> list[Any]:
    """Return the types of the query's columns. PostgreSQL's stay; SQLite's have none; all others are text."""
    codes = [described[1] for described in rows.cursor.description]
    if dialect.name == "sqlite":
        return [_named_type(sa, "")] * len(codes)
    if dialect.name != "postgresql":
        return [sa.Text] * len(codes)
    name = "CASE typtype WHEN 'p' THEN 'text' ELSE format_type(oid, -1) END"  # a pseudo-type is none of a column
    query = f"SELECT oid, {name} FROM pg_type WHERE oid = ANY(%s)"
    with connection.begin():
        names = dict(connection.exec_driver_sql(query, (codes,)).all())
    return [_named_type(sa, names[code]) for code in codes]


def _new_table(sa: Any, name: str, own: Iterable[tuple[str, Any]], added: list[str]) -> Any:
    """Return the new table: the number of the row, the query's columns with their types, those of the answer."""
    first = sa.Column(ROW_NUMBER, sa.BigInteger, primary_key=True, autoincrement=False)
    more = [sa.Column(column, sa.Float if is_number(column) else sa.Text) for column in added]
    return sa.Table(name, sa.MetaData(), first, *(sa.Column(column, kind) for column, kind in own), *more)


def _named_type(sa: Any, name: str) -> Any:
    """Return a type of the database, whose values go there as they are. Without a name numbers and text stay both."""
    return type("Named", (sa.types.UserDefinedType,), {"cache_ok": True, "get_col_spec": lambda self, **_: name})()
