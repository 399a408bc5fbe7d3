"""A memory of names, and a classifier that trains in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from buqi.places import learn, training
from buqi.places.classifier import Classifier
from buqi.places.training import train
from tests.places.examples import ADDRESSES, ORDERS


@pytest.fixture
def quick(monkeypatch):
    """Train in seconds."""
    for name, value in {"WIDTH": 16, "PASSES": 30, "BATCH": 64, "KNOWN": 1, "DROPPED": 0.2}.items():
        monkeypatch.setattr(training, name, value)


@pytest.fixture
def trained(quick) -> Classifier:
    return train([text for text, _ in ADDRESSES], [code for _, code in ADDRESSES])


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    learn(ORDERS, "orders", tmp_path / "places")
    return tmp_path / "places"
