"""Rows are built, imported, checked, split and shown."""

from __future__ import annotations

import json
import subprocess
import sys
import time

from typer.testing import CliRunner

from buqi.cli.main import app
from buqi.lock import claimed
from buqi.rows import read_rows
from tests.conftest import pairs, write_jsonl
from tests.helpers import ADDRESSES, buqi


def test_data_build_check_split(tmp_path):
    done = buqi("data", "build", "--region", "西安市", "--rows", 100, "--out", tmp_path / "d")
    assert "70 train, 15 dev, 15 test" in done.stdout
    report = json.loads(buqi("data", "check", tmp_path / "d", "--json").stdout)
    assert report["clean"]
    assert report["task"] == "address"
    assert "no train.json, dev.json or test.json in it" in buqi("data", "check", tmp_path, code=2).stderr
    buqi("data", "split", tmp_path / "d" / "train.json", "--out", tmp_path / "s")
    assert (tmp_path / "s" / "test.json").is_file()
    words = ["data", "split", tmp_path / "d" / "train.json", "--out", tmp_path / "s"]
    before = (tmp_path / "s" / "test.json").read_bytes()
    assert "holds train.json, dev.json, test.json; name another --out" in buqi(*words, "--seed", 3, code=2).stderr
    assert (tmp_path / "s" / "test.json").read_bytes() == before
    buqi(*words, "--seed", 3, "--overwrite")
    assert (tmp_path / "s" / "test.json").read_bytes() != before
    (tmp_path / "d" / "dev.json").write_text((tmp_path / "d" / "train.json").read_text())
    done = buqi("data", "check", tmp_path / "d", code=1)
    assert "leaks: " in done.stdout and "dev.json" in done.stderr and "delete seal.json" in done.stderr


def test_a_killed_build_leaves_nothing(tmp_path):
    words = ["data", "build", "--region", "西安市", "--rows", "300000", "--out", str(tmp_path / "d")]
    with subprocess.Popen([sys.executable, "-m", "buqi", *words], stderr=subprocess.DEVNULL) as building:
        while not (drafts := list(tmp_path.glob(".*.part"))):
            assert building.poll() is None
            time.sleep(0.05)
        building.kill()
    assert [path.name.startswith(".d.") for path in drafts] == [True] and not list(drafts[0].iterdir())
    buqi("data", "build", "--region", "西安市", "--rows", 20, "--out", tmp_path / "d")
    assert [path.name for path in tmp_path.iterdir()] == ["d"]


def test_the_country_has_kinds_of_its_own(tmp_path):
    done = buqi(
        "data", "build", "--region", "全国", "--rows", 60, "--out", tmp_path / "d", "--damage", "zone,known_road"
    )
    assert "42 train, 9 dev, 9 test rows over" in done.stdout
    kinds = {row.meta["damage"] for row in read_rows(tmp_path / "d" / "train.json")}
    assert kinds == {"zone", "known_road"}
    words = ["data", "build", "--out", tmp_path / "e", "--damage", "typo,lost"]
    assert "damage lost: expected some of prefix_missing" in buqi(*words, code=2).stderr


def test_data_preview(tiny, tmp_path):
    path = write_jsonl(tmp_path / "r.json", pairs(2))
    done = buqi("data", "preview", path, "--row", 2, "--model", tiny)
    assert "say 1" in done.stdout
    assert "trained" in done.stdout
    assert "has 2 rows" in buqi("data", "preview", path, "--row", 9, "--model", tiny, code=2).stderr


def test_the_command_writes_sets_and_a_report(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(ADDRESSES), encoding="utf-8")
    result = CliRunner().invoke(app, ["data", "import", str(tmp_path / "a.txt"), "--out", str(tmp_path / "rows")])
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "rows" / "import.json").read_text(encoding="utf-8"))
    assert sum(report["rows"].values()) == 8
    assert {p.name for p in (tmp_path / "rows").iterdir()} == {
        "train.json", "dev.json", "test.json", "import.json", "seal.json",
    }  # fmt: skip


