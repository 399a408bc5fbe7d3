"""Pages that are made by a script are what it prints, and pages can be read."""

from __future__ import annotations

import importlib.util
import re

import pytest

import buqi
from tests.docs.pages import FENCE, ROOT, name, pages

LONGEST = 700  # characters of a paragraph


def made_by(script: str) -> str:
    path = ROOT / "docs" / script
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.page()


@pytest.mark.parametrize(
    ("script", "page"),
    [("background/make_benchmarks.py", "background/benchmarks.md"), ("reference/make_cli.py", "reference/cli.md")],
)
def test_made_pages_are_what_their_script_prints(script, page):
    shown = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert shown == made_by(script), f"python docs/{script} > docs/{page}"


def test_every_figure_says_when_and_how():
    page = (ROOT / "docs" / "background" / "benchmarks.md").read_text(encoding="utf-8")
    sections = page.split("\n## ")[1:]
    assert len(sections) >= 4
    for section in sections:
        assert re.search(r"20\d\d-\d\d-\d\d", section)
        assert re.search(r"\b[0-9a-f]{7}\b", section)
        assert re.search(r"`(?:buqi|make|python) ", section)


def test_a_row_of_another_width_is_refused():
    path = ROOT / "docs" / "background" / "make_benchmarks.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    record = {"title": "T", "about": "a", "columns": ["x", "y"], "rows": [["1", "2"], ["3"]]}
    with pytest.raises(ValueError, match="2 columns"):
        module.table(record)


@pytest.mark.parametrize("path", [p for p in pages() if "buqi" not in p.relative_to(ROOT).parts], ids=name)
def test_paragraphs_are_short(path):
    text = FENCE.sub("", path.read_text(encoding="utf-8"))
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n|\n(?=- |\d+\. |\|)", text)]
    assert [p for p in paragraphs if len(p) > LONGEST and not p.startswith("|")] == []


def test_examples_of_slices_are_answered(tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path))
    page = (ROOT / "docs" / "start" / "slices.md").read_text(encoding="utf-8")
    rows = [[cell.strip(" *") for cell in line.split("|")] for line in page.splitlines()]
    examples = {row[1][:2]: row[4:6] for row in rows if len(row) > 6 and re.match(r"[SN]\d ", row[1])}
    assert list(examples) == ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "N1", "N2", "N3", "N4", "N5", "N6"]
    for text, right in examples.values():
        assert buqi.complete(text).full.startswith(right), text
