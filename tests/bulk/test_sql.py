"""SQLite, and a real PostgreSQL where Debian's package is there."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from buqi.bulk import sql as module
from buqi.bulk.sql import SqlJob, run_sql
from buqi.errors import BuqiError, UsageError
from tests.bulk.conftest import MATCH, TEXTS, adapter_options, many, written


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    db = sqlite3.connect(tmp_path / "a.db")
    db.execute("CREATE TABLE people (id INTEGER, 地址 TEXT, age REAL)")
    db.executemany("INSERT INTO people VALUES (?, ?, ?)", [(i, t, i / 2) for i, t in enumerate(many(60))])
    db.commit()
    return f"sqlite:///{tmp_path / 'a.db'}"


def check_table(rows: list, texts: list[str]) -> None:
    assert [row[0] for row in rows] == list(range(1, len(texts) + 1))
    assert [row[1] for row in rows] == texts
    assert rows[0][2] == "碑林区" and rows[0][3] == "partial"


def test_sqlite_in_and_out_and_resumed(sqlite, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE_ROWS", 20)
    job = SqlJob(sqlite, "SELECT id, 地址, age FROM people ORDER BY id", "done", options=MATCH)

    class Stop(Exception):
        pass

    def stop(summary):
        if summary.rows == 40:
            raise Stop

    with pytest.raises(Stop):
        run_sql(job, progress=stop)
    with pytest.raises(UsageError, match="table done exists"):
        run_sql(job)
    summary = run_sql(job, resume=True)
    assert summary.rows == 60 and summary.resumed_rows == 40
    rows = sqlite3.connect(tmp_path / "a.db").execute(
        "SELECT buqi_row, 地址, county, status, age FROM done ORDER BY buqi_row"
    )
    found = rows.fetchall()
    check_table([row[:4] for row in found], many(60))
    assert found[3][4] == 1.5


def test_a_second_one_that_writes_the_table_is_told(sqlite, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE_ROWS", 20)
    job = SqlJob(sqlite, "SELECT id, 地址, age FROM people ORDER BY id", "done", options=MATCH)
    told = []

    def other(summary):
        if not told:
            told.append(summary.rows)
            assert run_sql(job, resume=True).rows == 60

    with pytest.raises(BuqiError, match="table done: another process writes it; wait until that is done"):
        run_sql(job, progress=other)
    rows = sqlite3.connect(tmp_path / "a.db").execute("SELECT buqi_row FROM done ORDER BY 1").fetchall()
    assert [row[0] for row in rows] == list(range(1, 61))


def test_refusals(sqlite):
    with pytest.raises(BuqiError, match="no such table"):
        run_sql(SqlJob(sqlite, "SELECT * FROM nobody", "x", options=MATCH))
    with pytest.raises(UsageError, match="nosuchthing"):
        run_sql(SqlJob("nosuchthing://x", "SELECT 1", "x", options=MATCH))
    with pytest.raises(UsageError, match="the columns are id"):
        run_sql(SqlJob(sqlite, "SELECT id FROM people", "x", "地址", MATCH))
    with pytest.raises(BuqiError, match=r"me:\*\*\*@127.0.0.1"):
        run_sql(SqlJob("postgresql+psycopg://me:secret@127.0.0.1:1/x", "SELECT 1", "x", options=MATCH))


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        pytest.skip("no PostgreSQL here")
    folder = Path(f"/tmp/buqi-pg-{os.getpid()}")
    folder.mkdir()
    as_user: list[str] = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = binaries[-1].parent
    data = folder / "data"
    subprocess.run(
        [*as_user, str(run / "initdb"), "-D", str(data), "-U", "buqi", "-A", "trust", "-E", "UTF8"],
        check=True, capture_output=True,
    )  # fmt: skip
    options = f"-p {port} -k {folder} -c fsync=off -c listen_addresses=127.0.0.1"
    start = [str(run / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start"]
    subprocess.run([*as_user, *start], check=True, capture_output=True)
    try:
        yield f"postgresql+psycopg://buqi@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*as_user, str(run / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def test_a_real_postgresql_as_source_and_sink(postgres, monkeypatch):
    import sqlalchemy as sa

    monkeypatch.setattr(module, "PIECE_ROWS", 50)
    engine = sa.create_engine(postgres)
    with engine.begin() as db:
        db.execute(sa.text("CREATE TABLE people (id int, 地址 text, born date)"))
        values = [{"i": i, "a": text} for i, text in enumerate(many(120))]
        db.execute(sa.text("INSERT INTO people VALUES (:i, :a, DATE '2000-01-01')"), values)
    query = "SELECT id, 地址, born FROM people WHERE 地址 NOT LIKE '%:abc%' AND id % 1 = 0 ORDER BY id"
    job = SqlJob(postgres, query, "done", options=MATCH)
    assert run_sql(job).rows == 120
    with engine.connect() as db:
        found = db.execute(
            sa.text("SELECT buqi_row, 地址, county, status, born FROM done ORDER BY buqi_row")
        ).fetchall()
    check_table([tuple(row[:4]) for row in found], many(120))
    assert str(found[0][4]) == "2000-01-01"
    engine.dispose()


def test_a_database_answered_by_a_model(tiny, tuned, tmp_path, cache):
    db = sqlite3.connect(tmp_path / "a.db")
    db.execute("CREATE TABLE asked (n INTEGER, src TEXT)")
    db.executemany("INSERT INTO asked VALUES (?, ?)", enumerate(TEXTS[:5]))
    db.commit()
    url = f"sqlite:///{tmp_path / 'a.db'}"
    run_sql(SqlJob(url, "SELECT * FROM asked ORDER BY n", "done", options=adapter_options(tiny, tuned)))
    found = db.execute("SELECT answer, status FROM done ORDER BY buqi_row").fetchall()
    assert found == written(tiny, tuned, TEXTS[:5])


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("SELECT a FROM t ORDER BY a", True),
        ("select a from t order\n by (a)", True),
        ("SELECT a FROM t", False),
        ("SELECT ROW_NUMBER() OVER (ORDER BY a) FROM t", False),
        ("SELECT a FROM (SELECT a FROM t ORDER BY a) x", False),
        ("SELECT 'order by' FROM t -- ORDER BY a", False),
        ('SELECT "order by" FROM t /* ORDER BY a */', False),
        ("SELECT 'it''s (' FROM t ORDER BY 1", True),
    ],
)
def test_only_an_ordered_query_can_be_resumed(sqlite, query, ordered):
    assert module.is_ordered(query) is ordered
    if not ordered:
        with pytest.raises(UsageError, match="the query needs ORDER BY"):
            run_sql(SqlJob(sqlite, query, "x", options=MATCH), resume=True)


def test_a_query_is_sent_as_it_is_written(sqlite, tmp_path):
    query = "SELECT 地址, ':abc' AS colon, '%(x)s%%' AS percent FROM people WHERE 地址 NOT LIKE '%:abc%'"
    summary = run_sql(SqlJob(sqlite, query, "done", options=MATCH))
    assert summary.rows == 60 and summary.guesses == ["the query has no ORDER BY, so the run cannot be resumed"]
    found = sqlite3.connect(tmp_path / "a.db").execute("SELECT DISTINCT colon, percent FROM done").fetchall()
    assert found == [(":abc", "%(x)s%%")]


@pytest.mark.parametrize("url", ["sqlite:///{}/none.db", "sqlite:///file:{}/none.db?uri=true"])
def test_a_missing_database_is_not_made(tmp_path, url):
    with pytest.raises(UsageError, match="none.db: no such file"):
        run_sql(SqlJob(url.format(tmp_path), "SELECT 1 AS address", "x", options=MATCH))
    assert not list(tmp_path.iterdir())


def test_names_that_sqlite_takes_for_one_stand_beside_each_other(sqlite, tmp_path):
    run_sql(SqlJob(sqlite, 'SELECT 地址, 1 AS "Full", 2 AS STATUS FROM people', "done", "地址", options=MATCH))
    db = sqlite3.connect(tmp_path / "a.db")
    assert {row[1] for row in db.execute("PRAGMA table_info(done)")} >= {"Full", "buqi_full", "STATUS", "buqi_status"}
    with pytest.raises(UsageError, match="column buqi_row, which numbers the rows of --out; name it otherwise"):
        run_sql(SqlJob(sqlite, "SELECT * FROM done", "again", "地址", options=MATCH))


TYPES = [
    "1::int2", "9223372036854775807", "0.1::float4", "'NaN'::float8", "1.10::numeric(10,2)", "'NaN'::numeric", "true",
    "'\\xff00'::bytea", "DATE '2000-01-01'", "'infinity'::date", "'0044-03-15 BC'::date", "'24:00'::time",
    "'12:30+08'::timetz", "'2000-01-01 12:00:00.123456'::timestamp", "'-infinity'::timestamp",
    "'2000-01-01 12:00+08'::timestamptz", "'1 year 2 mons 3 days'::interval", "'{\"a\": [1,  2]}'::json",
    "'{\"a\": null}'::jsonb", "ARRAY[1, NULL]", "ARRAY['a', 'b,c']", "'10.0.0.1/24'::inet", "'12.34'::money", "B'101'",
    "'(1,2)'::point", "'[1,5)'::int4range", "'<a/>'::xml", "'ab'::char(5)", "NULL", "'sad'::mood", "ROW(1, 'x')::pair",
]  # fmt: skip


def test_every_type_of_postgresql_stays(postgres):
    import sqlalchemy as sa

    engine = sa.create_engine(postgres)
    columns = [f"{value} AS c{n}" for n, value in enumerate(TYPES)]
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TYPE mood AS ENUM ('sad')")
        db.exec_driver_sql("CREATE TYPE pair AS (a int, b text)")
        db.exec_driver_sql(f"CREATE TABLE kinds AS SELECT '碑林区1号'::text AS 地址, {', '.join(columns)}")
    assert run_sql(SqlJob(postgres, "SELECT * FROM kinds ORDER BY 地址", "done", options=MATCH)).rows == 1
    seen = ", ".join(f"c{n}::text, regexp_replace(pg_typeof(c{n})::text, '^character$', 'bpchar')" for n in range(31))
    with engine.begin() as db:
        found = [db.exec_driver_sql(f"SELECT {seen} FROM {table}").one() for table in ("kinds", "done")]
    assert found[0] == found[1]
    engine.dispose()


def random_value(chosen: random.Random) -> object:
    far = [2**63 - 1, -(2**63), 0.1 + 0.2, float("inf"), 1.0, -0.0, b"", b"\xff\x00", None, True]
    return chosen.choice([*far, "", "碑林区1号", "a\x00b", "2024-05-01", "1.10", "=1+1", "𠮷", "two\nlines"])


@pytest.mark.parametrize("files", [10, pytest.param(200, marks=pytest.mark.long)])
def test_every_cell_of_sqlite_stays(tmp_path, files):
    kinds = ["", "INTEGER", "REAL", "TEXT", "BLOB", "NUMERIC", "DATE", "DECIMAL(10,2)", "BOOLEAN", "VARCHAR(9)"]
    for seed in range(files):
        chosen = random.Random(seed)
        columns = [(f'"c {n}"', chosen.choice(kinds)) for n in range(chosen.randint(0, 40))]
        names = ", ".join(name for name, _ in columns) + ", " * bool(columns) + "地址"
        path = tmp_path / f"{seed}.db"
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute(f"CREATE TABLE t ({', '.join(' '.join(c) for c in columns)}{', ' * bool(columns)}地址)")
            rows = [[random_value(chosen) for _ in range(len(columns) + 1)] for _ in range(chosen.randint(0, 30))]
            db.executemany(f"INSERT INTO t VALUES ({', '.join('?' * (len(columns) + 1))})", rows)
            db.commit()
            job = SqlJob(f"sqlite:///{path}", f"SELECT {names} FROM t ORDER BY rowid", "done", "地址", options=MATCH)
            assert run_sql(job).rows == len(rows)
            seen = ", ".join(f"typeof({name}), {name}" for name in names.split(", "))
            found = [db.execute(f"SELECT {seen} FROM {t} ORDER BY {o}").fetchall() for t, o in
                     (("t", "rowid"), ("done", "buqi_row"))]  # fmt: skip
        assert found[0] == found[1], seed
