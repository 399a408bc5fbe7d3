"""How large a parquet file is once read."""

from __future__ import annotations

import subprocess
import sys

import polars as pl
import pytest

from buqi.serve import parquet_size


def size_is(path, most: int) -> int:
    command = [sys.executable, parquet_size.__file__, str(path), str(most)]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["碑" * 100] * 1000),
        pl.Series(["碑" * 100] * 1000, dtype=pl.Categorical),
        pl.Series([b"x" * 300] * 1000),
        pl.Series([[1.5] * 38] * 1000),
        pl.Series([{"a": "x" * 300}] * 1000),
    ],
)
def test_sizes(column, tmp_path):
    pl.DataFrame({"a": column}).write_parquet(tmp_path / "a.parquet")
    assert size_is(tmp_path / "a.parquet", 400_000) == 0
    assert size_is(tmp_path / "a.parquet", 200_000) == parquet_size.TOO_LARGE


def test_rows_count_and_what_is_no_parquet_is_neither(tmp_path):
    pl.DataFrame({"a": [None] * 1000}).write_parquet(tmp_path / "a.parquet")
    assert (
        size_is(tmp_path / "a.parquet", 7999) == parquet_size.TOO_LARGE and size_is(tmp_path / "a.parquet", 8000) == 0
    )
    (tmp_path / "b.parquet").write_bytes(b"PAR1PAR1")
    assert size_is(tmp_path / "b.parquet", 8000) not in (0, parquet_size.TOO_LARGE)
