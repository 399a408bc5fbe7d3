"""Every relative link and image of every page leads somewhere, to a heading too where it names one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, name, pages, prose

LINK = re.compile(r"\]\(([^)\s]+)\)")


def headings(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", title.lower()) for title in titles]
    return {title.replace(" ", "-") for title in plain}


def broken(path: Path) -> list[str]:
    found = []
    for link in LINK.findall(re.sub(r"`[^`]*`", "", prose(path))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        if not there.exists() or (anchor and anchor not in headings(there)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", pages(), ids=name)
def test_links_lead_somewhere(path):
    assert broken(path) == []


@pytest.mark.parametrize("path", pages(), ids=name)
def test_code_that_pages_name_is_there(path):
    named = re.findall(r"`((?:\w+/)+(?:\w+\.(?:py|yaml))?)`", prose(path))
    rooms = path.name == "design.md"  # elsewhere a folder may be one that a command writes
    code = [text for text in named if rooms or not text.endswith("/")]
    assert [text for text in code if not any((above / text).exists() for above in (ROOT, ROOT / "buqi"))] == []


def test_every_page_is_reached_from_the_readmes():
    reached, waiting = set(), [ROOT / "README.md", ROOT / "README.zh.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md":
            continue
        reached.add(path)
        targets = [link.partition("#")[0] for link in LINK.findall(prose(path)) if "://" not in link]
        waiting += [there for target in targets if target and (there := (path.parent / target).resolve()).is_file()]
    assert [name(path) for path in pages() if name(path).startswith("docs/") and path not in reached] == []


def test_pages_that_the_code_names_exist():
    named = {}
    for path in [*(ROOT / "buqi").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile"]:
        for page in re.findall(r"docs/[\w/-]+\.(?:md|html|ipynb|py)", path.read_text(encoding="utf-8")):
            named.setdefault(page, name(path))
    assert named, "the code names some"
    assert {page: where for page, where in named.items() if not (ROOT / page).is_file()} == {}
