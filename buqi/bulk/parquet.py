"""parquet: Arrow's own batches are copied, and columns are written behind theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import repeat, tee
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.bulk.fields import ADDED, Fields, encodable, is_number, names_beside
from buqi.bulk.table_file import Piece
from buqi.errors import UsageError, explained

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

GROUP_ROWS, GROUP_BYTES = 100_000, 1 << 26  # a row group is written once it has so many rows or bytes
BATCH_ROWS = 5000  # read at once


class Parquet:
    """A parquet file. Types, metadata and compression of its columns stay; row groups get another size."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        import pyarrow.parquet as pq

        self.path, self.added = path, added
        self.filled: Sequence[str] = ()
        self.guesses: list[str] = []
        self.unit: str | None = None  # of INT96 times; None is nanoseconds
        with self._explained(), pq.ParquetFile(path) as file:
            self.schema: pa.Schema = file.schema_arrow
            kinds = [file.schema.column(i).physical_type for i in range(len(file.schema))]
            if "INT96" in kinds and self._overflows():
                self.unit = "us"
                self.guesses.append("its INT96 times are kept to the microsecond: they are too far apart for more")
        with self._explained(), self._file() as file:
            self.schema = file.schema_arrow
        self.columns: list[str] = list(self.schema.names)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `TableFile.pieces`. Rows are numbered from 1."""
        first = 1
        for table in _cut(self._batches(columns), repeat(size)):
            names = table.schema.names
            with self._explained():
                cells = {name: _cells(table.column(names.index(name))) for name in columns}
            yield Piece(range(first, first + table.num_rows), cells)
            first += table.num_rows

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `TableFile.write`."""
        import pyarrow as pa

        schema = pa.schema(self._part_fields)
        columns = [_array(values, kind) for values, kind in zip(zip(*fields, strict=True), schema.types, strict=True)]
        table = pa.Table.from_arrays(columns, schema=schema)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `TableFile.join`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self.schema
        for field in self._added_fields:
            schema = schema.append(field)
        with pq.ParquetWriter(target, schema, compression=self._compression()) as writer:
            waiting, rows, size = [], 0, 0
            for table in self._joined(parts, schema):
                waiting.append(table)
                rows, size = rows + table.num_rows, size + table.nbytes
                if rows >= GROUP_ROWS or size >= GROUP_BYTES:
                    writer.write_table(pa.concat_tables(waiting))
                    waiting, rows, size = [], 0, 0
            if waiting:
                writer.write_table(pa.concat_tables(waiting))

    def _joined(self, parts: Sequence[Path], schema: pa.Schema) -> Iterator[pa.Table]:
        """Yield for each part the file's own rows with the part's columns."""
        import pyarrow as pa

        sizes, added = tee(pa.ipc.open_file(part).read_all() for part in parts)
        tables = _cut(self._batches(None), (len(part) for part in sizes))
        with self._explained():  # columns of different lengths
            for table, more in zip(tables, added, strict=True):
                values = dict(zip(map(self.columns.index, self.filled), more.columns, strict=False))
                own = [self._filled(column, values.get(at)) for at, column in enumerate(table.columns)]
                yield pa.Table.from_arrays([*own, *more.columns[len(self.filled) :]], schema=schema)

    def _filled(self, column: pa.ChunkedArray, values: pa.ChunkedArray | None) -> pa.ChunkedArray:
        """Return a column with the values that are filled in; a column of another type than text stays as it is."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if values is None or not _is_text(_kind(column)):
            return column
        text = pa.large_string()
        return pc.coalesce(values.cast(text), column.cast(_kind(column)).cast(text)).cast(column.type)

    @property
    def _part_fields(self) -> list[pa.Field]:
        """The columns of a part."""
        import pyarrow as pa

        return [*(pa.field(f"filled {name}", pa.string()) for name in self.filled), *self._added_fields]

    @property
    def _added_fields(self) -> list[pa.Field]:
        """The columns that are added to the file's own."""
        import pyarrow as pa

        names = names_beside(self.columns, self.added)
        return [pa.field(name, pa.float64() if is_number(name) else pa.string()) for name in names]

    def _file(self, unit: str | None = None) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path, coerce_int96_timestamp_unit=unit or self.unit)

    def _batches(self, columns: Sequence[str] | None, unit: str | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows with some columns, or with all; ``unit`` of INT96 times if not the file's."""
        chosen = None if columns is None else list(dict.fromkeys(columns))
        with self._explained(), self._file(unit) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=chosen):
                if batch.num_rows:
                    yield batch

    def _overflows(self) -> bool:
        """Return whether a time of the old type INT96 is too far from 1970 for 64 bits of nanoseconds."""
        times = [field.name for field in self.schema if "timestamp" in str(field.type)]
        for nanos, micros in zip(self._batches(times, "ns"), self._batches(times, "us"), strict=True):
            for fine, coarse in zip(_times(nanos.columns), _times(micros.columns), strict=True):
                if abs(_integers(fine) // 1000 - _integers(coarse)).max(initial=0) > 1:
                    return True
        return False

    def _compression(self) -> Any:
        import pyarrow.parquet as pq

        meta = pq.read_metadata(self.path)
        if not meta.num_row_groups or not meta.num_columns:
            return "snappy"
        kind = meta.row_group(0).column(0).compression.lower()
        return {"uncompressed": "none", "lz4_raw": "lz4"}.get(kind, kind)

    def _explained(self) -> AbstractContextManager[None]:
        import pyarrow as pa

        return explained(f"{self.path}: cannot be read", pa.ArrowException, OSError, ValueError, error=UsageError)


def _cut(batches: Iterator[pa.RecordBatch], sizes: Iterable[int]) -> Iterator[pa.Table]:
    """Yield the rows of batches as tables of the given sizes; the last table has the rows that are left."""
    import pyarrow as pa

    rest = None
    for size in sizes:
        taken: list[pa.RecordBatch] = []
        while size and (batch := rest if rest is not None else next(batches, None)) is not None:
            taken.append(batch.slice(0, size))
            rest = batch.slice(size) if batch.num_rows > size else None
            size -= taken[-1].num_rows
        if not taken:
            return
        yield pa.Table.from_batches(taken)


def _times(columns: Iterable[pa.Array]) -> Iterator[pa.Array]:
    """Yield the columns of times, also those inside of lists, maps and structs."""
    import pyarrow as pa

    for column in columns:
        if pa.types.is_timestamp(column.type):
            yield column
        elif pa.types.is_struct(column.type):
            yield from _times(column.flatten())
        elif pa.types.is_map(column.type):
            yield from _times([column.keys, column.items])
        elif pa.types.is_nested(column.type):
            yield from _times([column.flatten()])


def _integers(column: pa.Array) -> NDArray[np.int64]:
    """Return the integers behind a column of times; 0 for null."""
    found: NDArray[np.int64] = column.fill_null(0).cast("int64").to_numpy(zero_copy_only=False)
    return found


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # lone surrogates
        return pa.array([encodable(value) for value in values], kind)


def _cells(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values as Python objects, or all as text where Python has no such value: the year 10000."""
    import pyarrow as pa

    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        kind = _kind(column)
    if _is_text(kind):
        raw = column.cast(kind).cast(pa.large_binary()).to_pylist()  # bytes that are no UTF-8
        return [cell if cell is None else cell.decode("utf-8", "surrogateescape") for cell in raw]
    return list(column.cast(pa.string()).to_pylist())


def _kind(column: pa.ChunkedArray) -> pa.DataType:
    """Return the type of a column's values; of a dictionary-encoded column that of its dictionary."""
    import pyarrow as pa

    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
