"""The memory has place names and where they were seen, and nothing that leads to a door or a person."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from buqi.divisions import Table, load_table
from buqi.errors import BuqiError, UsageError
from buqi.places import Memory, load_memory
from buqi.places.learning import forget
from buqi.places.memory import NAMES, memory_arrays
from buqi.seal import seal


def test_what_was_seen_where(memory):
    seen = load_memory(memory).seen("文一西路")
    assert [(county, count) for county, _, count in seen] == [("330110", 3), ("330106", 1)]
    assert load_memory(memory).seen("中山路") == []


def test_the_town_only_where_it_is_certain(memory):
    kept = load_memory(memory)
    assert kept.town(["文一西路"], "330110") == "330110014"
    assert kept.town(["文一西路"], "330106") == ""
    assert kept.town(["海创园"], "330110") == ""  # seen once


def test_nothing_personal_is_on_disk(memory):
    names = "".join(pl.read_parquet(memory / "orders" / NAMES)["name"])
    assert "969" not in names and "502" not in names and "幢" not in names


def test_the_index_of_a_memory_is_as_the_memory_and_forgotten_with_it(memory, cache):
    load_memory.cache_clear()
    first = load_memory(memory).seen("文一西路")
    assert [path.name.split("-")[0] for path in (cache / "indexes").glob("memory-*")] == ["memory"]
    load_memory.cache_clear()
    assert load_memory(memory).seen("文一西路") == first
    forget("orders", memory)
    assert not list((cache / "indexes").glob("memory-*"))


def test_a_county_that_is_gone_is_left_out(memory):
    frame = pl.read_parquet(memory / "orders" / NAMES)
    frame.with_columns(pl.lit("999999").alias("county")).write_parquet(memory / "orders" / NAMES)
    seal(memory / "orders")
    load_memory.cache_clear()
    assert not load_memory(memory)


def test_no_memory_is_an_empty_one_but_a_named_folder_is_there(tmp_path, monkeypatch):
    assert not load_memory(tmp_path)
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    load_memory.cache_clear()
    assert not load_memory()
    with pytest.raises(UsageError, match="none: no such folder; buqi places learn makes one"):
        load_memory(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="file: no such folder"):
        load_memory(tmp_path / "file")


def test_a_row_of_a_division_that_the_given_table_lacks_is_left_out(memory):
    frame = pl.read_parquet(memory / "orders" / NAMES)
    kept = Memory(memory_arrays(frame, Table({"32": "江苏省", "3201": "南京市", "320106": "鼓楼区"})))
    assert kept.seen("中央路") == [("320106", "", 1)] and not kept.seen("文一西路")


def test_a_broken_file_is_named(memory):
    (memory / "orders" / NAMES).write_bytes(b"PAR1 broken")
    load_memory.cache_clear()
    with pytest.raises(BuqiError, match=r"11 bytes, .* were written .*forget this source or learn it again"):
        load_memory(memory)
    (memory / "orders" / "seal.json").unlink()
    with pytest.raises(BuqiError, match="broken"):
        load_memory(memory)


def test_a_name_of_no_known_characters_was_not_seen(memory):
    assert load_memory(memory).seen("文一西路\ud83d") == []


def test_names_that_share_a_number_are_told_apart(monkeypatch):
    from buqi.places import memory

    monkeypatch.setattr(memory, "number_of", lambda name: 7)
    monkeypatch.setattr(memory, "numbers_of", lambda names: np.full(len(names), 7))
    rows = [("中央路", "320106", "", 2), ("文一西路", "330106", "", 1), ("文一西路", "330110", "330110014", 5)]
    frame = pl.DataFrame(rows, schema=memory.schema(), orient="row")
    kept = Memory(memory_arrays(frame, load_table()))
    assert [county for county, _, _ in kept.seen("文一西路")] == ["330110", "330106"]
    assert kept.seen("中央路") == [("320106", "", 2)] and kept.seen("湖南路") == []
    assert kept.town(["文一西路"], "330110") == "330110014"
