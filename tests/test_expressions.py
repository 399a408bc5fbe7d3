"""Regular expressions that are compiled at their first use."""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys

import pytest

from buqi.expressions import MADE, Expression, compile_all, expression

# Says which modules that read addresses compile an expression when they are imported.
IMPORT = """
import re, sys
compiled, real = [], re.compile
def compile(*words):
    compiled.append(sys._getframe(1).f_globals["__name__"])
    return real(*words)
re.compile = compile
import buqi.address.completer
assert any(name.startswith("buqi") for name in sys.modules)
print(sorted({name for name in compiled if name.split(".")[:2] in [["buqi", room] for room in sys.argv[1:]]}))
"""


def test_it_does_what_the_compiled_one_does():
    late, text = expression(r"(\d+)号"), "人民路12号34号"
    compiled = re.compile(r"(\d+)号")
    assert late.findall(text) == compiled.findall(text) == ["12", "34"]
    assert late.sub("", text) == compiled.sub("", text) == "人民路"
    assert late.search(text, 6).group(1) == "34"
    assert (late.pattern, late.groups) == (compiled.pattern, 1)
    assert expression("A", re.IGNORECASE).match("a")


def test_it_is_compiled_at_its_first_use(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "buqi.expressions.re.compile", lambda *words: asked.append(words) or re._compiler.compile(*words)
    )
    late = expression("路")
    assert asked == []
    assert late.search("路") and late.search("路") and not late.search("街")
    assert asked == [("路", 0)]


def test_all_are_compiled_before_what_must_not_wait(monkeypatch):
    late = expression("路")
    assert late in MADE
    compile_all()
    monkeypatch.setattr("buqi.expressions.re.compile", None)
    assert late.search("路") and late.match("路")


def test_what_no_expression_has():
    assert not hasattr(expression("路"), "nothing")
    with pytest.raises(re.error):
        Expression("(").search("路")


@pytest.mark.parametrize("used", [False, True])
def test_it_is_copied_and_sent_to_other_processes(used):
    late = expression("路")
    assert not used or late.search("路")
    for other in (copy.deepcopy(late), pickle.loads(pickle.dumps(late))):
        assert other.search("人民路").start() == 2


def test_a_start_compiles_none_of_those_that_read_addresses():
    words = [sys.executable, "-c", IMPORT, "address", "contact", "divisions", "gazetteer"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
