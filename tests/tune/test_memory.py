"""How many tokens a GPU takes, with one that is told of."""

from __future__ import annotations

import pytest

from buqi.config import make_config
from buqi.task import Encoded
from buqi.tune import memory
from buqi.tune.memory import gpu_positions, needs_recompute, product_positions, token_bytes, tokens_at_once
from tests.config import MINIMUM

SHAPE = {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24}  # of Qwen2.5-0.5B


@pytest.fixture
def card(monkeypatch):
    """A GPU with so many free bytes."""

    def give(free: float) -> None:
        monkeypatch.setattr(memory, "gpu", lambda: True)
        monkeypatch.setattr("buqi.config.keys.gpu", lambda: True)
        monkeypatch.setattr("buqi.config.keys.gpu_bf16", lambda: True)
        monkeypatch.setattr(memory, "_free", lambda: int(free))

    return give


def config(**changes: object):
    return make_config(MINIMUM | {"lora": True} | changes)


def test_a_cpu_takes_what_is_configured():
    assert tokens_at_once(config(), SHAPE, True) == 384
    assert tokens_at_once(config(bf16=True), SHAPE, True) == 1024
    assert product_positions(151_936) == 329 and product_positions(10**9) == 64


def test_a_larger_card_takes_more(card):
    sizes = []
    for free in (8e9, 80e9):
        card(free)
        sizes.append(tokens_at_once(config(fp16=True), SHAPE, True))
        assert tokens_at_once(config(fp16=True), SHAPE, False) < sizes[-1], "PEFT keeps more"
        assert tokens_at_once(config(), SHAPE, True) < sizes[-1], "fp32 is twice as large"
        assert tokens_at_once(config(fp16=True, pack_tokens=500), SHAPE, True) == 500
    assert sizes[1] > 4 * sizes[0] > 10_000
    assert gpu_positions(151_936) == pytest.approx(80e9 / 8 / 12 / 151_936, rel=0.01)


def test_activations_are_computed_twice_only_where_memory_asks_for_it(card):
    step = [Encoded([0] * 60, [True] * 60)] * 640
    assert needs_recompute(config(recompute=True, fp16=True), SHAPE, step), "on a CPU as configured"
    assert not needs_recompute(config(fp16=True), SHAPE, step)
    card(80e9)
    assert not needs_recompute(config(recompute=True, fp16=True), SHAPE, step)
    card(8e9)
    assert needs_recompute(config(recompute=True, fp16=True), SHAPE, step)
    assert not needs_recompute(config(fp16=True), SHAPE, step)


def test_a_full_card_takes_the_least(card):
    card(1e6)
    assert tokens_at_once(config(fp16=True), SHAPE, True) == 1024
    assert gpu_positions(151_936) == 64


def test_less_is_kept_fused_and_recomputed():
    plain = token_bytes(config(bf16=True), SHAPE, True)
    assert plain < token_bytes(config(bf16=True), SHAPE, False) / 3
    assert token_bytes(config(bf16=True, recompute=True), SHAPE, True) < plain / 3
    assert 500e3 < plain < 1e6, "bytes of a token of the 0.5B model"
