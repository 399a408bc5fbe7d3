"""Compiled parts give what plain ones give; where compiling fails, plain ones go on."""

from __future__ import annotations

import pytest
import torch

from buqi.tune import products
from buqi.tune.compiled import Compiling, elementwise
from buqi.tune.fused import FusedModel
from tests.tune.test_fused import adapted, assert_alike, rows_of


@pytest.fixture
def compiling(monkeypatch) -> Compiling:
    """Compiling as on a GPU, with graphs that torch runs itself: it takes a second instead of a minute."""
    asked = Compiling()
    asked.wanted, asked.devices, asked.backend = True, {"cpu"}, "aot_eager"
    monkeypatch.setattr("buqi.tune.compiled.compiling", asked)
    return asked


def test_the_step_is_the_same(tiny, tmp_path, compiling):
    model = adapted(tiny, tmp_path)
    for rows in (rows_of(tiny), rows_of(tiny)[:3]):
        assert_alike(model, FusedModel(model, torch.float32), rows)
    assert compiling.wanted, "nothing failed"
    assert set(compiling.made) == {
        "normed", "normed_gradient", "gated", "gated_gradient", "rotated", "softmax_of", "scores_gradient",
        "_slice_gradient",
    }  # fmt: skip


def test_what_cannot_be_compiled_goes_on_plain_and_it_is_said_once(compiling, recwarn):
    compiling.backend = "no such backend"
    y = torch.randn(3, 8)
    for _ in range(2):
        torch.testing.assert_close(products.gated(y), torch.nn.functional.silu(y[:, :4]) * y[:, 4:])
    said = [str(w.message) for w in recwarn if "going on without it" in str(w.message)]
    assert len(said) == 1 and said[0].startswith("torch.compile failed (") and not compiling.wanted


def test_a_full_memory_is_no_failure_of_compiling(compiling):
    compiling.backend = "eager"

    @elementwise
    def full(tensor: torch.Tensor) -> None:
        raise torch.OutOfMemoryError("full")

    with pytest.raises(torch.OutOfMemoryError):
        full(torch.zeros(1))
    assert compiling.wanted


def test_nothing_is_compiled_unasked(compiling):
    compiling.devices = {"cuda"}
    products.gated(torch.randn(3, 8))
    assert compiling.made == {}
