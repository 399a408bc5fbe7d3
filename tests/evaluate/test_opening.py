"""What the names in ``--compare`` mean, and which options they use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buqi.answering import AnswerOptions
from buqi.errors import BuqiError, UsageError
from buqi.evaluate.contestants import AddressContestant, FileContestant, ModelContestant
from buqi.evaluate.opening import Lineup, contestant_names, open_contestants, refuse_seen, training_rows
from buqi.evaluate.rivals.readers import LIBRARIES
from buqi.files import sha256_of
from buqi.rows import Row, write_rows
from buqi.task import ADDRESS, ROWS

ASKED = [Row((ADDRESS.prompt("碑林区1号"),), ("陕西省西安市碑林区1号",))]


def lineup(compare: str, **writing: object) -> Lineup:
    return Lineup(contestant_names(compare), writing=AnswerOptions("generate", **{"engine": "torch"} | writing))


def test_names_are_spelt_out():
    assert contestant_names("match, rivals,match") == ("match", *LIBRARIES)
    with pytest.raises(UsageError, match="names separated by commas"):
        contestant_names(" , ")
    assert lineup("base,auto,x.tsv,http://h/v1#m,folder,m.gguf,cpca").folders == ["folder", "m.gguf"]


@pytest.mark.parametrize(
    ("compare", "writing", "message"),
    [
        ("auto,base", {"adapter": Path("x")}, "--adapter: only with tuned"),
        ("auto,x.gguf", {"model": "x"}, "--model: only with base, tuned or generate"),
        ("auto,match", {"engine": "llamacpp"}, "--engine: only with a model"),
        ("auto,match", {"max_new_tokens": 3}, "--max_new_tokens: only with a model"),
    ],
)
def test_options_that_nobody_uses_are_refused(compare, writing, message):
    with pytest.raises(UsageError, match=message):
        lineup(compare, **writing).refuse_unused()


def test_options_that_somebody_uses_are_taken():
    lineup("http://h/v1#m", max_new_tokens=3).refuse_unused()
    lineup("generate_free", adapter=Path("x"), model="y").refuse_unused()
    Lineup(("generate",), AnswerOptions(threshold=0.5)).refuse_unused()
    lineup("base,tuned", max_new_tokens=3, adapter=Path("x"), model="y", engine="auto").refuse_unused()
    with pytest.raises(UsageError, match="--rivals_dir: only with libraries"):
        lineup("base").refuse_unused(Path("x"))
    with pytest.raises(UsageError, match="--threshold: only with auto"):
        Lineup(("match",), AnswerOptions(threshold=0.5)).refuse_unused()


def test_a_name_that_means_nothing_is_answered_with_those_that_do(tmp_path):
    for name in ("basee", str(tmp_path / "none"), str(tmp_path / "x.gguf")):
        with pytest.raises(UsageError, match=f"--compare {name}: expected base, tuned, match, auto, rivals, generate"):
            open_contestants(lineup(f"tuned,{name}"), ASKED)


def test_contestants_are_opened_in_order(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # `make rivals` may have installed libraries in the checkout
    answers = tmp_path / "other.txt"
    answers.write_text("陕西省西安市碑林区1号\n", encoding="utf-8")
    asked = lineup(f"auto,{answers},base,match,cpca", model=str(tiny)).with_adapter()
    task, found, absent = open_contestants(asked, ASKED)
    assert task.name == "address" and list(absent) == ["cpca"]
    assert [type(c) for c in found] == [AddressContestant, FileContestant, ModelContestant, AddressContestant]
    assert [c.name for c in found] == ["auto", "other.txt", "base", "match"]
    assert absent["cpca"].startswith("cannot be imported"), "the name stands before it"
    with pytest.raises(BuqiError, match="nobody can be compared: cpca"):
        open_contestants(lineup("cpca"), ASKED)
    with pytest.raises(UsageError, match="match: only for addresses"):
        open_contestants(lineup("match"), [Row(("say 1",), ("1",))])


def test_models_complete_addresses_by_choice_and_freely(tiny):
    asked = Lineup(
        ("generate", "generate_free"),
        AnswerOptions(threshold=0.25),
        AnswerOptions("generate", model=str(tiny), engine="torch", max_new_tokens=4),
    )
    task, found, _ = open_contestants(asked.with_adapter(), ASKED)
    assert task == ADDRESS and [(c.name, c.writes) for c in found] == [("generate", True), ("generate_free", True)]
    by_choice, freely = (c.answer(task, ASKED)[0] for c in found)
    assert by_choice.levels["county"] == "碑林区" and by_choice.confidence is None, "nothing calibrated it"
    assert freely.confidence is None and freely.levels["county"] == "", "nonsense is refused"
    assert found[0].answerer.opened is found[1].answerer.opened, "loaded once"
    assert found[0].answerer.writer.threshold == 0.25 and found[1].answerer.options.max_new_tokens == 4


def test_the_adapter_of_tuned(tiny, tuned, tmp_path):
    with pytest.raises(UsageError, match="none ships"):
        lineup("tuned", model=str(tiny)).with_adapter()
    asked = lineup("base,tuned", model=str(tiny), adapter=tuned / "out", max_new_tokens=2).with_adapter()
    task, found, _ = open_contestants(asked, [Row(("say 1",), ("1",))])
    assert task.name == ROWS.name and [c.name for c in found] == ["base", "tuned"]
    assert all(c.answer(task, [Row(("say 1",), ("1",))])[0].stopped is not None for c in found)
    train = [Row(("say 1",), ("number 1",))]
    notes = []
    assert "training" in refuse_seen(asked, train, task, allowed=True, say=notes.append)


def test_an_endpoint_is_refused_before_any_model_is_loaded(tiny, monkeypatch):
    monkeypatch.setattr("buqi.evaluate.opening.open_model", lambda _: pytest.fail("loaded"))
    with pytest.raises(UsageError, match="http://host/v1: expected http://host/v1#model"):
        open_contestants(lineup("base,http://host/v1", model=str(tiny)), ASKED)
    monkeypatch.setattr("buqi.evaluate.endpoint.find_spec", lambda _: None)
    with pytest.raises(BuqiError, match="endpoints need httpx: pip install"):
        open_contestants(lineup("base,http://host/v1#m", model=str(tiny)), ASKED)


def test_training_rows_are_found_from_another_folder(tmp_path, monkeypatch):
    rows, adapter, elsewhere = tmp_path / "work" / "d", tmp_path / "work" / "d" / "adapter", tmp_path / "elsewhere"
    for folder in (adapter, elsewhere / "d"):
        folder.mkdir(parents=True)
    write_rows(rows / "train.json", [Row(("say 1",), ("1",))])
    run = {"config": {"dataset_name_or_path": "d"}, "data": {"train": {"sha256": sha256_of(rows / "train.json")}}}
    (adapter / "run.json").write_text(json.dumps(run))
    monkeypatch.chdir(elsewhere)
    assert training_rows(adapter) == rows / "train.json"
    write_rows(elsewhere / "d" / "train.json", [Row(("say 2",), ("2",))])
    assert training_rows(adapter) == rows / "train.json", "not others of the same name"
    write_rows(rows / "train.json", [Row(("say 3",), ("3",))])
    assert training_rows(adapter) == Path("d") / "train.json", "those that the run names from here"
    (elsewhere / "d" / "train.json").unlink()
    assert training_rows(adapter) is None


def test_the_adapter_that_ships_is_not_asked_another_task():
    assert lineup("tuned").with_adapter(ASKED).writing.adapter is not None
    with pytest.raises(UsageError, match="--compare tuned: name the adapter with --adapter FOLDER; the one that ships"):
        lineup("base,tuned").with_adapter([Row(("say 1",), ("1",))])
    assert lineup("base").with_adapter([Row(("say 1",), ("1",))]).names == ("base",)
