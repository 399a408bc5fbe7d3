"""What identifies a base is its values."""

from __future__ import annotations

import pytest

from buqi.base import fingerprint
from buqi.errors import BuqiError


def test_fingerprint_is_of_values_not_files(tiny, other_tiny, tmp_path):
    from transformers import AutoModelForCausalLM

    assert fingerprint(tiny) != fingerprint(other_tiny)
    AutoModelForCausalLM.from_pretrained(tiny).save_pretrained(tmp_path / "again")
    assert fingerprint(tmp_path / "again") == fingerprint(tiny)
    file = tmp_path / "again" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-500])
    with pytest.raises(BuqiError, match="broken safetensors"):
        fingerprint(tmp_path / "again")
