"""The commands as a person types them: results, messages, exit codes; never a traceback."""

from __future__ import annotations

import json

from buqi.base import load_model
from tests.conftest import pairs, write_jsonl
from tests.helpers import buqi, settings


def test_data_build_check_split(tmp_path):
    done = buqi("data", "build", "--region", "西安市", "--rows", 100, "--out", tmp_path / "d")
    assert "70 train, 15 dev, 15 test" in done.stdout
    report = json.loads(buqi("data", "check", tmp_path / "d", "--json").stdout)
    assert report["clean"]
    assert report["task"] == "address"
    buqi("data", "split", tmp_path / "d" / "train.json", "--out", tmp_path / "s")
    assert (tmp_path / "s" / "test.json").is_file()
    (tmp_path / "d" / "dev.json").write_text((tmp_path / "d" / "train.json").read_text())
    assert "leaks: " in buqi("data", "check", tmp_path / "d", code=1).stdout


def test_data_preview(tiny, tmp_path):
    path = write_jsonl(tmp_path / "r.json", pairs(2))
    done = buqi("data", "preview", path, "--row", 2, "--model", tiny)
    assert "say 1" in done.stdout
    assert "trained" in done.stdout
    assert "has 2 rows" in buqi("data", "preview", path, "--row", 9, "--model", tiny, code=2).stderr


def test_train_check_prints_the_plan_and_writes_nothing(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    config.write_text(json.dumps(settings(tiny, data, tmp_path / "out", fp16=True)) + "# the end")
    done = buqi("train", config, "--check", "--learning-rate", "0.5", "--warmup_steps=99")
    assert "18 of 4 rows" in done.stderr
    assert "learning rate 0.5" in done.stderr
    assert "fp32" in done.stderr
    assert "never reaches its value" in done.stderr
    assert not (tmp_path / "out").exists()


def test_train_lists_five_mistakes_and_exits_2(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    bad = settings(tiny, data, tmp_path / "out") | {"lora_rnk": 8, "seed": "x", "pissa": True, "dora": True}
    bad |= {"fp16": True, "bf16": True, "src_length": 9999}
    config.write_text(json.dumps(bad))
    text = buqi("train", config, code=2).stderr
    assert "5 mistakes" in text
    assert "did you mean lora_rank?" in text


def test_train_from_the_command_line_alone(tiny, tmp_path, data):
    words = [f"--{k}={v}" for k, v in settings(tiny, data, tmp_path / "out", num_train_epochs=1).items()]
    done = buqi("train", *words)
    assert "dev_exact_match" in done.stdout
    assert "rows/s" in done.stdout


def test_merge_with_the_tutorials_flags(tiny, tuned, tmp_path):
    done = buqi("merge", "--model_name_or_path", tiny, "--lora_path", tuned / "out", "--output_path", tmp_path / "m",
                "--device", "gpu", "--safe_serialization", "True")  # fmt: skip
    assert "largest logit difference" in done.stdout
    assert "pickled model" in buqi("merge", "--lora-path", tuned / "out", "--output-path", tmp_path / "n",
                                   "--safe-serialization", "False", code=2).stderr  # fmt: skip
    answers = [buqi("complete", "say 3", "--json", "--max-new-tokens", 8, *words).stdout
               for words in (["--adapter", tuned / "out", "--model", tiny], ["--model", tmp_path / "m"],
                             ["--model", tuned / "out"])]  # fmt: skip
    assert answers[0] == answers[1] == answers[2]
    assert json.loads(answers[0])["input"] == "say 3"


def test_evaluate_writes_all_three(tiny, tuned, tmp_path):
    which = ["--adapter", tuned / "out", "--model", tiny, "--max-new-tokens", 8]
    files = ["--report", tmp_path / "r.html", "--json-out", tmp_path / "r.json"]
    done = buqi("evaluate", tuned / "data" / "dev.json", *which, *files, "--json")
    record = json.loads(done.stdout)
    assert record == json.loads((tmp_path / "r.json").read_text())
    assert set(record["contestants"]) == {"base", "tuned"}
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")


def test_tuned_needs_an_adapter_of_the_base(tiny, tmp_path):
    rows = tmp_path / "rows.jsonl"
    texts = {"鼓楼区中山北路8号": "江苏省", "碑林区友谊西路127号": "陕西省"}
    rows.write_text("".join(json.dumps({"input": t, "province": p}) + "\n" for t, p in texts.items()))
    done = buqi("evaluate", rows, "--compare", "auto", "--json")
    assert json.loads(done.stdout)["contestants"]["auto"]["province"] >= 0.5
    assert "none ships" in buqi("evaluate", rows, "--compare", "auto,tuned", "--model", tiny, code=2).stderr


def test_wrong_usage(tiny, other_tiny, tuned, tmp_path):
    assert "no such adapter" in buqi("complete", "x", "--adapter", tmp_path / "none", "--model", tiny, code=2).stderr
    assert "another base" in buqi("complete", "x", "--adapter", tuned / "out", "--model", other_tiny, code=2).stderr
    assert "not a folder" in buqi("complete", "x", "--model", "nowhere", code=2).stderr
    refused = buqi("complete", "x", "--model", tiny, code=2).stderr
    assert "--model: only with --mode generate for addresses" in " ".join(refused.split())
    assert "no such file" in buqi("data", "check", tmp_path / "none.json", code=2).stderr
    assert "name the adapter" in buqi("evaluate", tuned / "data" / "dev.json", "--model", tiny, code=2).stderr
    assert "none in the table" in buqi("data", "build", "--region", "火星", "--out", tmp_path / "d", code=2).stderr
    assert "No such option" in buqi("complete", "x", "--nothing", code=2).stderr
    buqi("nothing", code=2)


def test_model_show(tiny, tmp_path):
    record = json.loads(buqi("model", "show", tiny, "--json").stdout)
    assert record["tied"]
    assert record["architecture"] == "Qwen2ForCausalLM"
    assert record["parameters"] == sum(p.numel() for p in load_model(tiny).parameters())
    assert str(tiny) in buqi("model", "fetch", tiny).stdout


def test_divisions():
    record = json.loads(buqi("divisions", "show", "法门镇", "--json").stdout)[0]
    assert record["codes"] == {"province": "61", "city": "6103", "county": "610324", "town": "610324107"}
    assert {"name": "美阳村委会", "code": "610324107200"} in record["under"]
    assert buqi("divisions", "show", "鼓楼区").stdout.count("鼓楼区") == 4
    assert "扶风县" in buqi("divisions", "show", "610324").stdout
    assert "not in the table; it has 法门镇" in buqi("divisions", "show", "法门", code=1).stderr
    assert json.loads(buqi("divisions", "stats", "--json").stdout)["village"]["divisions"] == 605_632


def test_rows_of_another_task_are_not_asked_for_addresses(tiny, tuned):
    which = ["--compare", "base", "--model", tiny, "--max-new-tokens", 2, "--json"]
    record = json.loads(buqi("evaluate", tuned / "data" / "dev.json", *which).stdout)
    assert record["task"] == "rows"
    assert record["answers"][0]["src"] == "say 100"


def test_brackets_of_the_user_are_shown_and_a_broken_list_is_named(tiny, tmp_path, data):
    config = tmp_path / "c.json"
    config.write_text(json.dumps(settings(tiny, data, tmp_path / "out", target_modules=".*[qv]_proj")))
    assert ".*[qv]_proj" in buqi("train", config, "--check").stderr
    assert "expected a JSON list" in buqi("train", config, "--target_modules", "[q_proj", code=2).stderr
