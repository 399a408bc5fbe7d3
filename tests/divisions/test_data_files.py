"""Shipped lists are read, compressed or not."""

from __future__ import annotations

import gzip
import lzma

import pytest

from buqi.divisions.data_files import data_text, decompressed
from buqi.divisions.table import FORMER_FILE, SHAPE_FILE, TABLE_FILE, VILLAGE_FILE


@pytest.mark.parametrize("file", [TABLE_FILE, FORMER_FILE, VILLAGE_FILE, SHAPE_FILE])
def test_every_line_of_a_list_has_cells(file):
    assert all("\t" in line for line in data_text(file).splitlines())


def test_another_room_has_lists_too():
    assert data_text("roads.tsv", "gazetteer").splitlines()


@pytest.mark.parametrize(
    ("file", "compress"), [("a.tsv", bytes), ("a.tsv.gz", gzip.compress), ("a.tsv.xz", lzma.compress)]
)
def test_the_suffix_says_how_a_file_is_compressed(file, compress):
    assert decompressed(file, compress(b"x")) == b"x"
