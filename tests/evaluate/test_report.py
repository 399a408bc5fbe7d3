"""The report: as a page, and in a real browser: charts, filters, no request, readable on a phone."""

from __future__ import annotations

import json

import pytest

from buqi.evaluate.compare import compare_rows
from buqi.evaluate.prediction import Prediction
from buqi.evaluate.report import _rows, changes, html_page, marked, verdict
from buqi.rows import Row
from buqi.task import ADDRESS
from tests.browser import open_browser
from tests.evaluate.conftest import GOLD, LEVELS, Says, compared

RIGHT = Prediction("陕西省西安市碑林区<b>1</b>号", LEVELS, 0.9)
WRONG = Prediction("陕西省西安市雁塔区<b>1</b>号", LEVELS | {"county": "雁塔区"}, 0.4)


def test_page_is_self_contained_and_escapes():
    found = compared(["<script>alert(1)</script>", "x"], [GOLD, "陕西省西安市碑林区<1>号"])
    page = html_page(found.as_json(), {"command": "buqi"})
    for outside in ("http://", "https://", "<script>alert", "src=", "url("):
        assert outside not in page
    assert "&lt;script&gt;" in page.replace("<mark>", "").replace("</mark>", "")
    assert "纠正 2 行" in page
    assert "2 rows fixed, 0 broken" in page


def test_fixed_rows_and_the_test_are_of_measures_that_are_named():
    record = compared(["陕西省宝鸡市扶风县", "x"], [GOLD, "陕西省西安市碑林区<1>号"]).as_json()
    whole, levels = record["pairs"]
    assert (whole["measure"], whole["only"]) == ("exact_match", [0, 2]) and len(record["fixed"]) == 2
    assert (levels["measure"], levels["only"]) == ("province_city_county", [0, 1])
    page = html_page(record, {"command": "buqi"}).split("Who differs")[1]
    assert page.index("exact match") < page.index("province+city+county")


def test_wrong_answers_of_other_tasks_are_marked_and_first():
    from buqi.task import Task

    rows = [Row((f"say {i}",), (f"number {i}",)) for i in range(3)]

    found = [Says(name, "number 0", "number 1", "number 9") for name in ("base", "tuned")]
    record = compare_rows(Task("rows", "{text}"), rows, found).as_json()
    first, *others = _rows(record)
    assert first["n"] == 3 and first["a"][1][1:3] == [0, 1]
    assert [row["a"][1][2] for row in others] == [0, 0]
    assert record["pairs"][0]["measure"] == "exact_match" and len(record["pairs"]) == 1
    assert "BLEU-4 BLEU-4" not in " ".join(html_page(record, {}).replace("<small>", " ").split())


def test_bars_say_whose_they_are_where_colours_run_out():
    few, many = (
        html_page(compared(*[[GOLD, "x"]] * n).as_json(), {"command": "buqi"}).split("Chart 对比图")[1] for n in (6, 7)
    )
    assert "<small>c5</small>" not in few
    charts = many.split("Who differs")[0]
    assert charts.count("<small>c6</small>") == charts.count('class="row"') / 7 > 0


def test_differing_characters_are_marked():
    assert marked("宝鸡市岐山县", "宝鸡市扶风县") == "宝鸡市<mark>岐山</mark>县"
    assert marked("a<b", "a<b") == "a&lt;b"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("陕西省西安市碑林区长乐西路街道1号", "陕西省西安市碑林区长乐西路街道1号"),  # right
        ("陕西省宝鸡市碑林区长乐西路街道1号", "陕西省<mark>宝鸡</mark>市碑林区长乐西路街道1号"),
        ("陕西省西安市雁塔区长乐西路街道1号", "陕西省西安市<mark>雁塔</mark>区长乐西路街道1号"),
        ("江苏省南京市1号", "<mark>江苏</mark>省<mark>南京</mark>市<mark>1号</mark>"),
        ("陕西省", "陕西省"),  # refused: what is missing is no character of it
        ("碑林1号", "碑林1号"),
    ],
)
def test_where_only_levels_are_known_nothing_behind_them_is_marked(answer, shown):
    rows = [Row((ADDRESS.prompt("碑林区1号"),), ("",), meta={"levels": LEVELS})]
    record = compare_rows(ADDRESS, rows, [Says("auto", answer)]).as_json()
    (row,) = _rows(record)
    assert row["a"][0][0] == shown and row["gold"] == "".join(LEVELS.values())


