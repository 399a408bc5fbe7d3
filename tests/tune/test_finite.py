from __future__ import annotations

import pytest
import torch

from buqi.tune.finite import FiniteCheck


def parameter(gradient: float | None) -> torch.Tensor:
    made = torch.zeros(2, requires_grad=True)
    made.grad = None if gradient is None else torch.tensor([1.0, gradient])
    return made


def test_finite_steps_are_forgotten_once_looked_at():
    check = FiniteCheck()
    assert check.first_bad() is None
    for number in range(3):
        check.add(number, [], torch.tensor(1.5), [parameter(2.0), parameter(None)])
    assert check.first_bad() is None and not check.waiting and not check.values


@pytest.mark.parametrize(
    ("loss", "gradient", "what"),
    [(float("nan"), 1.0, "loss"), (1.0, float("inf"), "gradient"), (1.0, float("nan"), "gradient")],
)
def test_the_first_step_that_is_not_finite_is_named(loss, gradient, what):
    check = FiniteCheck()
    check.add(1, ["a"], torch.tensor(1.0), [parameter(1.0)])
    check.add(2, ["b"], torch.tensor(loss), [parameter(gradient)])
    check.add(3, ["c"], torch.tensor(float("nan")), [parameter(float("nan"))])
    bad = check.first_bad()
    assert (bad.number, bad.rows, bad.what) == (2, ["b"], what)
    assert not torch.tensor(bad.value).isfinite()


def test_a_run_without_gradients_is_looked_at_by_its_loss():
    check = FiniteCheck()
    check.add(1, [], torch.tensor(1.0), [])
    assert check.first_bad() is None
