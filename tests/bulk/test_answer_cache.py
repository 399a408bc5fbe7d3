"""Answers on disk: found by text, apart by version, the first one stays."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing

import pytest

from buqi.bulk import Job, run_job
from buqi.bulk.answer_cache import AnswerCache


def test_what_is_kept_is_found_again(cache):
    kept = AnswerCache("a")
    many = {f"{i}号": [i, None, "好"] for i in range(1200)}
    kept.put(many)
    kept.put({})
    assert AnswerCache("a").get(["5号", "nothing", "1199号"]) == {"5号": [5, None, "好"], "1199号": [1199, None, "好"]}
    assert len(kept.get(list(many))) == 1200
    AnswerCache("a").put({"5号": ["other"]})
    assert kept.get(["5号"]) == {"5号": [5, None, "好"]}
    assert AnswerCache("b").get(["5号"]) == {}


def test_only_the_owner_reads_it_and_a_full_disk_costs_time_only(cache, tmp_path, monkeypatch):
    AnswerCache("a").put({"x": [1]})
    files = [cache / "answers", *(cache / "answers").iterdir()]
    assert {oct(f.stat().st_mode & 0o777) for f in files if f.is_file()} == {"0o600"}
    assert oct(files[0].stat().st_mode & 0o777) == "0o700"
    kept = AnswerCache("b", tmp_path / "own")
    kept.put({"x": [2]})
    assert (tmp_path / "own" / "b.sqlite").is_file() and kept.get(["x"]) == {"x": [2]}
    kept.db.execute(f"PRAGMA max_page_count={kept.db.execute('PRAGMA page_count').fetchone()[0]}")
    kept.put({"y": ["y" * 100_000]})
    assert kept.get(["x", "y"]) == {"x": [2]}
    monkeypatch.setattr("buqi.bulk.answer_cache.private", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    other = AnswerCache("c")
    other.put({"x": [3]})
    assert other.get(["x"]) == {"x": [3]} and not (cache / "answers" / "c.sqlite").exists()


DAMAGES = {
    "no database": lambda path: path.write_bytes(b"x" * 5000),
    "a cut one": lambda path: os.truncate(path, path.stat().st_size // 2),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "other bytes": lambda path: _set(path, b"x" * 9),
    "a number": lambda path: _set(path, 5),
    "nothing": lambda path: _set(path, None),
}


def _set(path, value):
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE answers SET fields = ?", [value])
        db.commit()


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_costs_time_only(cache, damage):
    kept = AnswerCache("a")
    kept.put({f"{n}号": [n, "好" * 50] for n in range(300)})
    kept.db.close()
    DAMAGES[damage](cache / "answers" / "a.sqlite")
    again = AnswerCache("a")
    assert again.get(["5号", "6号"]) in ({}, {"5号": [5, "好" * 50], "6号": [6, "好" * 50]})
    again.put({"x": ["new"]})
    assert again.get(["x"]) == {"x": ["new"]}


def test_nobody_reads_an_address_without_having_it(cache):
    text, fields = "张三丰 余杭区文一西路969号", ["浙江省", "文一西路969号", None, 0.9]
    kept = AnswerCache("a")
    kept.put({text: fields})
    kept.db.close()
    disk = b"".join(path.read_bytes() for path in (cache / "answers").iterdir())
    for part in ("张三丰", "文一西路", "浙江省", "969"):
        assert part.encode() not in disk and json.dumps(part)[1:-1].encode() not in disk
    assert AnswerCache("a").get([text]) == {text: fields}
    (cache / "answers" / "key").unlink()
    assert AnswerCache("a").get([text]) == {}, "without the key it is gone"


def test_nothing_is_kept_where_that_is_asked(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    (tmp_path / "in.csv").write_text("address\n开发区1号\n文一西路969号\n", encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", use_cache=False))
    assert not (cache / "answers").exists()
    run_job(Job(tmp_path / "in.csv", tmp_path / "more.csv"))
    assert any((cache / "answers").glob("*.sqlite"))
