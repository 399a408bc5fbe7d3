"""Where full addresses lie, as far as it is certain, and the names of places in them: also in several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import NamedTuple

from buqi.divisions import Match, Matcher, Table, load_matcher
from buqi.gazetteer.place_names import place_names
from buqi.machine import compute_in_one_thread, end_with_parent

PIECE = 2000  # addresses that are read at a time
FEW = 20_000  # addresses that are read here: starting processes takes longer
AHEAD = 4  # pieces for each process that wait


class PlacedAddress(NamedTuple):
    """What stands behind the names, the county (or a city without any), the town or ``""``, and names of places."""

    detail: str
    county: str
    town: str
    names: list[str]


def placed(match: Match, table: Table) -> tuple[str, str] | None:
    """Return county (a city without counties for itself) and town (or ``""``) if the match is certain of the county."""
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
    """Yield for each piece of ``cells``, in order, how many it has and those of a certain county.

    Args:
        cells: addresses.
        matcher: reads them, in this process; the shipped table's if not given.
        processes: how many read; what is few is read here.
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
        waiting = [(len(piece), pool.submit(_place, piece)) for piece in islice(pieces, AHEAD * processes)]
        while waiting:
            count, found = waiting.pop(0)
            yield count, found.result()
            waiting += [(len(piece), pool.submit(_place, piece)) for piece in islice(pieces, 1)]
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _pieces(first: Sequence[str], rest: Iterator[str]) -> Iterator[list[str]]:
    for at in range(0, len(first), PIECE):
        yield list(first[at : at + PIECE])
    while piece := list(islice(rest, PIECE)):
        yield piece


def _start(parent: int) -> None:
    """Make a worker process end with its parent; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(parent)
    compute_in_one_thread()


def _place(cells: list[str]) -> list[PlacedAddress]:
    return place_all(cells, load_matcher())
