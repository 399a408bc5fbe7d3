"""``complete`` in each of its modes."""

from __future__ import annotations

import json

from tests.helpers import buqi


def test_complete_modes(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    assert buqi("complete", "扶风法门镇法门寺").stdout == "陕西省宝鸡市扶风县法门镇法门寺  610324107  99.5 %\n"
    assert json.loads(buqi("complete", "碑林区1号", "--mode", "match", "--json").stdout)["confidence"] is None
    assert "expected one of auto, match, generate" in buqi("complete", "x", "--mode", "best", code=2).stderr
    assert "only with --mode auto" in buqi("complete", "x", "--mode", "match", "--threshold", 0.5, code=2).stderr
    assert "only with --mode generate" in buqi("complete", "x", "--allowed", tmp_path / "a.txt", code=2).stderr
    assert "asks no model" in buqi("complete", "x", "--mode", "match", "--model", "y", code=2).stderr


def test_a_file_is_no_address(tmp_path):
    (tmp_path / "customers.xlsx").write_bytes(b"")
    found = buqi("complete", tmp_path / "customers.xlsx", code=2).stderr
    assert "customers.xlsx is a file: complete it with --file" in " ".join(found.split())


def test_the_command_for_a_file_with_blanks_can_be_pasted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "客户 总表.xlsx").write_bytes(b"")
    found = buqi("complete", "客户 总表.xlsx", code=2).stderr
    assert "complete it with --file '客户 总表.xlsx'" in " ".join(found.split())


def test_only_allowed_answers(tiny, tmp_path):
    (tmp_path / "allowed.txt").write_text("甲\n乙\n", encoding="utf-8")
    words = ["complete", "x", "--mode", "generate", "--model", tiny, "--engine", "torch", "--json"]
    found = json.loads(buqi(*words, "--allowed", tmp_path / "allowed.txt").stdout)
    assert found["alternatives"][0]["full"] in ("甲", "乙")
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    assert "no answers in it" in buqi(*words, "--allowed", tmp_path / "empty.txt", code=2).stderr


def test_allowed_answers_of_rows_with_the_probability_of_each(tiny, tuned):
    words = ["complete", "say 5", "--model", tiny, "--adapter", tuned / "out", "--allowed", tuned / "data"]
    done = buqi(*words, "--probabilities", "--json")
    found = json.loads(done.stdout)
    assert "13 answers allowed, those of 24 rows" in done.stderr
    shares = found["probabilities"]
    assert found["answer"] == next(iter(shares)) and abs(sum(shares.values()) - 1) < 0.01
    assert set(shares) == {f"number {i}" for i in range(13)} and list(shares.values()) == sorted(shares.values())[::-1]
    assert "name them" in buqi("complete", "x", "--mode", "generate", "--probabilities", code=2).stderr


def test_contact_and_several_addresses(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))
    line = "王小明 18291234567 扶风法门镇法门寺"
    shown = "陕西省宝鸡市扶风县法门镇法门寺  610324107  99.5 %  王小明  18291234567\n"
    assert buqi("complete", line, "--contact").stdout == shown
    two = "北京市海淀区1号；上海市浦东新区2号"
    found = buqi("complete", two, "--split", "--mode", "match").stdout
    assert found == "北京市海淀区1号  110108\n上海市浦东新区2号  310115\n", "the names alone have no confidence"
    assert "keeps its rows" in buqi("complete", "--file", "a.csv", "--out", "b.csv", "--split", code=2).stderr
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"address\n{line}\n", encoding="utf-8")
    buqi("complete", "--file", source, "--out", target, "--contact")
    assert target.read_text(encoding="utf-8").splitlines()[1].endswith("王小明,18291234567,")