def test_pairs_are_taken_as_they_are(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("src,tgt\n" + "".join(f"问{i},答{i}\n" for i in range(10)) + "x,\n", encoding="utf-8")
    target = tmp_path / "rows"
    arguments = ["data", "import", str(path), "--out", str(target), "--prompt-template", "{text}", "--json"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["left_out"] == {"incomplete": 1}
    assert sum(report["rows"].values()) == 10


def test_columns_of_other_names_are_taken(tmp_path):
    path, target = tmp_path / "a.csv", str(tmp_path / "rows")
    path.write_text("问题,类别\n" + "".join(f"问{i},答{i % 3}\n" for i in range(10)), encoding="utf-8")
    words = ["data", "import", str(path), "--out", target, "--prompt-template", "{text}"]
    for options, message in (
        ([], "--prompt_template: only for rows of src and tgt"),
        (["--src", "问题"], "--src and --tgt: name both columns"),
        (["--src", "问题", "--tgt", "类"], "no column 类; it has 问题, 类别"),
        (["--src", "问题", "--column", "类别"], "--column: only for addresses"),
    ):
        assert message in str(CliRunner().invoke(app, [*words, *options]).exception), options
    refused = CliRunner().invoke(app, ["data", "import", str(path), "--out", target])
    assert "with --src and --tgt" in str(refused.exception)
    result = CliRunner().invoke(app, [*words, "--src", "问题", "--tgt", "类别", "--json"])
    assert result.exit_code == 0, result.output
    assert sum(json.loads(result.stdout)["rows"].values()) == 10


def test_what_is_kept_and_what_is_guessed_is_told(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes("".join(f'{{"question": "问{i}", "answer": "答", "id": {i}}}\n' for i in range(9)).encode("gbk"))
    done = buqi("data", "import", path, "--out", tmp_path / "rows")
    assert "kept, not trained: id" in done.stdout
    assert "a.jsonl: read as GBK (GB18030); --encoding names another" in done.stderr
    assert json.loads((tmp_path / "rows" / "import.json").read_bytes())["kept"] == {"id": 9}
    rows = tmp_path / "rows" / "train.json"
    gbk = tmp_path / "gbk.json"
    gbk.write_bytes(rows.read_text(encoding="utf-8").encode("gbk"))
    assert "gbk.json: read as GBK" in buqi("data", "check", gbk).stderr
    assert "read as" not in buqi("data", "check", rows).stderr
    assert "read as" not in buqi("data", "check", gbk, "--encoding", "gbk").stderr


def test_rows_are_not_replaced_by_a_part_of_themselves(tmp_path):
    rows = tmp_path / "train.json"
    rows.write_text("".join(f'{{"src": "a{n}", "tgt": "b"}}\n' for n in range(20)))
    (tmp_path / "link.json").symlink_to(rows)
    was = rows.read_text()
    for words in (["split", rows], ["import", rows], ["import", tmp_path / "link.json"]):
        said = buqi("data", *words, "--out", tmp_path, "--overwrite", code=2).stderr
        assert "would be replaced by a part of itself" in " ".join(said.split())
    own = tmp_path / "own" / "import.json"
    own.parent.mkdir()
    own.write_text(was)
    assert "holds import.json" in buqi("data", "split", rows, "--out", own.parent, code=2).stderr
    assert rows.read_text() == own.read_text() == was


def test_conflicting_answers_are_told(tmp_path):
    rows = [("发票", "账单"), ("发票", "售后"), ("退货", "售后"), ("退货", "物流"), ("快递", "物流"), ("快递", "账单")]
    path = tmp_path / "q.csv"
    path.write_text("问题,标签\n" + "".join(f"{q},{a}\n" for q, a in rows), encoding="utf-8")
    words = ["data", "import", path, "--src", "问题", "--tgt", "标签", "--overwrite", "--out", tmp_path / "d"]
    said = buqi(*words, "--prompt_template", "类别：{text}").stdout
    assert "conflicts: 3 rows with the src of another row and another tgt" in said
    assert f"{path}:3: same src as {path}:2, another tgt" in said and said.count("another tgt") == 3
    told = json.loads(buqi(*words, "--json").stdout)["conflicts"]
    assert len(told) == 3 and json.loads((tmp_path / "d" / "import.json").read_text())["conflicts"] == told


def test_a_set_that_an_import_left_empty_is_passed_over(tmp_path):
    path = write_jsonl(tmp_path / "few.jsonl", pairs(1))
    assert "test is empty" in buqi("data", "import", path, "--out", tmp_path / "d").stderr
    checked = buqi("data", "check", tmp_path / "d")
    assert "1 train" in checked.stdout and "test is empty" in checked.stderr


def test_a_second_one_that_writes_into_the_folder_is_told(tmp_path):
    write_jsonl(tmp_path / "rows.jsonl", pairs(40))
    words = ["data", "split", tmp_path / "rows.jsonl", "--out", tmp_path / "s"]
    with claimed(tmp_path / "s"):
        assert "busy there" in buqi(*words, code=1).stderr
        assert "busy there" in buqi("data", "build", "--rows", 10, "--out", tmp_path / "s", code=1).stderr
    assert not (tmp_path / "s").exists()
    buqi(*words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.jsonl", "s"]
