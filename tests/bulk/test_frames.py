from __future__ import annotations

import inspect
from typing import get_overloads

import pandas as pd
import polars as pl
import pytest

import buqi
from buqi.bulk import ADDED
from buqi.bulk.frames import complete
from buqi.errors import UsageError

TEXTS = ["碑林区1号", None, "扶风法门镇法门寺"]


def test_texts_and_lists():
    assert buqi.complete("碑林区1号").full == "陕西省西安市碑林区1号"
    found = buqi.complete(["碑林区1号", "扶风法门镇法门寺"], mode="match")
    assert [c.path.name("county") for c in found] == ["碑林区", "扶风县"]


def test_what_pandas_has_where_nothing_is_is_an_empty_text():
    found = buqi.complete([float("nan"), pd.NA, pd.NaT, None, "碑林区1号"])
    assert [c.input for c in found] == ["", "", "", "", "碑林区1号"]


def test_type_checkers_are_told_of_every_option():
    real = inspect.signature(complete).parameters
    kinds = {str(found.__annotations__["return"]) for found in get_overloads(complete)}
    assert kinds == {"Completion", "list[Completion]", "pl.DataFrame", "Any"}
    for overloaded in get_overloads(complete):
        told = inspect.signature(overloaded).parameters
        assert set(real) - set(told) <= {"fill"}, "of frames alone"
        assert all(real[name].kind == found.kind for name, found in told.items())


def test_what_is_loaded_on_demand_is_listed():
    assert {"complete", "load", "__version__"} <= set(dir(buqi))


def test_polars():
    series = pl.Series("a", TEXTS)
    out = buqi.complete(series)
    assert out.columns == list(ADDED) and out["county"].to_list() == ["碑林区", "", "扶风县"]
    frame = pl.DataFrame({"n": [1, 2, 3], "a": TEXTS, "city": ["x", "y", "z"]})
    joined = buqi.complete(frame, "a", mode="match")
    assert joined["buqi_city"].to_list() == ["西安市", "", "宝鸡市"] and joined["city"].to_list() == ["x", "y", "z"]
    lazy = frame.lazy().select(pl.col("a").buqi.complete(mode="match").struct.field("county")).collect()
    assert lazy["county"].to_list() == ["碑林区", "", "扶风县"]


def test_pandas():
    series = pd.Series(TEXTS, index=[5, 6, 7])
    buqi.complete("x")  # registers the accessor
    out = series.buqi.complete(mode="match")
    assert list(out.columns) == list(ADDED) and list(out.index) == [5, 6, 7]
    assert out.loc[7, "town"] == "法门镇" and out.loc[6, "notes"] == "empty cell"
    frame = buqi.complete(pd.DataFrame({"address": TEXTS, "n": [1, 2, 3]}))
    assert list(frame.columns) == ["address", "n", *ADDED]


def test_a_contact_has_three_columns_more():
    line = "王小明 18291234567 碑林区1号"
    assert buqi.complete(line, contact=True).name == "王小明" and buqi.complete(line).name == ""
    assert [c.phone for c in buqi.complete([line, "碑林区1号"], mode="match", contact=True)] == ["18291234567", ""]
    frame = buqi.complete(pl.DataFrame({"name": ["x"], "a": [line]}), "a", mode="match", contact=True)
    assert frame.columns == ["name", "a", *ADDED, "buqi_name", "phone", "postcode"]
    assert frame["buqi_name"].to_list() == ["王小明"] and frame["detail"].to_list() == ["1号"]
    chosen = pl.DataFrame({"a": [line]}).lazy().select(pl.col("a").buqi.complete(contact=True).struct.field("phone"))
    assert chosen.collect()["phone"].to_list() == ["18291234567"]
    out = pd.Series([line, None]).buqi.complete(mode="match", contact=True)
    assert out["name"].to_list() == ["王小明", ""]


def test_refusals():
    with pytest.raises(UsageError, match="expected text, a list"):
        buqi.complete(7)
    for mode in ("generate", "foo"):
        with pytest.raises(UsageError, match=f"mode {mode}: expected auto or match$"):
            buqi.complete("x", mode=mode)
    with pytest.raises(AttributeError):
        buqi.nothing_like_it  # noqa: B018


@pytest.mark.parametrize("kind", [pl.DataFrame, pd.DataFrame])
def test_columns_may_be_a_list(kind):
    frame = kind({"省": ["陕西省"], "市": [None], "区": ["碑林区"], "地址": ["1号"], "x": ["y"]})
    named = buqi.complete(frame, ["省", "市", "区", "地址"], mode="match")
    assert (
        list(named["full"])
        == list(buqi.complete(frame, "省,市,区,地址", mode="match")["full"])
        == ["陕西省西安市碑林区1号"]
    )
    assert list(buqi.complete(frame, ["地址"], mode="match")["full"]) == ["1号"]
    with pytest.raises(UsageError, match="column 县: the columns are"):
        buqi.complete(frame, ["省", "县"])


def test_a_column_of_pandas_may_be_a_number():
    frame = pd.DataFrame([["x", "碑林区1号"]])
    assert buqi.complete(frame, 1, mode="match")["full"].to_list() == ["陕西省西安市碑林区1号"]


def test_an_index_of_pandas_may_have_a_label_twice():
    frame = pd.DataFrame({"address": ["碑林区1号", "扶风法门镇法门寺"]}, index=[5, 5])
    found = buqi.complete(frame, mode="match")
    assert found["county"].to_list() == ["碑林区", "扶风县"] and list(found.index) == [5, 5]


def test_columns_of_pandas_that_are_numbers_are_filled_in_place():
    frame = pd.DataFrame([["", "西安市", "碑林区", "1号"], ["浙江省", "杭州市", "余杭区", "2号"]])
    found = buqi.complete(frame, [0, 1, 2, 3], mode="match", fill=True)
    assert found.iloc[0, :4].to_list() == ["陕西省", "西安市", "碑林区", "1号"]
    assert list(found.columns) == [0, 1, 2, 3, "confidence", "status", "notes"] and frame.iloc[0, 0] == ""


def test_a_long_text_in_a_list_is_answered_whole():
    text = "碑林区" + "长乐坊" * 200
    (found,) = buqi.complete([text], mode="match")
    assert found == buqi.complete(text, mode="match") and found.input == text
