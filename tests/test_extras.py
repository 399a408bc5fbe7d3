"""What an error says to install works wherever buqi came from: it names the packages of the extra."""

from __future__ import annotations

import re
import shlex
from importlib import metadata
from pathlib import Path

import pytest

from buqi.extras import install

ROOT = Path(__file__).parents[1]
EXTRA = re.compile(r"install\('([a-z]+)'\)")
LISTED = re.compile(r"^([a-z]+) = (\[.*\])$", re.MULTILINE)


def extras() -> dict[str, list[str]]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    return {name: re.findall(r'"([^"]+)"', packages) for name, packages in LISTED.findall(section)}


@pytest.mark.parametrize("extra", sorted(extras()))
def test_the_packages_of_an_extra_are_named(extra):
    program, action, *packages = shlex.split(install(extra))
    assert (program, action) == ("pip", "install")
    assert sorted(packages) == sorted(extras()[extra])


def test_every_hint_is_of_an_extra_that_exists():
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "buqi").rglob("*.py")]
    asked = {extra for text in texts for extra in EXTRA.findall(text)}
    assert {"serve", "studio", "ray", "sql"} <= asked <= set(extras())


def test_nothing_says_that_buqi_is_on_a_registry():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "buqi").rglob("*.py")]
    told = [path.name for path in pages if re.search(r"pip install '?buqi(\[|'|$)", path.read_text(encoding="utf-8"))]
    assert told == []


def test_a_folder_that_was_never_installed(monkeypatch):
    def missing(name: str) -> list[str]:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert install("ray") == "pip install '.[ray]' in the folder of buqi's source"
