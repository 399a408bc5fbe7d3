"""Files of rows whose columns have types: parquet and xlsx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from buqi.bulk.fields import ADDED, Fields, names_beside


class _Frames:
    """What parquet and xlsx have in common: pieces are frames with types."""

    schema: pl.Schema
    columns: list[str]
    added: Sequence[str]

    def cells(self, piece: Sequence[dict[str, Any]], column: str) -> list[Any]:
        """See `TableFile.cells`."""
        return [row[column] for row in piece]

    def write(self, path: Path, piece: Sequence[dict[str, Any]], added: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        names = names_beside(self.columns, self.added)
        left = pl.DataFrame(list(piece), schema=self.schema, orient="row")
        kinds = {name: pl.Float64 if name.endswith("confidence") else pl.String for name in names}
        right = pl.DataFrame([list(more) for more in added], schema=kinds, orient="row")
        left.hstack(right).write_parquet(path)


class Parquet(_Frames):
    """A parquet file, read by row ranges."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        self.path, self.added = path, added
        self.schema = pl.Schema(pl.read_parquet_schema(path))
        self.columns = list(self.schema)
        self.rows = pl.scan_parquet(path).select(pl.len()).collect().item()

    def pieces(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """See `TableFile.pieces`."""
        for at in range(0, self.rows, size):
            yield pl.scan_parquet(self.path).slice(at, size).collect().to_dicts()

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
        if not parts:
            self.write(target, [], [], safe)
            return
        pl.scan_parquet(list(parts)).sink_parquet(target, maintain_order=True)


class SheetFile(_Frames):
    """One sheet of an xlsx file."""

    def __init__(self, path: Path, sheet: str | None, added: Sequence[str] = ADDED) -> None:
        from buqi.rows.cells import read_sheet

        self.path, self.added = path, added
        self.frame = read_sheet(path, sheet)
        self.schema, self.columns = self.frame.schema, self.frame.columns

    def pieces(self, size: int) -> Iterator[list[dict[str, Any]]]:
        """See `TableFile.pieces`."""
        for piece in self.frame.iter_slices(size):
            yield piece.to_dicts()

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`. Texts are written as texts, never as formulas."""
        import xlsxwriter

        options = dict.fromkeys(("constant_memory", "nan_inf_to_errors"), True)
        options |= dict.fromkeys(("strings_to_formulas", "strings_to_urls"), False)
        with xlsxwriter.Workbook(target, options) as book:
            page = book.add_worksheet()
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            page.write_row(0, 0, [*self.columns, *names_beside(self.columns, self.added)])
            at = 1
            for part in parts:
                for row in pl.read_parquet(part).iter_rows():
                    for column, value in enumerate(row):
                        if hasattr(value, "isoformat"):
                            page.write(at, column, value, day)
                        elif value is not None:
                            page.write(at, column, value if isinstance(value, (int, float, str)) else str(value))
                    at += 1
