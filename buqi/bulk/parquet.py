"""parquet: Arrow's own batches go through, and columns are written behind theirs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import repeat, tee
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.bulk.carrier import Piece, whole
from buqi.bulk.fields import ADDED, Fields, is_number, names_beside
from buqi.errors import UsageError, explained

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS = 100_000  # of a row group that is written
GROUP_BYTES = 1 << 26
BATCH_ROWS = 5000  # read at once


class Parquet:
    """A parquet file. Types, metadata and compression of its columns stay; row groups are cut anew."""

    def __init__(self, path: Path, added: Sequence[str] = ADDED) -> None:
        import pyarrow.parquet as pq

        self.path, self.added = path, added
        self.filled: Sequence[str] = ()
        self.guesses: list[str] = []
        self.unit: str | None = None
        with self._damage(), pq.ParquetFile(path) as file:
            self.schema: pa.Schema = file.schema_arrow
            kinds = [file.schema.column(i).physical_type for i in range(len(file.schema))]
            if "INT96" in kinds and self._overflows():
                self.unit = "us"
                self.guesses.append("its INT96 times are kept to the microsecond: they are too far apart for more")
        with self._damage(), self._file() as file:
            self.schema = file.schema_arrow
        self.columns: list[str] = list(self.schema.names)

    def pieces(self, size: int, columns: Sequence[str]) -> Iterator[Piece]:
        """See `Carrier.pieces`. Rows are numbered from 1."""
        first = 1
        for table in _cut(self._batches(columns), repeat(size)):
            names = table.schema.names
            with self._damage():
                cells = {name: _cells(table.column(names.index(name))) for name in columns}
            yield Piece(range(first, first + table.num_rows), cells)
            first += table.num_rows

    def write(self, path: Path, piece: Piece, fields: Sequence[Fields], safe: bool) -> None:
        """See `Carrier.write`."""
        import pyarrow as pa

        written = self._written
        columns = [_array(values, f.type) for values, f in zip(zip(*fields, strict=True), written, strict=True)]
        table = pa.Table.from_arrays(columns, schema=pa.schema(written))
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)

    def join(self, parts: Sequence[Path], target: Path, safe: bool) -> None:
        """See `Carrier.join`."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self.schema
        for field in self._more:
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
        import pyarrow as pa

        sizes, added = tee(pa.ipc.open_file(part).read_all() for part in parts)
        tables = _cut(self._batches(None), (len(part) for part in sizes))
        with self._damage():  # columns of different lengths
            for table, more in zip(tables, added, strict=True):
                values = dict(zip(self.filled, more.columns, strict=False))
                named = zip(table.columns, self.columns, strict=True)
                own = [self._filled(column, values.get(name)) for column, name in named]
                yield pa.Table.from_arrays([*own, *more.columns[len(self.filled) :]], schema=schema)

    def _filled(self, column: pa.ChunkedArray, values: pa.ChunkedArray | None) -> pa.ChunkedArray:
        """Return a column with the values that its rows get; one of another kind than text stays."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if values is None or not _is_text(_kind(column)):
            return column
        text = pa.large_string()
        return pc.coalesce(values.cast(text), column.cast(_kind(column)).cast(text)).cast(column.type)

    @property
    def _written(self) -> list[pa.Field]:
        """The columns of a part."""
        import pyarrow as pa

        return [*(pa.field(f"filled {name}", pa.string()) for name in self.filled), *self._more]

    @property
    def _more(self) -> list[pa.Field]:
        import pyarrow as pa

        names = names_beside(self.columns, self.added)
        return [pa.field(name, pa.float64() if is_number(name) else pa.string()) for name in names]

    def _file(self, unit: str | None = None) -> Any:
        import pyarrow.parquet as pq

        return pq.ParquetFile(self.path, coerce_int96_timestamp_unit=unit or self.unit)

    def _batches(self, columns: Sequence[str] | None, unit: str | None = None) -> Iterator[pa.RecordBatch]:
        chosen = None if columns is None else list(dict.fromkeys(columns))
        with self._damage(), self._file(unit) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=chosen):
                if batch.num_rows:
                    yield batch

    def _overflows(self) -> bool:
        """Return whether a time of the old kind INT96 is too far away for nanoseconds in 64 bits."""
        times = [field.name for field in self.schema if str(field.type).startswith("timestamp")]
        pairs = zip(self._batches(times, "ns"), self._batches(times, "us"), strict=True)
        return any(
            abs(fine // 1000 - coarse).max(initial=0) > 1
            for both in pairs
            for fine, coarse in zip(*([column.fill_null(0).cast("int64").to_numpy(zero_copy_only=False)
                                       for column in batch.columns] for batch in both), strict=True)
        )  # fmt: skip

    def _compression(self) -> Any:
        import pyarrow.parquet as pq

        meta = pq.read_metadata(self.path)
        if not meta.num_row_groups or not meta.num_columns:
            return "snappy"
        kind = meta.row_group(0).column(0).compression.lower()
        return {"uncompressed": "none", "lz4_raw": "lz4"}.get(kind, kind)

    def _damage(self) -> AbstractContextManager[None]:
        import pyarrow as pa

        return explained(f"{self.path}: cannot be read", pa.ArrowException, OSError, ValueError, error=UsageError)


def _cut(batches: Iterator[pa.RecordBatch], sizes: Iterable[int]) -> Iterator[pa.Table]:
    """Yield tables of so many rows each; the last has what is left."""
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


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a character, or bytes of no encoding
        return pa.array([whole(value) for value in values], kind)


def _cells(column: pa.ChunkedArray) -> list[Any]:
    """Return a column's values for Python, and as text where Python has no such value: nanoseconds, the year 10000."""
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
    """Return the type of a column's values, of a dictionary that of its words."""
    import pyarrow as pa

    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))
