"""Each part's gradient against autograd's, in 64 bits."""

from __future__ import annotations

import torch
from torch.nn.functional import linear, rms_norm, silu

from buqi.tune.products import gated, gated_gradient, normed, normed_gradient, product, product_gradient, rotated


def numbers(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


def test_a_product_with_its_factors():
    torch.manual_seed(0)
    x, weight, a, b = numbers(5, 6), torch.randn(4, 6, dtype=torch.float64), numbers(2, 6), numbers(4, 2)
    right = linear(x, weight) + linear(linear(x, a), b)
    y, h = product(x.detach(), weight, a.detach(), b.detach())
    torch.testing.assert_close(y, right)
    g = torch.randn_like(y)
    right.backward(g)
    found = product_gradient(g, x.detach(), weight, a.detach(), b.detach(), h)
    for mine, parameter in zip(found, (x, a, b), strict=True):
        torch.testing.assert_close(mine, parameter.grad)
    assert product_gradient(g, x.detach(), weight, a.detach(), b.detach(), h, wanted=False)[0] is None


def test_a_product_without_factors():
    x, weight = torch.randn(5, 6), torch.randn(4, 6)
    y, h = product(x, weight, None, None)
    assert torch.equal(y, linear(x, weight)) and h is None
    gx, ga, gb = product_gradient(y, x, weight, None, None, None)
    assert torch.equal(gx, y @ weight) and ga is None and gb is None


def test_the_norm():
    torch.manual_seed(0)
    x, weight = torch.randn(5, 8, requires_grad=True), torch.randn(8)
    right = rms_norm(x, (8,), weight, 1e-6)
    torch.testing.assert_close(normed(x.detach(), weight, 1e-6), right)
    g = torch.randn(5, 8)
    right.backward(g)
    torch.testing.assert_close(normed_gradient(g, x.detach(), weight, 1e-6), x.grad)


def test_the_norm_of_16_bits_is_computed_in_32():
    x = (torch.randn(5, 8) * 300).bfloat16()
    exact = rms_norm(x.float(), (8,), torch.ones(8), 1e-6)
    assert torch.equal(normed(x, torch.ones(8), 1e-6), exact.bfloat16())
    assert normed_gradient(x, x, torch.ones(8), 1e-6).dtype == torch.bfloat16


def test_swiglu():
    torch.manual_seed(0)
    y = numbers(5, 8)
    right = silu(y[:, :4]) * y[:, 4:]
    torch.testing.assert_close(gated(y.detach()), right)
    g = torch.randn_like(right)
    right.backward(g)
    again, gradient = gated_gradient(g, y.detach())
    torch.testing.assert_close(again, right)
    torch.testing.assert_close(gradient, y.grad)


def test_positions_are_turned_and_turned_back():
    torch.manual_seed(0)
    heads, angle = numbers(5, 2, 6), torch.randn(5, 1, 3, dtype=torch.float64)
    cos, sin = torch.cat([angle.cos()] * 2, 2), torch.cat([angle.sin()] * 2, 2)
    there = rotated(heads, cos, sin)
    g = torch.randn_like(there)
    there.backward(g)
    torch.testing.assert_close(rotated(g, cos, sin, back=True), heads.grad)
    torch.testing.assert_close(rotated(there, cos, sin, back=True), heads)
