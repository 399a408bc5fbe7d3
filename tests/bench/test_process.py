"""A measurement in a process of its own."""

from __future__ import annotations

import pytest

from buqi.bench.process import measured_alone
from buqi.errors import BuqiError


def test_the_last_line_is_the_result(tmp_path, monkeypatch):
    (tmp_path / "measures.py").write_text("import sys, json; print('noise'); print(json.dumps({'got': sys.argv[1:]}))")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert measured_alone("speed", "measures", "a", "b") == {"got": ["a", "b"]}


def test_what_failed_is_named_with_the_end_of_its_output(tmp_path, monkeypatch):
    (tmp_path / "fails.py").write_text("raise SystemExit('x' * 700 + 'the reason')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(BuqiError, match=r"^speed failed: x{590}the reason$"):
        measured_alone("speed", "fails")
