"""A header that does not fit its file is refused before anything counts by it."""

from __future__ import annotations

import struct

import pytest

from buqi.base.gguf_header import check_gguf
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TYPES, write_gguf


@pytest.fixture(scope="module")
def data(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_gguf(tiny, path, TYPES[8])
    check_gguf(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (0, b"GGML", "does not begin with GGUF"),
        (4, struct.pack("<I", 9), "version 9"),
        (8, struct.pack("<Q", 1 << 60), "ends behind the file|dimensions"),
        (16, struct.pack("<Q", 1 << 60), "ends behind the file|type|must be"),
        (24, struct.pack("<Q", 1 << 60), "ends behind the file"),
    ],
)
def test_counts_and_lengths_are_not_believed(data, tmp_path, place, value, message):
    path = tmp_path / "x.gguf"
    path.write_bytes(data[:place] + value + data[place + len(value) :])
    with pytest.raises(BuqiError, match=f"x.gguf: not a readable GGUF file .*({message})|requires a buffer"):
        check_gguf(path)


def test_a_list_as_long_as_the_world_ends_at_once(data, tmp_path):
    path = tmp_path / "x.gguf"
    at = data.index(b"tokenizer.ggml.tokens") + len(b"tokenizer.ggml.tokens") + 4  # behind the type: a list
    assert struct.unpack_from("<I", data, at)[0] == 8
    for inner, count in ((8, 1 << 60), (4, 1 << 60), (9, 3), (77, 3)):
        path.write_bytes(data[:at] + struct.pack("<IQ", inner, count) + data[at + 12 :])
        with pytest.raises(BuqiError, match="not a readable GGUF file"):
            check_gguf(path)


def test_a_cut_file_is_said(data, tmp_path):
    path = tmp_path / "x.gguf"
    for end in (0, 3, 20, 100, len(data) // 2, len(data) - 32):
        path.write_bytes(data[:end])
        with pytest.raises(BuqiError, match="fetch or export it again"):
            check_gguf(path)
