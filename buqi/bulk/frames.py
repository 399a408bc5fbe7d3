"""Completing lists, polars and pandas columns: ``buqi.complete(…)``, ``pl.col("x").buqi.complete()``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, overload

import polars as pl

from buqi.address import Completion
from buqi.answering import AddressAnswerer, AnswerOptions
from buqi.bulk.columns import SAMPLE, Sample, find_columns
from buqi.bulk.fields import added_by, names_beside, text_of
from buqi.bulk.filler import ColumnFiller
from buqi.errors import UsageError, in_python
from buqi.task import ADDRESS

WITHOUT_MODEL = ("auto", "match")
Asked = str | Sequence[str] | None  # one column, several, or found


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
        mode: ``auto`` (table, memory and evidence weighed) or ``match`` (the table's names alone).
        memory: folder of ``buqi places``; the default one if not given.
        threshold: confidence below which no answer is given.
        contact: whether name, telephone and postcode are read apart from the address.
        fill: whether the answer goes into the empty cells of a DataFrame's columns of levels; then confidence, status
            and notes alone are added.

    Returns:
        A `Completion` for a text, a list of them for a list; for a Series a DataFrame of the columns of `ADDED` (same
        kind and index; with a contact three more); for a DataFrame the same with these columns behind its own.

    Raises:
        UsageError: no such mode or column, or data of another kind.
    """
    options = _options(mode, memory, threshold, contact)
    if isinstance(data, pl.DataFrame):
        return _polars(data, _named(column), options, fill)
    if fill and (isinstance(data, (str, list, tuple, pl.Series)) or getattr(data, "ndim", 2) != 2):
        raise UsageError("fill: only for a DataFrame with columns of levels")
    if isinstance(data, str):
        return _completions([data], options)[0]
    if isinstance(data, pl.Series):
        return _frame(data, options)
    if isinstance(data, (list, tuple)):
        return _completions(["" if _missing(cell) else text_of(cell)[0] for cell in data], options)
    return _pandas(data, _named(column), options, fill)


def _missing(cell: Any) -> bool:
    """Return whether a cell of a list is what pandas has where nothing is: NaN, NA, NaT."""
    return (isinstance(cell, float) and cell != cell) or type(cell).__name__ in ("NAType", "NaTType")


def _options(mode: str, memory: Path | str | None, threshold: float | None, contact: bool) -> AnswerOptions:
    if mode not in WITHOUT_MODEL:
        raise UsageError(f"mode {mode}: expected {' or '.join(WITHOUT_MODEL)}")
    return AnswerOptions(mode, Path(memory) if memory else None, threshold, contact=contact)


def _named(column: Any) -> Asked:
    """Return columns as text; pandas may name them by numbers."""
    if isinstance(column, (list, tuple)):
        return [str(name) for name in column]
    return None if column is None else str(column)


def _pandas(data: Any, column: Asked, options: AnswerOptions, fill: bool = False) -> Any:
    try:
        import pandas as pd
    except ImportError:
        pd = None
    if pd is None or not isinstance(data, (pd.Series, pd.DataFrame)):
        raise UsageError(f"{type(data).__name__}: expected text, a list, or a polars or pandas Series or DataFrame")
    names = list(added_by(ADDRESS, options.contact))
    if isinstance(data, pd.DataFrame):
        columns = [str(name) for name in data.columns]
        own = dict(zip(columns, data.columns, strict=True))
        filled, values = _added(columns, column, options, lambda ns: {n: _cells(pd, data[own[n]]) for n in ns}, fill)
        named = {n: values.pop(n) for n in filled}
        more = pd.DataFrame(dict(zip(names_beside(columns, list(values)), values.values(), strict=True)), data.index)
        whole = data.assign(**{n: data[own[n]].where([v is None for v in named[n]], named[n]) for n in filled})
        return whole.join(more)
    return pd.DataFrame(_filler_of(options).fill(_cells(pd, data)), columns=names, index=data.index)


def _cells(pd: Any, series: Any) -> list[Any]:
    return [None if pd.isna(cell) else cell for cell in series.tolist()]


def _polars(data: pl.DataFrame, column: Asked, options: AnswerOptions, fill: bool) -> pl.DataFrame:
    filled, values = _added(data.columns, column, options, lambda names: {n: data[n].to_list() for n in names}, fill)
    own = [pl.coalesce(pl.Series(name, values.pop(name), pl.String), pl.col(name)).alias(name) for name in filled]
    kinds = dict(_struct(options))
    names = names_beside(data.columns, list(values))
    more = [pl.Series(n, cells, kinds[key]) for n, (key, cells) in zip(names, values.items(), strict=True)]
    return data.with_columns(own).hstack(more)


def _added(
    columns: list[str], column: Asked, options: AnswerOptions, cells: Sample, fill: bool
) -> tuple[list[str], dict[str, list[Any]]]:
    """Return which columns of a table get values, and the values by column: of these, then of those that are added.

    ``cells`` returns the values of columns of the table.
    """
    address = find_columns(columns, column, lambda names: {n: c[:SAMPLE] for n, c in cells(names).items()})
    filler = _filler_of(options)
    own, more = address.written(filler.added, fill)
    rows = filler.fill_rows(address, cells(address.names), fill)
    found = [list(values) for values in zip(*rows, strict=True)] or [[] for _ in (*own, *more)]
    return own, dict(zip((*own, *more), found, strict=True))


def _frame(series: pl.Series, options: AnswerOptions) -> pl.DataFrame:
    return pl.DataFrame(_filler_of(options).fill(series.to_list()), schema=dict(_struct(options)), orient="row")


def _struct(options: AnswerOptions) -> pl.Struct:
    names = added_by(ADDRESS, options.contact)
    return pl.Struct({name: pl.Float64 if name == "confidence" else pl.String for name in names})


def _completions(texts: list[str], options: AnswerOptions) -> list[Completion]:
    answerer = _filler_of(options).answerer
    assert isinstance(answerer, AddressAnswerer)
    return answerer.answer(texts, contact=options.contact)


@lru_cache(maxsize=4)
def _filler_of(options: AnswerOptions) -> ColumnFiller:
    return ColumnFiller(options, keep=False)


@pl.api.register_expr_namespace("buqi")
class BuqiExpression:
    """``pl.col("address").buqi.complete()``: a struct of the columns of `ADDED`."""

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
