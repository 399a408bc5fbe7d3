"""Libraries, endpoints, answer files and interrupted runs."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from buqi.answering import AnswerOptions
from buqi.errors import BuqiError, UsageError
from buqi.evaluate import Prediction, compare_rows, read_gold
from buqi.evaluate.contestants import AddressContestant, FileContestant, LibraryContestant
from buqi.evaluate.endpoint import EndpointContestant
from buqi.evaluate.rivals import places_of
from buqi.rows import Row
from buqi.task import ADDRESS, ROWS

LEVELS = {"province": "陕西省", "city": "西安市", "county": "碑林区"}


def rows(*texts: str) -> list[Row]:
    return [Row((ADDRESS.prompt(text),), ("",), meta={"levels": LEVELS, "slice": "S1"}) for text in texts]


def test_levels_only_rows_are_read_and_scored(tmp_path):
    path = tmp_path / "gold.jsonl"
    records = [
        {"input": "碑林区1号", **LEVELS, "town": "", "slice": "S1", "gold": "陕西省西安市碑林区1号"},
        {"input": "经开区1号", "province": "吉林省", "city": "长春市", "county": "", "slice": "N4", "gold": ""},
        {"input": "鼓楼区中山路", "province": "北京市", "city": "", "county": "朝阳区", "slice": "S2"},
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    read = read_gold(path)
    assert [row.meta["levels"] for row in read] == [
        LEVELS,
        {"province": "吉林省", "city": "长春市"},
        {"province": "北京市", "city": "", "county": "朝阳区"},
    ]
    found = compare_rows(ADDRESS, read, [AddressContestant(AnswerOptions("match"))])
    assert found.entries[0].right == [True, False, False]
    figures = found.as_json()["contestants"]["match"]
    assert figures["by_slice"]["S1"]["right"] == 1.0 and figures["refused"] > 0
    path.write_text('{"input": "x"}\n')
    with pytest.raises(UsageError, match="no level is known"):
        read_gold(path)


def test_a_text_without_a_place_has_no_right_answer_but_none(tmp_path):
    path = tmp_path / "gold.jsonl"
    nowhere = {"province": "", "city": "", "county": ""}
    records = [
        {"input": "瑜伽垫加厚", **nowhere, "slice": "none"},
        {"input": "碑林区1号", **nowhere, "slice": "none"},
        {"input": "西安市1号", **LEVELS, "scored": "province and city"},
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), encoding="utf-8")
    read = read_gold(path)
    assert read[2].meta["levels"] == {"province": "陕西省", "city": "西安市"}
    found = compare_rows(ADDRESS, read, [AddressContestant(AnswerOptions("match"))])
    assert found.entries[0].right == [True, False, True]
    figures = found.as_json()["contestants"]["match"]["by_slice"]["none"]
    assert (figures["right"], figures["wrong"]) == (0.5, 0.5)


def test_former_names_count_as_todays():
    row = Row(
        (ADDRESS.prompt("x"),), ("",), meta={"levels": {"province": "陕西省", "city": "咸阳市", "county": "彬县"}}
    )

    class Says:
        name = identity = "says"
        piece = 10

        def answer(self, task, asked):
            return [Prediction("", {"province": "陕西省", "city": "咸阳市", "county": "彬州市"})]

        def memory_mb(self, asked):
            return 0.0

    assert compare_rows(ADDRESS, [row], [Says()]).entries[0].right == [True]


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


class Replies(BaseHTTPRequestHandler):
    seen: ClassVar[dict[str, int]] = {}

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = ADDRESS.text_of(body["messages"][-1]["content"])
        assert body["temperature"] == 0
        count = self.seen[text] = self.seen.get(text, 0) + 1
        good = {"choices": [{"message": {"content": f" 答{text} "}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 3}}  # fmt: skip
        status, data, after = 200, json.dumps(good).encode(), None
        if text == "busy" and count == 1:
            status, data, after = 429, b"", "0"
        elif text == "down":
            status, data = 500, b"oops"
        elif text == "refused":
            status, data = 401, b"no"
        elif text == "half":
            data = data[:20]
        elif text == "shape":
            data = b'{"choices": []}'
        elif text == "novel":
            good["choices"][0] = {"message": {"content": "字" * 20000}, "finish_reason": "length"}
            data = json.dumps(good).encode()
        elif text == "flood":
            data = b"x" * 3_000_000
        elif text == "slow":
            time.sleep(2)
        try:
            self.send_response(status)
            if after:
                self.send_header("Retry-After", after)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Replies)
    Replies.seen = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1#big"
    server.shutdown()


def test_an_endpoint_that_misbehaves_ends_in_failed_rows(address):
    asked = rows("好", "busy", "down", "refused", "half", "shape", "novel", "flood", "slow")
    endpoint = EndpointContestant(address, retries=1, timeout=0.5, pause=0.01)
    found = compare_rows(ADDRESS, asked, [endpoint])
    given = dict(zip([ADDRESS.text_of(r.src[0]) for r in asked], found.entries[0].answers, strict=True))
    assert given["好"].text == "答好" and given["好"].tokens == (7, 3) and given["好"].stopped
    assert given["busy"].text == "答busy" and Replies.seen["busy"] == 2
    assert given["down"].failed == "status 500" and Replies.seen["down"] == 2
    assert given["refused"].failed == "status 401" and Replies.seen["refused"] == 1
    assert "JSON" in given["half"].failed and given["shape"].failed.startswith("IndexError")
    assert len(given["novel"].text) == 20000 and not given["novel"].stopped
    assert "more than" in given["flood"].failed and "imeout" in given["slow"].failed
    figures = found.as_json()["contestants"]["big"]
    assert len(figures["failures"]) == 6 and figures["failed"] == pytest.approx(6 / 9, abs=1e-3)
    assert figures["tokens"][0] == 7 * 3
    assert figures["province"] == 0.0  # failed rows count as not right


def test_endpoint_addresses():
    with pytest.raises(UsageError, match="expected http://host/v1#model"):
        EndpointContestant("http://127.0.0.1/v1")


def test_answers_from_files(tmp_path):
    path = tmp_path / "other.tsv"
    path.write_text("input\tanswer\n碑林区1号\t陕西省西安市碑林区1号\n", encoding="utf-8")
    found = compare_rows(ADDRESS, rows("碑林区1号", "没有"), [FileContestant(path)])
    assert found.entries[0].seconds == 0, "reading a file says nothing of speed"
    assert found.entries[0].right == [True, False] and found.entries[0].answers[1].failed == "not in other.tsv"
    lines = tmp_path / "lines.txt"
    lines.write_text("陕西省西安市碑林区\n", encoding="utf-8")
    assert compare_rows(ADDRESS, rows("a", "b"), [FileContestant(lines)]).entries[0].right == [True, False]
    path.write_text("q\ta\n")
    with pytest.raises(UsageError, match="expected columns input and answer"):
        FileContestant(path)


class Counted:
    name = identity = "counted"
    piece = 2
    asked = 0

    def __init__(self, dies_after: int = 100):
        self.dies_after = dies_after

    def answer(self, task, asked):
        Counted.asked += len(asked)
        if Counted.asked > self.dies_after:
            raise KeyboardInterrupt
        return [Prediction("陕西省西安市碑林区") for _ in asked]

    def memory_mb(self, asked):
        return 0.0


def test_an_interrupted_run_goes_on(tmp_path):
    asked = rows(*(f"{i}" for i in range(7)))
    with pytest.raises(KeyboardInterrupt):
        compare_rows(ADDRESS, asked, [Counted(dies_after=4)], kept=tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text() + '{"cut off')
    Counted.asked = 0
    found = compare_rows(ADDRESS, asked, [Counted()], kept=tmp_path)
    assert Counted.asked == 3 and all(found.entries[0].right)
    Counted.asked = 0
    compare_rows(ADDRESS, rows(*"abc"), [Counted()], kept=tmp_path)
    assert Counted.asked == 3, "other rows are asked anew"


def test_other_tasks_get_text_metrics():
    class Says(Counted):
        def answer(self, task, asked):
            return [Prediction("number 4"), Prediction("7")]

    asked = [Row(("a",), ("number 4",)), Row(("b",), ("number 7",))]
    figures = compare_rows(ROWS, asked, [Says()]).as_json()["contestants"]["counted"]
    assert figures["exact_match"] == 0.5 and figures["character_f1"] == pytest.approx((1 + 2 / 9) / 2, abs=1e-3)
    assert 0 < figures["bleu4"] < 1 and figures["rouge_l"] == pytest.approx((1 + 2 / 8) / 2, abs=0.02)


def test_the_chain_gives_confidence():
    found = compare_rows(ADDRESS, rows("碑林区1号", "西安碑林友谊路"), [AddressContestant(AnswerOptions())])
    figures = found.as_json()["contestants"]["auto"]
    assert figures["province_city_county"] == 1.0 and figures["calibration"] and figures["coverage"]
