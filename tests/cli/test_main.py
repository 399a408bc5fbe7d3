"""How commands end: results, messages, exit codes; never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from buqi.cli.main import with_home
from tests.helpers import buqi, buqi_process


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
    for words in (["complete", "x"], ["mcp"], ["serve"], ["places", "show", "x"]):
        said = buqi(*words, "--memory", tmp_path / "none", code=2).stderr
        assert "none: no such folder; buqi places learn" in " ".join(said.split())
    buqi("nothing", code=2)


def test_a_process_of_its_own_ends_in_the_same_way():
    words = ["complete", "x", "--mode", "match", "--threshold", 0.5]
    assert buqi_process(*words, code=2).stderr == buqi(*words, code=2).stderr
    assert buqi_process("complete", "碑林区1号", "--mode", "match").stdout == "陕西省西安市碑林区1号  610103\n"


def test_the_commands_say_so(tmp_path):
    assert "--resume: only with --file" in buqi("complete", "x", "--resume", code=2).stderr
    assert "--max_new_tokens: only with --mode generate" in buqi("complete", "x", "--max_new_tokens", 3, code=2).stderr
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"input": "碑林区1号", "province": "陕西省"}\n', encoding="utf-8")
    for words, message in (
        (["--memory", tmp_path], "--memory: only with auto in --compare"),
        (["--adapter", tmp_path], "--adapter: only with tuned or generate in --compare"),
        (["--no_rows"], "--no_rows: only with --report or --json_out"),
        (["--model_rows", 3], "--model_rows: only with a model in --compare"),
        (["--endpoint", "host/v1#m"], "--endpoint host/v1#m: expected http://host/v1#model"),
        (["--benchmark"], "expected a file of rows, or --benchmark, not both"),
    ):
        assert message in buqi("evaluate", rows, "--compare", "match", *words, code=2).stderr
    assert "no model is served" in buqi("serve", "--engine", "torch", code=2).stderr
    assert "--others: only with --gguf" in buqi("bench", "engines", tmp_path, "--others", code=2).stderr
    assert "--limit: only with --rows" in buqi("quantize", "x", "--out", "y.gguf", "--limit", 3, code=2).stderr
    merging = ["merge", "--lora_path", "x", "--output_path", "y", "--combination", "linear"]
    assert "--combination: only with several --lora_path" in buqi(*merging, code=2).stderr


def ended(words, **given):
    """Return how a command in a process of its own ended, and what it said."""
    command = [sys.executable, "-m", "buqi", *words]
    run = subprocess.run(command, stderr=subprocess.PIPE, timeout=300, check=False, **given)
    return run.returncode, run.stderr.decode()


WORDS = (["--version"], ["cache", "show", "--json"], ["divisions", "show", "碑林区"])


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("words", WORDS)
def test_a_disk_without_room_for_what_is_printed_is_told(words, buffered):
    with open("/dev/full", "w") as full:
        code, said = ended(words, stdout=full, env=os.environ | {"PYTHONUNBUFFERED": buffered})
    assert code == 1 and "standard output" in said and "disk full" in said and "ignored" not in said


@pytest.mark.parametrize("words", WORDS)
def test_a_reader_that_has_left_is_no_trouble(words):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as gone:
        code, said = ended(words, stdout=gone)
    assert code == 1 and "ignored" not in said and "Traceback" not in said


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_what_a_terminal_cannot_show_is_escaped(encoding):
    words, shown = ["complete", "𠮷林区1号", "--mode", "match"], {"env": os.environ | {"PYTHONIOENCODING": encoding}}
    code, said = ended(words, stdout=subprocess.DEVNULL, **shown)
    assert code == 0 and "Error" not in said


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory: you")])
def test_memory_that_runs_out_is_no_defect(monkeypatch, error):
    def app():
        raise error

    monkeypatch.setattr("buqi.cli.main.app", app)
    assert "out of memory" in buqi("cache", "show", code=1).stderr


def test_a_long_name_is_not_told_back():
    for words in (["divisions", "show"], ["places", "show"]):
        assert len(buqi(*words, "x" * 10_000, code=1).stderr) < 500


def test_a_file_whose_name_is_no_text(tmp_path):
    source, target = (tmp_path / os.fsdecode(name.encode("gbk")) for name in ("源.csv", "果.csv"))
    source.write_text("地址\n碑林区1号\n", encoding="utf-8")
    words = ["complete", "--file", source, "--out", target, "--mode", "match"]
    assert ended(words, stdout=subprocess.DEVNULL)[0] == 0
    assert target.read_text(encoding="utf-8").startswith("地址,province")
    assert ended([*words, "--json", "--overwrite"], stdout=subprocess.DEVNULL)[0] == 0


def test_the_home_folder_behind_an_option(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    found = [with_home(text) for text in ("--out=~/a b", "--out=~", "--out=a~/b", "~/a=b", "--text=~x", "--json")]
    assert found == ["--out=/home/me/a b", "--out=/home/me", "--out=a~/b", "~/a=b", "--text=~x", "--json"]


def test_ctrl_c_is_told(monkeypatch):
    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr("buqi.cache.cache_parts", stop)
    assert buqi("cache", "show", code=1).stderr == "buqi: stopped\n"
