"""One way from options to answers: of table and memory, or of a model."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from buqi.address import Completion
from buqi.answering import AddressAnswerer, AnswerOptions, WritingAnswerer, WrittenText, open_answerer
from buqi.errors import UsageError
from buqi.loading import UNTUNED, OpenedModel
from buqi.task import ADDRESS, ROWS


def test_table_and_weighing_answer_addresses():
    texts = ["碑林区1号", "你好", "碑林区1号"]
    for mode in ("match", "auto"):
        seen: list[int] = []
        found = open_answerer(AnswerOptions(mode)).answer(texts, seen.append)
        assert isinstance(found[0], Completion) and found[0] == found[2]
        assert [reply.status for reply in found[:2]] == ["partial", "unknown"] and sum(seen) in (2, 3)
    with pytest.raises(UsageError, match="a model is named"):
        AddressAnswerer(AnswerOptions("generate"))


def test_a_model_of_another_task_writes_without_a_mode(tiny, tuned):
    options = AnswerOptions(model=str(tiny), adapter=tuned / "out", engine="torch", max_new_tokens=8)
    answerer = open_answerer(options)
    (found,) = answerer.answer(["say 3"])
    assert isinstance(answerer, WritingAnswerer) and isinstance(found, WrittenText)
    assert found.as_json() == {"input": "say 3", "answer": found.answer, "stopped": found.stopped}
    assert open_answerer(replace(options, mode="generate")).answer(["say 3"]) == [found]
    with pytest.raises(UsageError, match="--threshold: only for addresses"):
        open_answerer(replace(options, threshold=0.5))


def test_a_model_of_addresses_writes_only_where_that_is_asked(tiny):
    with pytest.raises(UsageError, match="--model: only with --mode generate for addresses"):
        open_answerer(AnswerOptions(model=str(tiny)))
    (found,) = open_answerer(AnswerOptions("generate", model=str(tiny), max_new_tokens=4, free=True)).answer(
        ["碑林区1号"]
    )
    assert isinstance(found, Completion) and (found.input, found.full) == ("碑林区1号", "碑林区1号"), (
        "nonsense is refused"
    )


def test_a_model_of_addresses_chooses_a_place_unless_it_may_write_freely(tiny):
    seen: list[int] = []
    answerer = open_answerer(AnswerOptions("generate", model=str(tiny)))
    found = answerer.answer(["碑林区友谊路1号", "补齐五级行政地址: 朝阳区2号", "碑林区友谊路1号"], seen.append)
    assert [reply.full for reply in found[::2]] == ["陕西省西安市碑林区友谊路1号"] * 2 and sum(seen) == 2
    assert found[1].county == "朝阳区" and found[1].full.endswith("朝阳区2号") and found[1].input == "朝阳区2号"
    with pytest.raises(UsageError, match="--max_new_tokens: of addresses only with --free"):
        open_answerer(AnswerOptions("generate", model=str(tiny), max_new_tokens=4))
    with pytest.raises(UsageError, match="threshold 2.0: expected a number from 0 to 1"):
        open_answerer(AnswerOptions("generate", model=str(tiny), threshold=2.0))


def test_name_and_telephone_are_read_apart_where_asked():
    line = "王小明 18291234567 扶风法门镇法门寺"
    (told,) = AddressAnswerer(AnswerOptions(mode="match", contact=True)).answer([line])
    assert told.input == line
    assert (told.full, told.lead) == ("陕西省宝鸡市扶风县法门镇法门寺", "")
    assert {k: told.as_json()[k] for k in ("name", "phone", "postcode")} == {
        "name": "王小明",
        "phone": "18291234567",
        "postcode": "",
    }
    (plain,) = AddressAnswerer(AnswerOptions(mode="match")).answer([line])
    assert "phone" not in plain.as_json() and plain.lead == "王小明 18291234567 "
    assert (plain.name, plain.phone, plain.postcode) == ("", "", "")


def test_a_model_of_any_task_is_opened_in_python(tuned, tiny, capfd, recwarn):
    import buqi

    model = buqi.load(tuned / "out", engine="torch", max_new_tokens=8)
    assert capfd.readouterr() == ("", "") and [str(told.message) for told in recwarn] == []
    one, other = model.answer(["say 1", "say 2"])
    assert str(one) == one.answer and one.input == "say 1" and other.input == "say 2"
    assert [str(a) for a in buqi.load(str(tiny), tuned / "out", max_new_tokens=8).answer(["say 1"])] == [str(one)]
    with pytest.raises(UsageError, match="expected a list of texts"):
        model.answer("say 1")
    assert [a.input for a in model.answer([None, ""])] == ["", ""]
    for no_list in ("say 1", None, 7):
        with pytest.raises(UsageError, match="put one text into a list"):
            model.answer(no_list)
    for strange in (0, ["say 1"]):
        with pytest.raises(UsageError, match="expected text, or None"):
            model.answer([strange])


def test_errors_in_python_speak_python(tmp_path):
    import polars as pl

    import buqi

    with pytest.raises(UsageError, match=r"^mode best: expected"):
        buqi.complete("x", mode="best")
    with pytest.raises(UsageError, match=r"^column b: the columns are a"):
        buqi.complete(pl.DataFrame({"a": ["x"]}), "b")
    with pytest.raises(UsageError, match="not a folder"):
        buqi.load(tmp_path / "none")
    with pytest.raises(UsageError, match="model: expected a folder"):
        buqi.load("")
    with pytest.raises(UsageError, match=r"^allowed 'answers.txt': expected a list of answers, not one text$"):
        buqi.load("embedded", allowed="answers.txt")
    assert re.fullmatch(r"\d+\.\d+\.\d+", buqi.__version__)


def test_an_engine_that_cannot_choose_says_what_to_do(tiny):
    class Llama:
        title = "llama.cpp"
        adapters: tuple[str, ...] = ()

    opened = OpenedModel(Llama(), ADDRESS, True)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="llama.cpp writes addresses only freely: add --free"):
        WritingAnswerer(AnswerOptions("generate"), opened)
    assert WritingAnswerer(AnswerOptions("generate", free=True), opened).writer is None
    assert WritingAnswerer(AnswerOptions("generate"), replace(opened, task=ROWS)).writer is None


@pytest.mark.parametrize("mode", ["auto", "match"])
def test_a_text_that_is_no_address_costs_nothing(mode, monkeypatch, tmp_path):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path))
    answerer, long = AddressAnswerer(AnswerOptions(mode)), "9" * 100_000
    answerer.answer(["碑林区1号"])
    began = time.process_time()
    one, none, other = answerer.answer(["碑林区1号", long, "雁塔区2号"])
    assert time.process_time() - began < 5
    assert (none.input, none.full, none.status, none.notes) == (
        long, long, "unknown", ("100000 characters, longer than any address",)
    )  # fmt: skip
    assert (one.path.name("county"), other.path.name("county")) == ("碑林区", "雁塔区")
    assert answerer.answer([long], contact=True)[0].as_json()["phone"] == ""


def test_a_model_is_asked_no_half_characters(tiny):
    with pytest.raises(UsageError, match="holds half a character"):
        open_answerer(AnswerOptions("generate", model=str(tiny), adapter=Path(UNTUNED))).answer(["a", "\ud800"])
