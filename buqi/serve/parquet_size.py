"""How large a parquet file is once read; run as a program of its own, which may use only so much memory.

A few bytes of a parquet file can stand for any number of cells, and what its footer says of them may be false, which
only reading it shows. ``python parquet_size.py FILE MOST`` ends with 0 if the file has at most ``MOST`` bytes,
with `TOO_LARGE` if it has more, and with anything else if it cannot be read.
"""

from __future__ import annotations

import os
import resource
import sys

TOO_LARGE = 3
MEMORY = 4_000_000_000  # bytes of address space for Python, polars and its threads, beside what the file may have
CELL_BYTES = 8  # of a number, a date, or what stands for a text


def main(path: str, most: int) -> int:
    """Return the exit status for a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY + 2 * most, MEMORY + 2 * most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ["POLARS_MAX_THREADS"] = "2"
    import polars as pl

    table = pl.scan_parquet(path, glob=False)
    columns = table.collect_schema()
    rows = table.select(pl.len()).collect().item()  # as the footer says
    if rows * len(columns) * CELL_BYTES > most:
        return TOO_LARGE
    texts = [name for name, kind in columns.items() if kind in (pl.String, pl.Categorical, pl.Enum)]
    sizes = [pl.col(name).cast(pl.String).str.len_bytes().cast(pl.Int64).sum() for name in texts]
    sizes += [pl.col(name).bin.size().cast(pl.Int64).sum() for name, kind in columns.items() if kind == pl.Binary]
    found = table.select(sizes).collect(engine="streaming") if sizes else pl.DataFrame()
    total = sum(int(value or 0) for name in found.columns for value in found[name])
    for name in (n for n, kind in columns.items() if kind.is_nested()):
        total += int(table.select(name).collect().estimated_size())
    return TOO_LARGE if total > most else 0


if __name__ == "__main__":
    del sys.path[0]  # this folder, whose modules are not meant by their short names
    try:
        sys.exit(main(sys.argv[1], int(sys.argv[2])))
    except MemoryError:
        sys.exit(TOO_LARGE)
