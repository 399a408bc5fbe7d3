"""Reads full addresses, in several processes if they are many: their certain county and town, and names of places."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import NamedTuple

from buqi.divisions import Match, Matcher, Table, load_matcher
from buqi.gazetteer.place_names import place_names
from buqi.machine import compute_in_one_thread, ctrl_c_is_mine, end_with_parent

PIECE = 2000  # addresses that are read at a time
FEW = 20_000  # fewer addresses are read in this process: to start others takes longer
AHEAD = 4  # pieces that wait for each process


class PlacedAddress(NamedTuple):
    """A full address whose county is certain.

    Attributes:
        detail: what stands behind the names of divisions.
        county: its code, or that of a city without counties.
        town: its code, or ``""``.
        names: of places in ``detail``.
    """

    detail: str
    county: str
    town: str
    names: list[str]


def placed(match: Match, table: Table) -> tuple[str, str] | None:
    """Return the codes of county and town (or ``""``) if the county is certain; a city without counties is its own."""
    if match.best is None or match.best.against or table.has_counties(county := table.county_of(match.best.code)):
        return None
    return county, match.best.code if len(match.best.code) == 9 else ""


def place_all(cells: Sequence[str], matcher: Matcher) -> list[PlacedAddress]:
    """Return the addresses whose county is certain."""
    matches = ((match, placed(match, matcher.table)) for match in map(matcher.match, cells))
    return [PlacedAddress(m.detail, *place, place_names(m.detail)) for m, place in matches if place]


def place_pieces(
    cells: Iterable[str], matcher: Matcher | None = None, processes: int = 1
) -> Iterator[tuple[int, list[PlacedAddress]]]:
    """Yield for each piece of ``cells``, in order, how many cells it has, and the addresses whose county is certain.

    Args:
        cells: addresses.
        matcher: reads them, in this process; the shipped table's if not given.
        processes: how many read; fewer than `FEW` cells are read in this one.
    """
    rest = iter(cells)
    first = list(islice(rest, FEW))
    pieces = _pieces(first, rest)
    if matcher is not None or processes < 2 or len(first) < FEW:
        here = matcher or load_matcher()
        yield from ((len(piece), place_all(piece, here)) for piece in pieces)
        return
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(processes, spawn, _start, (os.getpid(),))
    try:
        with ctrl_c_is_mine():
            waiting = [(len(piece), pool.submit(_place, piece)) for piece in islice(pieces, AHEAD * processes)]
        while waiting:
            count, found = waiting.pop(0)
            yield count, found.result()
            waiting += [(len(piece), pool.submit(_place, piece)) for piece in islice(pieces, 1)]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pieces(first: Sequence[str], rest: Iterator[str]) -> Iterator[list[str]]:
    """Yield ``first`` and then ``rest`` in pieces."""
    for at in range(0, len(first), PIECE):
        yield list(first[at : at + PIECE])
    while piece := list(islice(rest, PIECE)):
        yield piece


def _start(parent: int) -> None:
    """Make a worker process end with its parent."""
    end_with_parent(parent)
    compute_in_one_thread()


def _place(cells: list[str]) -> list[PlacedAddress]:
    """Do `place_all` in a worker process, with the shipped matcher."""
    return place_all(cells, load_matcher())
