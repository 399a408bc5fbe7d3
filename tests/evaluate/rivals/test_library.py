"""Libraries in processes of their own."""

from __future__ import annotations

import pytest

from buqi.errors import BuqiError, UsageError
from buqi.evaluate.contestants import LibraryContestant
from buqi.evaluate.rivals.library import Library, place_of
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
    assert place_of(("上海市", "上海市", "徐汇区", nan)).city == ""
    assert place_of((nan, None, "<NA>", "rest")).rest == "rest"
    assert place_of(("海南省", "省直辖县级行政区划", "琼海市", None)).city == ""


def test_unknown_libraries_are_refused():
    with pytest.raises(UsageError, match="nobody: expected one of cpca, cpca-new"):
        Library("nobody")
