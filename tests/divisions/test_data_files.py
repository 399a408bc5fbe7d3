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
    ("file", "data"), [("a.tsv", b"x"), ("a.tsv.gz", gzip.compress(b"x")), ("a.tsv.xz", lzma.compress(b"x"))]
)
def test_the_suffix_says_how_a_file_is_compressed(file, data):
    assert decompressed(file, data) == b"x"
