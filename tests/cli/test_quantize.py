"""``quantize`` writes a GGUF file and says what changed."""

from __future__ import annotations

import json

from tests.conftest import write_jsonl
from tests.helpers import buqi


def test_quantize(tiny, tmp_path):
    rows = write_jsonl(tmp_path / "rows.json", [{"src": "补齐五级行政地址: 碑林区1号", "tgt": "x"}])
    words = ["quantize", tiny, "--rows", rows, "--out", tmp_path / "m.gguf"]
    done = buqi(*words, "--bits", 16)
    assert "of 1 answers" in done.stdout and "m.Modelfile" in done.stderr
    assert "--overwrite" in buqi(*words, code=2).stderr
    found = json.loads(buqi(*words, "--overwrite", "--json").stdout)
    assert found["types"] == {"layers": "Q8_0", "embedding": "Q8_0"}
