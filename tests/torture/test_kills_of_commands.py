"""Commands killed, ended and interrupted at random moments.

The old target or the new one is there. The same command then ends with the same bytes, and nothing is left behind.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from buqi.export.gguf_writer import TYPES, write_gguf
from tests.conftest import write_sets
from tests.helpers import PADDLE, buqi, make_adapter, make_paddle_base

TIMED = [
    *("run.json", "seal.json", "parity.json", "m.seal.json", "m.parity.json"),
    *("source.json", "log.jsonl", "curve.png", "report.html", "report.json"),
]
TORCH = ["peft", "torch", "transformers", "gguf", "buqi.export.merge", "buqi.export.quantize", "buqi.export.combine"]
TABLES = ["buqi.bulk", "buqi.bulk.sql", "sqlalchemy", "pyarrow.parquet", "buqi.divisions", "buqi.answering"]
PLACES = ["buqi.synthesis.importing", "buqi.synthesis.country", "buqi.divisions", "buqi.rows", "buqi.places.learning"]
EVALUATE = ["buqi.evaluate.opening", "buqi.evaluate.report", "jinja2", *TORCH]
BASE = "tests.torture.stand_ins:base"
KILLS = 4  # by each of three signals
MIXED = {"mixed": True}  # files are moved one by one; a seal, or --resume, tells
# By name: the words of the command, of the one that made the old target, and what else a `Plan` has. In the words
# PLACE is the folder of the target, IN that of what is read.
COMMANDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sum": (
        "merge --lora_path IN/a1 --lora_path IN/a2 --output_path PLACE/out --model_name_or_path IN/tiny --overwrite",
        "merge --lora_path IN/a1 --output_path PLACE/out --model_name_or_path IN/tiny",
        {"modules": TORCH},
    ),
    "adapter": (
        "merge --lora_path IN/a2 --output_path PLACE/out --model_name_or_path IN/tiny --adapter_only --overwrite",
        "merge --lora_path IN/a1 --output_path PLACE/out --model_name_or_path IN/tiny --adapter_only",
        {"modules": TORCH},
    ),
    "quantize": (
        "quantize IN/tiny --out PLACE/m.gguf --bits 8 --overwrite",
        "quantize IN/tiny --out PLACE/m.gguf --bits 16",
        {"modules": TORCH, **MIXED},
    ),
    "lora": (
        "quantize IN/a2 --base IN/tiny --out PLACE/m.gguf --overwrite",
        "quantize IN/a1 --base IN/tiny --out PLACE/m.gguf",
        {"modules": [*TORCH, "buqi.export.gguf_lora"], **MIXED},
    ),
    "export-paddle": (
        "export-paddle IN/a2 --output_path PLACE/out --model_name_or_path IN/tiny --overwrite",
        "export-paddle IN/a1 --output_path PLACE/out --model_name_or_path IN/tiny",
        {"modules": [*TORCH, "buqi.export.paddle"]},
    ),
    "import-paddle": (
        f"import-paddle {PADDLE}/unified --output_path PLACE/out --model_name_or_path IN/paddle --overwrite",
        f"import-paddle {PADDLE}/pdparams --output_path PLACE/out --model_name_or_path IN/paddle",
        {"modules": [*TORCH, "buqi.export.paddle"]},
    ),
    "build": (
        "data build --out PLACE/rows --region 杭州市 --rows 600 --overwrite",
        "data build --out PLACE/rows --rows 300",
        {"modules": PLACES, **MIXED},
    ),
    "import": (
        "data import IN/in.xlsx --out PLACE/rows --overwrite",
        "data import IN/in.csv --out PLACE/rows --seed 3",
        {"modules": PLACES, **MIXED},
    ),
    "split": (
        "data split IN/data/train.json --out PLACE/rows --overwrite",
        "data split IN/data/dev.json --out PLACE/rows",
        {"modules": PLACES, **MIXED},
    ),
    "divisions": (
        "divisions build --out PLACE/table",
        "",
        {"modules": PLACES, "prepare": "tests.torture.stand_ins:tables"},
    ),
    "learn": (
        "places learn IN/in.csv --source s --memory PLACE/m",
        "places learn IN/few.csv --source s --memory PLACE/m",
        {"modules": PLACES},
    ),
    "workers": (
        "complete --file IN/in.csv --out PLACE/out.csv --workers 2 --overwrite",
        "complete --file IN/in.csv --out PLACE/out.csv --mode match --contact",
        {"modules": TABLES, "resumes": True, **MIXED},
    ),
    "xlsx": (
        "complete --file IN/in.xlsx --out PLACE/out.xlsx --mode match --workers 1 --overwrite",
        "complete --file IN/in.xlsx --out PLACE/out.xlsx --mode match --workers 1 --contact",
        {"modules": TABLES, "resumes": True, **MIXED},
    ),
    "sqlite": (
        "complete --file sqlite:///PLACE/a.db --query SELECT×*×FROM×people×ORDER×BY×n --out done --mode match",
        "",
        {"modules": TABLES, "resumes": True},
    ),
    "evaluate": (
        "evaluate IN/data/train.json --adapter IN/a2 --model IN/tiny --max_new_tokens 4 "
        "--report PLACE/report.html --json-out PLACE/report.json",
        "evaluate IN/data/train.json --adapter IN/a1 --model IN/tiny --max_new_tokens 3 "
        "--report PLACE/report.html --json-out PLACE/report.json",
        {"modules": EVALUATE, **MIXED},
    ),
    "fetch": ("model fetch", "", {"modules": TORCH, "prepare": BASE, "fresh_cache": True}),
    "clear": ("cache clear all", "", {"modules": ["buqi.cache"], "fresh_cache": True}),
    "demo": (
        "demo --out PLACE/demo --rows 50",
        "",
        {"modules": [*EVALUATE, *PLACES, "matplotlib", "buqi.tune.run", "buqi.tune.plan"], "prepare": BASE},
    ),
}


@pytest.fixture(scope="module")
def given(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the commands read."""
    root = tmp_path_factory.mktemp("given")
    shutil.copytree(tiny, root / "tiny")
    for seed in (1, 2):
        make_adapter(tiny, root / f"a{seed}", seed, std=0.02)
    write_gguf(tiny, root / "tiny.gguf", TYPES[8])
    make_paddle_base(root / "paddle")
    write_sets(root / "data", train=40)
    frame = pl.DataFrame({"地址": [f"西安市碑林区文昌路{n}号" for n in range(4000)], "n": range(4000)})
    frame.write_csv(root / "in.csv")
    frame.write_excel(root / "in.xlsx")
    frame.head(9).write_csv(root / "few.csv")
    return root


