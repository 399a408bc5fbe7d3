"""An index is made once, whole, and again when it is not what was written or what is asked for."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from buqi.indexes import drop, kept, kept_lists, mapped, packed, shipped
from buqi.indexes.store import MOST, _said, index_folder
from buqi.owner import Owner, host_hash

VALUES = {"numbers": np.arange(100_000), "texts": packed(["文一西路", "中央路"]), "none": np.zeros(0, np.int32)}


@pytest.fixture
def folder(cache) -> Path:
    _said.clear()
    return cache / "indexes"


class Made:
    """Makes `VALUES` and counts how often."""

    times = 0

    def __call__(self):
        self.times += 1
        return VALUES


def same(found) -> bool:
    return found.keys() == VALUES.keys() and all(
        np.array_equal(found[name], VALUES[name]) and found[name].dtype == VALUES[name].dtype for name in VALUES
    )


def test_an_index_is_made_once_and_says_so(folder, capsys):
    make = Made()
    assert all(same(kept("numbers", "abc", make)) for _ in range(3)) and make.times == 1
    assert capsys.readouterr().err == f"buqi: making indexes, once; they are kept in {folder}\n"
    assert [path.name for path in folder.iterdir()] == ["numbers-abc.safetensors"]
    assert (folder / "numbers-abc.safetensors").stat().st_mode & 0o777 == 0o600 and folder.stat().st_mode & 0o077 == 0
    with pytest.raises(ValueError, match="read-only"):
        kept("numbers", "abc", make)["numbers"][0] = 1


def test_later_commands_do_not_say_it_again_for_other_indexes(folder, capsys):
    kept("numbers", shipped(), Made())
    assert "making indexes, once" in capsys.readouterr().err
    for name, source in (("roads", shipped()), ("memory", "abc"), ("sounds", f"{shipped()}-1")):
        _said.clear()  # another command
        kept(name, source, Made())
    assert capsys.readouterr().err == ""


def test_another_source_is_another_index_and_the_oldest_are_removed(folder):
    make = Made()
    for number in range(MOST + 2):
        kept("numbers", f"source{number}", make)
        os.utime(folder / f"numbers-source{number}.safetensors", (number, number))
    kept("other", "source0", make)
    assert make.times == MOST + 3
    assert sorted(path.name for path in folder.glob("numbers-*")) == [
        f"numbers-source{number}.safetensors" for number in range(2, MOST + 2)
    ]
    drop("numbers")
    assert [path.name for path in folder.iterdir()] == ["other-source0.safetensors"]


def test_a_flipped_bit_is_found_wherever_it_is(folder):
    make, rng = Made(), random.Random(1)
    kept("numbers", "abc", make)
    path = folder / "numbers-abc.safetensors"
    whole = path.read_bytes()
    places = [*range(0, 400, 7), *(rng.randrange(len(whole)) for _ in range(40)), len(whole) - 1]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << rng.randrange(8)
        path.write_bytes(broken)
        assert same(kept("numbers", "abc", make))
        assert path.read_bytes() == whole, "it was made again"
    assert make.times - 1 == len(places)


@pytest.mark.parametrize("content", [b"", b"PK", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"\x04\0\0\0\0\0\0\0[[1]]"])
def test_a_foreign_file_is_made_anew(folder, content):
    folder.mkdir(parents=True)
    (folder / "numbers-abc.safetensors").write_bytes(content)
    assert same(kept("numbers", "abc", Made()))
    assert mapped(folder / "numbers-abc.safetensors")[1]["index"].startswith("numbers abc ")


def test_an_index_under_another_ones_name_is_not_taken(folder):
    make = Made()
    kept("numbers", "abc", lambda: {"numbers": np.zeros(3)})
    shutil.copy(folder / "numbers-abc.safetensors", folder / "numbers-new.safetensors")
    assert same(kept("numbers", "new", make)) and make.times == 1


def test_without_a_cache_it_is_made_each_time(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "file" / "cache"))
    _said.clear()
    make = Made()
    assert same(kept("numbers", "abc", make)) and same(kept("numbers", "abc", make)) and make.times == 2
    assert index_folder() is None
    assert capsys.readouterr().err.count("indexes are made at each start") == 1
    drop("numbers")


def test_what_cannot_be_written_is_used_all_the_same(folder, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("buqi.indexes.store.private", full)
    assert same(kept("numbers", "abc", Made()))
    assert "No space left on device" in capsys.readouterr().err
    assert not folder.exists()


def test_lists_of_several_names(folder):
    found = kept_lists("roads", lambda: {"whole": {"中山路": ["3201", "31"]}, "akin": {"中山": ["31"]}})
    assert found["whole"]["中山路"] == ["3201", "31"] and dict(found["akin"]) == {"中山": ["31"]}
    assert [path.name for path in folder.iterdir()] == [f"roads-{shipped()}.safetensors"]


PROGRAM = """
import sys, time
import numpy as np
from buqi.indexes import kept

def make():
    print("making", flush=True)
    time.sleep(float(sys.argv[1]))
    return {"numbers": np.arange(1_000_000)}

print(int(kept("numbers", "abc", make)["numbers"].sum()), flush=True)
"""


def start(seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(seconds)], stdout=subprocess.PIPE, text=True)


def test_of_several_processes_one_makes_it_and_the_others_wait(folder):
    told = [process.communicate(timeout=120)[0].split() for process in [start(1.0) for _ in range(3)]]
    assert [words[-1] for words in told] == ["499999500000"] * 3
    assert sum(words.count("making") for words in told) == 1
    assert [path.name for path in folder.iterdir()] == ["numbers-abc.safetensors"]


def test_a_process_that_is_killed_leaves_nothing_that_is_taken_for_an_index(folder):
    killed = start(60)
    assert killed.stdout is not None and killed.stdout.readline() == "making\n"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    words = start(0).communicate(timeout=50)[0].split()  # it does not wait `PATIENCE` for the dead
    assert words == ["making", "499999500000"]
    assert [path.name for path in folder.iterdir()] == ["numbers-abc.safetensors"]


def test_what_a_killed_process_was_writing_is_removed(folder):
    folder.mkdir(parents=True)
    dead = Owner(999_999_999, "1", host_hash())
    half = folder / f".numbers-abc.safetensors.{dead.tag}.abcdef.part"
    half.write_bytes(b"half")
    assert start(0).communicate(timeout=120)[0].split() == ["making", "499999500000"]
    assert not half.exists() and len(list(folder.iterdir())) == 1