def test_an_answer_that_counts_as_right_has_no_mark():
    rows = [Row((ADDRESS.prompt(f"{i}"),), (gold,)) for i, gold in enumerate(("陕西省西安市碑林区1号", ""))]
    rows[1] = Row(rows[1].src, rows[1].tgt, meta={"levels": LEVELS})
    found = [Says(name, "陕西省西安市碑林区1号楼", "陕西省西安市碑林区") for name in ("a", "b")]
    record = compare_rows(ADDRESS, rows, found).as_json()
    assert record["measure"] == "province_city_county", "not every row has a whole answer"
    assert [row["a"][0][:2] for row in _rows(record)] == [["陕西省西安市碑林区1号楼", 1], ["陕西省西安市碑林区", 1]]
    assert "(province+city+county) on 100.0%" in " ".join(verdict(record, ["a", "b"])) and record["fixed"] == []


def test_an_answer_where_there_is_no_place_is_marked_as_a_whole():
    rows = [Row((ADDRESS.prompt("你好"),), ("",), meta={"levels": {}})]
    (row,) = _rows(compare_rows(ADDRESS, rows, [Says("a", "陕西省西安市")]).as_json())
    assert row["a"][0] == ["<mark>陕西省西安市</mark>", 0, 1, ""]


@pytest.fixture(scope="module")
def record() -> dict:
    rows = [
        Row((ADDRESS.prompt(f"<i>碑林</i>{i}号"),), ("",), meta={"levels": LEVELS, "slice": "S1" if i < 70 else "S2"})
        for i in range(80)
    ]
    found = [Says("base", *[RIGHT] * 5, *[WRONG] * 75), Says("tuned", *[WRONG] * 3, *[RIGHT] * 77)]
    return compare_rows(ADDRESS, rows, found).as_json()


def test_page_in_a_browser(record, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(html_page(record | {"changes": []}, {"command": "buqi evaluate"}), encoding="utf-8")
    requests: list[str] = []
    problems: list[str] = []
    with open_browser() as browser:
        for width in (1100, 400):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(path.as_uri())
            assert page.locator("svg.curve polyline[class^=l]").count() == 4
            assert page.locator(".bars .bar").first.bounding_box()["width"] > 2
            assert page.locator("#rows tbody tr").count() == 50
            assert page.locator("#rows tbody i").count() == 0, "what rows hold is text, not markup"
            page.get_by_role("button", name="more").click()
            assert page.locator("#rows tbody tr").count() == 80
            page.select_option("#kind", "broken")
            assert page.locator("#rows tbody tr").count() == 3
            page.select_option("#kind", "fixed")
            page.select_option("#slice", "S2")
            assert page.locator("#rows tbody tr").count() == 10
            page.fill("#find", "79")
            assert page.locator("#rows tbody tr").count() == 1
            assert page.locator("#rows tbody tr mark").count() > 0
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"the page is {wide} px wider than {width}"
            last = page.locator("#figures tr").first.locator("th").last.bounding_box()
            assert last["x"] + last["width"] <= width, "the last contestant is on the screen"
            assert problems == []
            page.screenshot(path=str(tmp_path / f"{width}.png"), full_page=True)
    assert all(url.startswith(("file:", "data:")) for url in requests)


def test_page_without_rows(record):
    page = html_page(record, {}, show_rows=False)
    assert "碑林</i>" not in page and "<script>" not in page and "95 %" in page


def test_changes_since_an_older_report(record):
    old = json.loads(json.dumps(record))
    assert changes(record, old) == []
    old["contestants"]["tuned"]["county"] = 0.5
    (change,) = changes(record, old)
    assert change["name"] == "tuned" and change["measure"] == "county" and change["before"] == 0.5
