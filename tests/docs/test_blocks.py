"""Every command block of the pages runs, on a tiny model that stands for the embedded base.

A block that cannot run in a test has a comment before it that says why: ``<!-- not run: a cluster -->``. Programs that
are not ours (pip, make, docker) are left out.
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from buqi.base import load_tokenizer
from buqi.base.embedded import embedded_folder
from buqi.cli.main import app
from buqi.serve import ServiceSettings, create_app
from buqi.task import Task
from tests.conftest import pairs, write_jsonl
from tests.docs.pages import ROOT, name, pages
from tests.helpers import ADDRESSES, make_adapter

BLOCK = re.compile(r"(?:<!-- not run: ([^\n]+?) -->\n+)?```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("pip", "make", "docker", "ollama", "torchrun", ".", "python", "ruff", "curl")  # programs that are not ours
WRITTEN = ("--out", "--output_path", "--output_dir")


def blocks(path: Path) -> list[tuple[str, list[str]]]:
    """Return the blocks of a page: why one is not run, and its lines."""
    found = BLOCK.findall(path.read_text(encoding="utf-8"))
    return [(why, [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]) for why, block in found]


def runs(path: Path) -> bool:
    return any(not why and any(line.split()[0] not in ELSEWHERE for line in lines) for why, lines in blocks(path))


@pytest.fixture(scope="module")
def desk(tmp_path_factory, tuned, tiny) -> Path:
    """A folder with whatever the pages take as given."""
    desk = tmp_path_factory.mktemp("desk")
    shutil.copytree(ROOT / "configs", desk / "configs")
    frame = pl.DataFrame({"id": range(8), "address": ADDRESSES})
    for stem in ("orders", "customers", "addresses", "客户", "texts"):
        frame.write_csv(desk / f"{stem}.csv")
        frame.write_excel(desk / f"{stem}.xlsx")
        frame.write_parquet(desk / f"{stem}.parquet")
    frame.rename({"address": "收货信息"}).write_excel(desk / "orders.xlsx")
    levels = {"省": ["陕西"], "市": ["西安"], "区": ["碑林区"], "地址": ["长乐路1号"]}
    pl.DataFrame(levels).write_csv(desk / "levels.csv")
    frame.write_database("customer", f"sqlite:///{desk}/shop.db")
    pl.DataFrame({"text": ["a", "b"]}).write_csv(desk / "tickets.csv")
    rows = [{"src": f"Translate: {i}", "tgt": f"{i}!"} for i in range(40)]
    for stem in ("pairs", "table"):
        frame = pl.DataFrame(rows).rename({} if stem == "pairs" else {"src": "问题", "tgt": "类别"})
        frame.write_excel(desk / f"{stem}.xlsx")
        frame.write_csv(desk / f"{stem}.csv")
    write_jsonl(desk / "rows.jsonl", pairs(20))
    intents = {"text": [f"card {n}" for n in range(40)], "category": [f"intent {n % 4}" for n in range(40)]}
    pl.DataFrame(intents).write_csv(desk / "bank.csv")
    turns = [[{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": f"{n}!"}] for n in range(40)]
    write_jsonl(desk / "chats.jsonl", [{"messages": turn} for turn in turns])
    (desk / "answers.txt").write_text("甲\n乙\n", encoding="utf-8")
    for adapter in ("a", "b", "my/adapter", "demo/adapter", "adapter"):
        make_adapter(tiny, desk / adapter, seed=len(adapter))
        (desk / adapter / "run.json").write_text(json.dumps({"base": {"spec": "embedded"}, "identity": adapter}))
    Task("rows", "say: {text}").save(desk / "my/adapter", load_tokenizer(tiny))
    for folder in ("adapters", "places"):
        (desk / folder).mkdir()
    shutil.copytree(tiny, desk / "merged")
    runner = CliRunner()
    for words in (["--out", "data", "--rows", "40"], ["--out", "demo/data", "--rows", "40", "--seed", "9"]):
        assert runner.invoke(app, ["data", "build", *words[:1], str(desk / words[1]), *words[2:]]).exit_code == 0
    return desk


def _begun_and_ended(settings: ServiceSettings, *_: object) -> None:
    """Start a service as `buqi serve` does, and let it go: a page starts several on one folder, one after the other."""
    with TestClient(create_app(settings)):
        pass


@pytest.fixture
def here(desk, tiny, tmp_path, monkeypatch) -> Path:
    """A copy of the desk, in which the tiny model is the embedded base."""
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "places"))
    monkeypatch.setattr("buqi.cli.serve._run", _begun_and_ended)
    monkeypatch.setattr("buqi.cli.studio._run", lambda *_: None)
    shutil.copytree(tiny, embedded_folder())
    shutil.copytree(desk, tmp_path / "desk")
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def run(line: str, here: Path) -> None:
    words = shlex.split(line, comments=True)
    if words[0] != "buqi":
        subprocess.run(["bash", "-c", line], check=True, cwd=here)
        return
    for option, value in itertools.pairwise(words):
        if option in WRITTEN and not {"--resume", "--overwrite"} & set(words):
            target = here / value
            shutil.rmtree(target, ignore_errors=True) if target.is_dir() else target.unlink(missing_ok=True)
            target.with_name(f"{target.name}.review.csv").unlink(missing_ok=True)  # is not replaced either
    if words[1] == "train" and "--resume" not in words:  # each begins anew in the tutorial's folder
        shutil.rmtree(here / "checkpoints", ignore_errors=True)
    done = CliRunner().invoke(app, words[1:])
    said = f"{line}\n{done.output}\n{done.exception!r}"
    assert done.exit_code == 0 or (words[1:3] == ["data", "check"] and done.exit_code == 1), said


@pytest.mark.long
@pytest.mark.parametrize("path", [path for path in pages() if runs(path)], ids=name)
def test_blocks_run(path, here):
    done = 0
    for why, lines in blocks(path):
        for line in lines:
            if not why and line.split()[0] not in ELSEWHERE:
                run(line, here)
                done += 1
    assert done


def test_what_is_not_run_says_why():
    reasons = {why for path in pages() for why, _ in blocks(path) if why}
    known = {"a cluster", "a GPU", "a registry", "an endpoint", "real weights", "minutes", "after a stop"}
    assert reasons <= {*known, "data of your own"}
    assert sum(runs(path) for path in pages()) > 15
