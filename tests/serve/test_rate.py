"""A client's bucket empties and fills again, by a clock that the test sets."""

from __future__ import annotations

from buqi.serve.rate import CLIENTS, Rate


def test_a_bucket_fills_again(monkeypatch):
    clock = 100.0
    monkeypatch.setattr("buqi.serve.rate.time.monotonic", lambda: clock)
    rate = Rate(100, 2)
    assert rate.wait("a") == rate.wait("a") == 0 and abs(rate.wait("a") - 0.01) < 1e-9
    clock += 0.011
    assert rate.wait("a") == 0 < rate.wait("a") and rate.wait("b") == 0


def test_only_so_many_clients_are_remembered():
    rate = Rate(1, 1)
    for number in range(CLIENTS + 5):
        rate.wait(str(number))
    assert len(rate.buckets) == CLIENTS and "0" not in rate.buckets
