"""A wheel in a new environment without extras: every command works, or names the extra that it needs."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
COPIED = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "buqi")
ADDRESS = "扶风法门镇法门寺"


def run(*words: object, cwd: Path, code: int = 0, **environment: str) -> str:
    plain = {
        name: os.environ[name] for name in ("PATH", "LANG", "SSL_CERT_FILE", "PIP_CONFIG_FILE") if name in os.environ
    }
    done = subprocess.run(
        [*map(str, words)], cwd=cwd, env=plain | environment, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def make_wheel(folder: Path, names: tuple[str, ...], **environment: str) -> Path:
    """Return a wheel made of some files of the repository and nothing else."""
    source, out = folder / "source", folder / "wheel"
    source.mkdir()
    for name in names:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    words = (sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", source, "-w", out)
    run(*words, cwd=folder, HOME=str(Path.home()), **environment)
    (found,) = out.glob("buqi-*.whl")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, made of what the container copies and nothing else."""
    return make_wheel(tmp_path_factory.mktemp("plain"), COPIED)


READ = """
import hashlib, random
import buqi.address.verdict as verdict
from buqi.address.completer import Completer
from buqi.places.memory import empty_memory
completer, draw = Completer(empty_memory()), random.Random(3)
table = completer.matcher.table
names = [table.path(town.code).full for town in draw.sample(list(table.at("town")), 1500)]
texts = [name[draw.randrange(len(name)):] + draw.choice(["", "人民路3号", "，中国", "(旁)"]) for name in names] + names
answers = [answer.as_json() for answer in completer.complete_all(texts)]
assert {answer["decided"] for answer in answers} >= {"table", "evidence"}
print(verdict.__file__.rpartition(".")[2], hashlib.sha256(repr(answers).encode()).hexdigest())
"""


@pytest.mark.long
def test_a_compiled_wheel_answers_as_the_plain_one(tmp_path):
    made = make_wheel(tmp_path, (*COPIED, "setup.py"), BUQI_COMPILE="1")
    run(sys.executable, "-m", "zipfile", "-e", made, "site", cwd=tmp_path)
    told = {}
    for place in (tmp_path / "site", ROOT):
        words = run(sys.executable, "-c", READ, cwd=tmp_path, PYTHONPATH=str(place), HOME=str(Path.home()))
        ending, digest = words.split()[:2]  # behind them it may be said that indexes are made
        told[ending] = digest
    assert set(told) == {"so", "py"}
    assert told["so"] == told["py"]


def test_what_is_compiled(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("setuptools.setup", lambda: None)
    modules = runpy.run_path("setup.py")["modules"]()
    assert {"buqi/divisions/lexicon.py", "buqi/address/verdict.py", "buqi/address/evidence/doors.py"} <= set(modules)
    for module in modules:  # a compiled class would make it anew each time that it is asked for
        assert "cached_property" not in ast.unparse(ast.parse(Path(module).read_text(encoding="utf-8"))), module


@pytest.mark.long
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_a_new_environment(wheel, tmp_path, version):
    if (python := shutil.which(f"python{version}", path="/usr/bin:/usr/local/bin")) is None:
        pytest.skip(f"no Python {version} here")
    run(python, "-m", "venv", "new", cwd=tmp_path)
    there = tmp_path / "new" / "bin"
    pip = [there / "python", "-m", "pip", "install", "--quiet", "--constraint", ROOT / "constraints.txt"]
    run(*pip, wheel, cwd=tmp_path, HOME=str(Path.home()))

    def buqi(*words: object, code: int = 0) -> str:
        return run(there / "buqi", *words, cwd=tmp_path, code=code, HOME=str(tmp_path))

    assert re.match(r"buqi \d+\.\d+\.\d+", buqi("--version"))
    assert "陕西省宝鸡市扶风县法门镇法门寺  610324107  99.5 %" in buqi("complete", ADDRESS)
    says = "import buqi; print(buqi.complete('碑林区1号').codes['county'], buqi.__version__)"
    assert run(there / "python", "-c", says, cwd=tmp_path, HOME=str(tmp_path)).startswith("610103 ")
    frame = f"import polars as pl; f = pl.DataFrame({{'address': ['{ADDRESS}']}})"
    run(there / "python", "-c", f"{frame}; f.write_csv('a.csv'); f.write_parquet('a.parquet')", cwd=tmp_path)
    for kind in ("csv", "parquet"):
        assert "1 row" in buqi("complete", "--file", f"a.{kind}", "--out", f"out.{kind}")
    for words, package in (
        (["serve"], "fastapi"),
        (["studio"], "gradio"),
        (["mcp"], "mcp"),
        (["complete", "--file", "a.csv", "--out", "ray", "--ray", "local"], "ray[data]"),
        (["complete", "--file", "sqlite:///a.db", "--query", "SELECT 1 AS a ORDER BY a", "--out", "b"], "sqlalchemy"),
        (["complete", "x", "--mode", "generate", "--engine", "openvino"], "openvino-genai"),
        (["complete", "x", "--mode", "generate", "--engine", "llamacpp"], "xllamacpp"),
    ):
        said = buqi(*words, code=1)
        assert "pip install" in said and f"'{package}>=" in said, words
    hint = said.partition(": pip ")[2].strip()  # the last one, as it is told
    run(there / "python", "-m", "pip", *shlex.split(hint), "--quiet", cwd=tmp_path, HOME=str(Path.home()))
    assert "needs xllamacpp" not in buqi("complete", "x", "--model", "none.gguf", "--engine", "llamacpp", code=2)


def test_no_older_python_is_promised_than_the_libraries_take():
    """transformers is asked for from a version on, so what it takes is what buqi takes."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    promised = re.search(r'^requires-python = ">=(3\.\d+)"', text, re.MULTILINE).group(1)
    for package in ("transformers", "peft", "accelerate", "torch"):
        assert SpecifierSet(metadata.metadata(package)["Requires-Python"]).contains(f"{promised}.99"), package
    assert re.findall(r"Python :: (3\.\d+)", text)[0] == promised
    for page in ("install.md", "zh.md"):
        assert f"Python {promised} " in (ROOT / "docs/start" / page).read_text(encoding="utf-8")
