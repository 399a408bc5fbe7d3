"""The package is built as design.md says: which rooms there are, who may import whom, where tests stand."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

from tests.docs.pages import ROOT

PACKAGE = ROOT / "buqi"
LONGEST_FILE, LONGEST_FUNCTION = 350, 60  # lines
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
DESIGN = (ROOT / "docs" / "background" / "design.md").read_text(encoding="utf-8")


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.Module) -> set[str]:
    """The rooms that a module imports anywhere, also inside functions."""
    names = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.split(".")[1] for name in names if name.startswith("buqi.")} & set(map(room, MODULES))


def imports() -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for path, tree in TREES.items():
        found[room(path)] |= imported(tree) - {room(path)}
    return found


def test_imports_go_one_way():
    said = re.search(r"Imports go one way: (.*?)\. A room", DESIGN, re.DOTALL)
    assert said is not None
    groups = [re.findall(r"\w+", group) for group in said[1].split("→")]
    at = {name: number for number, group in enumerate(groups) for name in group}
    assert set(at) == {*map(room, MODULES)} - {"__main__"}, "every room has its place"
    up = {f"{one} → {other}" for one, others in imports().items() for other in others if at.get(one, -1) >= at[other]}
    assert up == set()


def test_addresses_are_answered_without_an_engine():
    known, reached, waiting = imports(), set(), ["address"]
    while waiting:
        if (name := waiting.pop()) not in reached:
            reached.add(name)
            waiting += known[name]
    assert "engine" not in reached and "base" not in reached


def test_every_room_is_described():
    rows = re.findall(r"^\| (`.*?) \|", DESIGN, re.MULTILINE)
    told = {name.strip("/").removesuffix(".py") for row in rows for name in re.findall(r"`([\w/]+(?:\.py)?)`", row)}
    rooms = {path.name for path in PACKAGE.iterdir() if path.is_dir() and (path / "__init__.py").is_file()}
    assert rooms - told == set()


def test_every_module_has_its_test_file():
    owned = [path.relative_to(PACKAGE) for path in MODULES if path.stem not in ("__init__", "__main__")]
    assert [str(path) for path in owned if not (ROOT / "tests" / path.parent / f"test_{path.name}").is_file()] == []


def test_files_and_functions_can_be_overlooked():
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {str(path): length for path, length in lengths.items() if length > LONGEST_FILE} == {}
    functions = [
        (path, node)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]
    assert [
        f"{path}: {node.name}" for path, node in functions if node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ] == []


def test_no_public_class_has_the_name_of_another():
    names = Counter(
        node.name
        for tree in TREES.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, times in names.items() if times > 1] == []
