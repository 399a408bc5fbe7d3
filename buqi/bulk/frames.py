"""Completing lists, polars and pandas columns: ``buqi.complete(…)``, ``pl.col("x").buqi.complete()``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

import polars as pl

from buqi.address import Completion
from buqi.answering import AddressAnswerer, AnswerOptions
from buqi.bulk.columns import find_columns
from buqi.bulk.fields import added_columns, is_number, names_beside, text_of
from buqi.bulk.filler import ColumnFiller
from buqi.divisions.address_column import SAMPLE, Sample
from buqi.errors import UsageError, in_python
from buqi.task import ADDRESS

WITHOUT_MODEL = ("auto", "match")
AskedColumn = str | Sequence[str] | None  # one column, several, or None: they are found


@overload
def complete(
    data: str,
    column: None = None,
    *,
    mode: str = ...,
    memory: Path | str | None = ...,
    threshold: float | None = ...,
    contact: bool = ...,
) -> Completion: ...
@overload
def complete(
    data: list[str] | list[str | None] | tuple[str | None, ...],
    column: None = None,
    *,
    mode: str = ...,
    memory: Path | str | None = ...,
    threshold: float | None = ...,
    contact: bool = ...,
) -> list[Completion]: ...
@overload
def complete(
    data: pl.DataFrame | pl.Series,
    column: str | Sequence[str] | None = ...,
    *,
    mode: str = ...,
    memory: Path | str | None = ...,
    threshold: float | None = ...,
    contact: bool = ...,
    fill: bool = ...,
) -> pl.DataFrame: ...
@overload
def complete(
    data: Any,
    column: str | Sequence[str] | None = ...,
    *,
    mode: str = ...,
    memory: Path | str | None = ...,
    threshold: float | None = ...,
    contact: bool = ...,
    fill: bool = ...,
) -> Any: ...
@in_python()
def complete(
    data: Any,
    column: str | Sequence[str] | None = None,
    *,
    mode: str = "auto",
    memory: Path | str | None = None,
    threshold: float | None = None,
    contact: bool = False,
    fill: bool = False,
) -> Any:
    """Complete addresses.

    Args:
        data: one text, a list of texts (``None`` and NaN are empty texts), a polars or pandas Series, or a DataFrame.
        column: the DataFrame's column with the addresses, or several of which each holds a level
            (``省,市,区,地址``, or a list of them); found by their names and contents if not given.
        mode: ``auto`` (table, memory and evidence are weighed) or ``match`` (only the names of the table count).
        memory: folder of ``buqi places``; the default one if not given.
        threshold: confidence below which no answer is given.
        contact: whether name, telephone and postcode are read apart from the address.
        fill: whether the answer goes into the empty cells of a DataFrame's columns of levels; then only confidence,
            status and notes are added.

    Returns:
        A `Completion` for a text, a list of them for a list. For a Series a DataFrame of the same library, with the
        columns of `ADDED` (and three more with ``contact``). For a DataFrame the same frame with these columns behind
        its own. pandas keeps the index.

    Raises:
        UsageError: no such mode or column, or data of another kind.
    """
    options = _options(mode, memory, threshold, contact)
    if isinstance(data, pl.DataFrame):
        return _polars(data, _as_text(column), options, fill)
    if fill and (isinstance(data, (str, list, tuple, pl.Series)) or getattr(data, "ndim", 2) != 2):
        raise UsageError("fill: only for a DataFrame with columns of levels")
    if isinstance(data, str):
        return _completions([data], options)[0]
    if isinstance(data, pl.Series):
        return _frame(data, options)
    if isinstance(data, (list, tuple)):
        return _completions([_text(cell) for cell in data], options)
    return _pandas(data, _as_text(column), options, fill)


def _text(cell: Any) -> str:
    """Return an item of a list as text: ``""`` for ``None`` and for what pandas has in an empty cell (NaN, NA, NaT)."""
    if isinstance(cell, str):
        return cell
    is_missing = (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")
    return "" if is_missing else text_of(cell)[0]


def _options(mode: str, memory: Path | str | None, threshold: float | None, contact: bool) -> AnswerOptions:
    if mode not in WITHOUT_MODEL:
        raise UsageError(f"mode {mode}: expected {' or '.join(WITHOUT_MODEL)}")
    return AnswerOptions(mode, Path(memory) if memory else None, threshold, contact=contact)


def _as_text(column: Any) -> AskedColumn:
    """Return names of columns as text; pandas may name them by numbers."""
    if isinstance(column, (list, tuple)):
        return [str(name) for name in column]
    return None if column is None else str(column)


def _pandas(data: Any, column: AskedColumn, options: AnswerOptions, fill: bool) -> Any:
    try:
        import pandas as pd
    except ImportError:
        pd = None
    if pd is None or not isinstance(data, (pd.Series, pd.DataFrame)):
        raise UsageError(f"{type(data).__name__}: expected text, a list, or a polars or pandas Series or DataFrame")

    def cells(series: Any) -> list[Any]:
        return [None if pd.isna(cell) else cell for cell in series.tolist()]

    if isinstance(data, pd.Series):
        names = list(added_columns(ADDRESS, options.contact))
        return pd.DataFrame(_filler_of(options).fill(cells(data)), columns=names, index=data.index)
    columns = [str(name) for name in data.columns]
    own = dict(zip(columns, data.columns, strict=True))
    filled, values = _answers(columns, column, options, lambda names: {n: cells(data[own[n]]) for n in names}, fill)
    result = data.copy()
    for name in filled:
        found = values.pop(name)
        result[own[name]] = data[own[name]].where([value is None for value in found], found)
    for name, found in zip(names_beside(columns, list(values)), values.values(), strict=True):
        result[name] = found  # by position: an index may have a label twice
    return result


def _polars(data: pl.DataFrame, column: AskedColumn, options: AnswerOptions, fill: bool) -> pl.DataFrame:
    filled, values = _answers(data.columns, column, options, lambda names: {n: data[n].to_list() for n in names}, fill)
    own = [pl.coalesce(pl.Series(name, values.pop(name), pl.String), pl.col(name)).alias(name) for name in filled]
    kinds = dict(_struct(options))
    names = names_beside(data.columns, list(values))
    more = [pl.Series(n, cells, kinds[key]) for n, (key, cells) in zip(names, values.items(), strict=True)]
    return data.with_columns(own).hstack(more)


def _answers(
    columns: list[str], column: AskedColumn, options: AnswerOptions, cells: Sample, fill: bool
) -> tuple[list[str], dict[str, list[Any]]]:
    """Return the columns of a table that are filled, and the values by column: of these, then of the added ones.

    ``cells`` returns all cells of some columns, by column.
    """
    address = find_columns(columns, column, lambda names: {n: c[:SAMPLE] for n, c in cells(names).items()})
    filler = _filler_of(options)
    filled, added = address.output_columns(filler.added, fill)
    rows = filler.fill_rows(address, cells(address.names), fill)
    values = [list(one) for one in zip(*rows, strict=True)] or [[] for _ in (*filled, *added)]
    return filled, dict(zip((*filled, *added), values, strict=True))


def _frame(series: pl.Series, options: AnswerOptions) -> pl.DataFrame:
    return pl.DataFrame(_filler_of(options).fill(series.to_list()), schema=dict(_struct(options)), orient="row")


def _struct(options: AnswerOptions) -> pl.Struct:
    """Return the type of the added columns."""
    names = added_columns(ADDRESS, options.contact)
    return pl.Struct({name: pl.Float64 if is_number(name) else pl.String for name in names})


def _completions(texts: list[str], options: AnswerOptions) -> list[Completion]:
    answerer = _filler_of(options).answerer
    assert isinstance(answerer, AddressAnswerer)
    return answerer.answer(texts, contact=options.contact)  # the filler's own options have no contact


@lru_cache(maxsize=4)
def _filler_of(options: AnswerOptions) -> ColumnFiller:
    return ColumnFiller(options, use_cache=False)


@pl.api.register_expr_namespace("buqi")
class BuqiExpression:
    """``pl.col("address").buqi.complete()`` returns a struct of the columns of `ADDED`."""

    def __init__(self, expression: pl.Expr) -> None:
        self._expression = expression

    def complete(
        self, mode: str = "auto", memory: str | None = None, threshold: float | None = None, contact: bool = False
    ) -> pl.Expr:
        """Return the expression's texts completed; ``.struct.unnest()`` makes columns of it."""
        options = _options(mode, memory, threshold, contact)
        kind = _struct(options)
        return self._expression.map_batches(lambda s: _frame(s, options).to_struct(s.name), return_dtype=kind)


@lru_cache(maxsize=1)
def register_pandas() -> None:
    """Give pandas Series the accessor ``.buqi``, where pandas is installed."""
    try:
        import pandas as pd
    except ImportError:
        return

    @pd.api.extensions.register_series_accessor("buqi")
    class BuqiAccessor:
        def __init__(self, series: Any) -> None:
            self._series = series

        def complete(self, **options: Any) -> Any:
            return complete(self._series, **options)
