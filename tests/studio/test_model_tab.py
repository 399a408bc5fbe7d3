"""Merging, quantising and who answers, without a browser."""

from __future__ import annotations

import pytest

from buqi.errors import UsageError
from buqi.studio import model_tab
from tests.helpers import buqi


def test_merge_comes_before_the_file(run):
    model_tab._quantize(run, "r", 8)
    model_tab._quantize(run, "r", 4)
    jobs = run.studio.queue.all()[::-1]
    assert [job.kind for job in jobs] == ["merge", "quantize", "quantize"]
    assert model_tab._shell(run, "r", 8).count("buqi ") == 3
    for job in jobs[:2]:
        buqi(*job.words)
    shown = model_tab._results(run)
    assert "r-8bit.gguf" in shown and "100.0% of the choices are equal" in shown and "of their tokens stay" in shown
    with pytest.raises(UsageError, match="merged already"):
        model_tab._merge(run, "r")
    with pytest.raises(UsageError, match="is there already"):
        model_tab._quantize(run, "r", 8)


def test_who_answers_is_kept(run):
    assert model_tab._answering(run)[0][1] == ""
    model_tab._switch(run, "r")
    assert run.studio.answers_with() == "r" == model_tab._answering(run)[0][1]
    assert "r</p>" in model_tab._ask(run, "say 1")


@pytest.mark.parametrize("proof", ["", "{", "[]", "{}", '{"positions": 1}', '{"equal_answers": "x", "logits": []}'])
def test_a_broken_proof_is_told_in_its_place(run, proof):
    models = run.studio.folder.models
    (models / "m").mkdir()
    (models / "m" / "config.json").write_text("{}")
    for path in (models / "m" / "parity.json", models / "q.parity.json"):
        path.write_text(proof)
    (models / "q.gguf").write_text("x")
    assert str(model_tab._results(run)).count("parity.json: ") == 2
