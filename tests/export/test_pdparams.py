"""Of a ``.pdparams`` file only arrays of numbers are built."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from buqi.errors import BuqiError
from buqi.export.pdparams import read_pdparams

SAVED = Path(__file__).parent / "paddle" / "pdparams" / "lora_model_state.pdparams"


def write(path: Path, value: Any, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol))
    return path


def test_what_paddlenlp_saved_is_read():
    found = read_pdparams(SAVED)
    assert all("lora_" in name and value.dtype == np.float32 and value.ndim == 2 for name, value in found.items())
    ranks = {value.shape[1] if "lora_A" in name else value.shape[0] for name, value in found.items()}
    assert len(found) == 2 * 2 * 3 and len(ranks) == 1, "both factors of three layers in two blocks"


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_plain_arrays_and_older_pairs_are_read(tmp_path, protocol):
    one = np.arange(6, dtype=np.float16).reshape(2, 3)
    saved = {"a": one, "b": ("linear_0.w_0", one), "StructuredToParameterName@@": {"a": "linear_0.w_0"}}
    found = read_pdparams(write(tmp_path / "x.pdparams", saved, protocol))
    assert list(found) == ["a", "b"] and all(np.array_equal(value, one) for value in found.values())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": 3}, "'a' is int, no array"),
        ({"a": np.array(["x", None], dtype=object)}, "no array of numbers"),
        ({3: np.ones(2)}, "3 is ndarray"),
        ({}, "holds no arrays"),
        ([np.ones(2)], "holds no arrays"),
        ({"a": Path("x")}, "names pathlib"),
    ],
)
def test_what_is_no_array_is_refused(tmp_path, value, message):
    with pytest.raises(BuqiError, match=message):
        read_pdparams(write(tmp_path / "x.pdparams", value))
