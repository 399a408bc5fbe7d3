"""The speed of trainers side by side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from buqi.bench import training
from buqi.bench.training import TrainingLoad, TrainingSpeed, compare, lines, measure
from buqi.errors import UsageError


def speed(trainer: str, seconds: list[float], losses: list[float]) -> TrainingSpeed:
    return TrainingSpeed(trainer, 4, seconds, losses, 1.5)


def test_buqi_and_transformers_lose_alike(tiny, monkeypatch, capsys):
    def here(what: str, module: str, *arguments: str) -> dict[str, Any]:
        training.main(*arguments)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    monkeypatch.setattr(training, "measured_alone", here)  # to start a process takes longer than to train
    load = TrainingLoad(str(tiny), rows=4, steps=2, rank=4, micro=2)
    found = compare(load, ["trainer"])
    assert list(found["speeds"]) == ["buqi", "trainer"]
    assert all(len(s["losses"]) == 3 and len(s["seconds"]) == 2 for s in found["speeds"].values())
    assert found["largest_loss_difference"]["trainer"] < 1e-3
    assert found["ratios"]["buqi"] == 1


def test_ratios_and_gaps_come_from_the_medians(monkeypatch):
    speeds = {"buqi": speed("buqi", [1, 1, 9], [2, 1]), "trl": speed("trl", [2, 2, 2], [2, 1.25])}
    monkeypatch.setattr(training, "measure", lambda trainer, load: speeds[trainer])
    monkeypatch.setattr(training, "find_spec", lambda name: name)
    said: list[str] = []
    found = compare(TrainingLoad("base", rows=4, micro=2), ["trl"], said.append)
    assert found["ratios"] == {"buqi": 1, "trl": 2}
    assert found["largest_loss_difference"] == {"buqi": 0, "trl": 0.25}
    assert said == ["buqi: 5 steps of 4 rows", "trl: 5 steps of 4 rows"]
    first, second = lines(found)
    assert "4.00 rows/s" in first and "times" not in first
    assert "buqi is 2.00 times as fast, largest loss difference 2.5e-01" in second


def test_each_trainer_is_measured_in_a_process_of_its_own(monkeypatch):
    asked = []
    monkeypatch.setattr(training, "measured_alone", lambda *given: asked.append(given) or vars(speed("trl", [1], [2])))
    assert measure("trl", TrainingLoad("base", rows=4)) == speed("trl", [1], [2])
    ((what, module, trainer, load),) = asked
    assert (what, module, trainer) == ("trl", training.__name__, "trl")
    assert TrainingLoad(**json.loads(load)) == TrainingLoad("base", rows=4)


def test_refusals_come_before_anything_is_measured(monkeypatch):
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"--against trl: is not installed; pip install 'trl"):
        compare(TrainingLoad("base"), ["trl"])
    with pytest.raises(UsageError, match="whole micro-batches"):
        compare(TrainingLoad("base", rows=16, micro=5), [])
    with pytest.raises(UsageError, match="expected some of buqi, trainer, trl"):
        compare(TrainingLoad("base"), ["fast"])
