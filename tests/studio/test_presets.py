"""Presets fit rows and machine, and are configurations that train."""

from __future__ import annotations

from buqi.config import make_config
from buqi.studio.presets import LEAST_STEPS, PRESETS, config_keys, offers


def test_offers_fit_the_rows(data, tiny, monkeypatch):
    monkeypatch.setattr("buqi.tune.estimate.product_rate", lambda: 1e11)
    found = offers(data, str(tiny), "say: {text}")
    assert list(found) == list(PRESETS)
    assert all(offer.steps >= LEAST_STEPS and offer.seconds > 0 and offer.memory_gb > 0.5 for offer in found.values())
    assert found["quick"].steps == LEAST_STEPS <= found["overnight"].steps  # few rows: few steps are enough


def test_a_slow_machine_gets_fewer_steps(data, tiny, monkeypatch):
    (data / "train.json").write_text((data / "train.json").read_text() * 40)
    steps = []
    for rate in (1e6, 1e12):
        monkeypatch.setattr("buqi.tune.estimate.product_rate", lambda rate=rate: rate)
        steps.append(offers(data, str(tiny))["coffee"].steps)
    assert LEAST_STEPS <= steps[0] < steps[1] == 180  # three passes over 960 rows, 16 a step


def test_every_preset_is_a_configuration_with_checkpoints():
    for preset in PRESETS.values():
        for steps, seconds in ((20, 0.1), (5000, 6.0)):
            asked = {"dataset_name_or_path": "d", "output_dir": "o"} | config_keys(preset, steps, seconds)
            config = make_config(asked)
            assert config.max_steps == steps and config.save_steps * seconds <= 600
            assert config.save_steps == config.eval_steps < steps and config.warmup_steps < steps
