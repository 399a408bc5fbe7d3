"""Pages that are made by a script are what it prints, and pages can be read."""

from __future__ import annotations

import importlib.util
import json
import re
from types import ModuleType

import pytest

import buqi
from tests.docs.pages import FENCE, ROOT, name, pages

LONGEST = 700  # characters of a paragraph


def loaded(script: str) -> ModuleType:
    path = ROOT / "docs" / script
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("script", "made", "page"),
    [
        ("background/make_benchmarks.py", "page", "background/benchmarks.md"),
        ("background/make_benchmarks.py", "kinds_page", "background/kinds.md"),
        ("reference/make_cli.py", "page", "reference/cli.md"),
        ("reference/make_config.py", "page", "reference/config.md"),
    ],
)
def test_made_pages_are_what_their_script_makes(script, made, page):
    shown = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert shown == getattr(loaded(script), made)(), f"python docs/{script} makes docs/{page}"


def test_the_example_of_a_kind_of_evidence_is_its_file():
    file = "buqi/address/evidence/landmarks.py"
    shown = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split(f"+++ b/{file}\n")[1].split("\n--- a/")[0]
    assert shown == "\n".join(f"+{line}" for line in (ROOT / file).read_text(encoding="utf-8").splitlines())


def test_what_a_comparison_wrote_is_taken_over():
    shares = {"right": 0.5, "wrong": 0.25, "refused": 0.25}
    of = {"rows": 4, **shares, "intervals": {key: [0.1, 0.9] for key in shares}, "exact_match": 0.5}
    whole = {"rows": 4, "rows_per_second": 200.0, "by_slice": {"none": of, "road_only": of | {"right": 0.75}}}
    origin = {"command": "buqi evaluate --benchmark", "date": "2026-11-28", "rows_sha256": "0"}
    record = {"rows": 4, "origin": origin | {"seen": "a folder of this machine"}, "answers": [1]}
    module = loaded("background/make_benchmarks.py")
    taken = json.loads(module.taken(record | {"contestants": {"tuned": whole | {"coverage": [1]}}}))
    assert taken == {"origin": origin, "contestants": {"tuned": whole}}
    text = module.open_benchmark({"title": "T", "about": "a"}, taken)
    assert "| `tuned`, the model (4 rows a kind) | 62.5 | 25.0 | 25.0 | 5 |" in text
    assert "| [`none`](kinds.md#none) | 50.0 (25.0) |" in text and "`buqi evaluate --benchmark`." in text


def test_every_figure_says_when_and_how():
    page = (ROOT / "docs" / "background" / "benchmarks.md").read_text(encoding="utf-8")
    sections = page.split("\n## ")[1:]
    assert len(sections) >= 3
    for section in sections:
        assert re.search(r"20\d\d-\d\d-\d\d", section)
        assert re.search(r"\b[0-9a-f]{7}\b", section)
        assert re.search(r"`(?:buqi|make|python) ", section)


def test_a_row_of_another_width_is_refused():
    module = loaded("background/make_benchmarks.py")
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