def lay_out(name: str, root: Path, given: Path) -> None:
    """Put beside the plan what is there before the command runs."""
    shutil.copy(given / "tiny.gguf", root)
    if name == "sqlite":
        (root / "old").mkdir()
        with sqlite3.connect(root / "old" / "a.db") as db:
            db.execute("CREATE TABLE people (n INTEGER, 地址 TEXT)")
            db.executemany("INSERT INTO people VALUES (?, ?)", [(n, f"碑林区{n}号") for n in range(11_000)])
    if name == "clear":
        base = shutil.copytree(given / "tiny", root / "old_cache" / "base" / "embedded-0123456789ab")
        shutil.copytree(base, root / "old_cache" / "gguf" / f"{'0a' * 8}-8")
        for number in range(300):
            (base / f"{number}.bin").write_bytes(b"x" * 999)
        (root / "old_cache" / "base" / "mine").write_text("stays")


def said(words: str, root: Path, given: Path) -> list[str]:
    words = words.replace("PLACE", str(root / "place")).replace("IN/", f"{given}/")
    return [word.replace("×", " ") for word in words.split()]


@pytest.mark.long
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_is_killed_leaves_the_old_or_the_new(given, tmp_path, monkeypatch, name):
    words, before, about = COMMANDS[name]
    about = dict(about)
    (tmp_path / "place").mkdir()
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    if before:
        buqi(*said(before, tmp_path, given))
        (tmp_path / "place").rename(tmp_path / "old")
    lay_out(name, tmp_path, given)
    plan = {"words": said(words, tmp_path, given), "root": str(tmp_path), "kills": KILLS, "timed": TIMED}
    if about.pop("resumes", False):
        plan["again"] = [*plan["words"], "--resume"]
    (tmp_path / "plan.json").write_text(json.dumps(plan | about), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tests.torture.lives", str(tmp_path / "plan.json")],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-3000:]
    found = json.loads(run.stdout)
    print(f"{name}, {found['usual']} s: {found['counts']}")
    assert found["findings"] == [], "\n".join(found["findings"])
