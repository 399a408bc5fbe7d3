"""Runs are shorter: most of their time went into answers of 128 tokens, and into pictures and model cards."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buqi.tune.trainer.ANSWER_TOKENS", 16)
    monkeypatch.setattr("buqi.tune.folder.draw_curve", lambda records, path: path.touch())
    monkeypatch.setattr("peft.PeftModel.create_or_update_model_card", lambda *_: None)
