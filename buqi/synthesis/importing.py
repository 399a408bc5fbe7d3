"""Training rows from a file of addresses: find the column, read each address, damage it, report what was left out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from buqi.divisions import LEVELS, Match, Table, load_matcher
from buqi.divisions.address_column import (
    NAMED_LEAST,
    check_header,
    columns_meant,
    county_shares,
    named_column,
    only_column,
)
from buqi.divisions.mistyping import MISTYPED
from buqi.errors import UsageError, listed
from buqi.rows import Row
from buqi.rows.cells import cells_of
from buqi.synthesis.damage import FullAddress, damage, draw_kind
from buqi.synthesis.privacy import mask
from buqi.task import ADDRESS

EXAMPLES = 20  # cells left out that are kept to be shown


@dataclass
class Imported:
    """Rows made, and what became of every cell.

    Attributes:
        column: where the addresses were found.
        cells: how many cells there were.
        rows: one row for each different address that could be used.
        full: addresses that name province, city and county themselves.
        missing: of those used, how many did not name a level.
        left_out: cells by the reason why no row was made of them.
        masked: names, phones and ID numbers cut out.
        examples: some of the cells left out, masked, with the reason.
    """

    column: str
    cells: int
    rows: list[Row] = field(default_factory=list)
    full: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    masked: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, str]] = field(default_factory=list)


def address_columns(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the columns that hold the addresses: of those that may be meant the ones whose cells name counties."""
    meant = columns_meant(list(columns), lambda names: {name: columns[name] for name in names})
    return [name for name in meant if county_shares(columns[name])[1] >= NAMED_LEAST]


def address_cells(path: Path, column: str | None, sheet: str | None, encoding: str | None) -> tuple[str, list[str]]:
    """Return the name and the cells of a file's column of addresses, which is found if it is not named.

    Raises:
        UsageError: as `cells_of`; no such column; or none holds addresses, or several, or the first line is an address.
    """
    columns = cells_of(path, sheet, encoding).columns
    if column is not None:
        return column, columns[named_column(list(columns), column)]
    if not (found := address_columns(columns)):
        shares = listed(f"{name} {county_shares(cells)[1]:.0%}" for name, cells in columns.items())
        raise UsageError(
            f"no column holds addresses (share of cells that name a county: {shares}), and no two are known as texts "
            "and answers; name the addresses with --column, or texts and answers with --src and --tgt"
        )
    chosen = only_column(found, list(columns))
    check_header([chosen])
    return chosen, columns[chosen]


def import_rows(cells: Sequence[str], column: str, seed: int = 42) -> Imported:
    """Return rows that restore each address from a damaged form of it.

    Used are addresses whose county (or city without counties) is certain and not mistyped; what they do not name
    above it is filled in from the table. What is no address is counted and left out.
    """
    rng, matcher = random.Random(seed), load_matcher()
    made, seen = Imported(column, len(cells)), set[str]()
    for number, cell in enumerate(cells, 1):
        text, masked = mask(cell)
        made.masked.update(masked)
        match = matcher.match(text)
        reason = _reason(match, matcher.table)
        address = FullAddress(match.path, match.detail.strip())
        if not reason and address.text in seen:
            reason = "duplicate"
        if reason:
            made.left_out[reason] += 1
            if len(made.examples) < EXAMPLES and reason not in ("empty", "duplicate"):
                made.examples.append((text, reason))
            continue
        seen.add(address.text)
        lacking = _lacking(match, matcher.table)
        made.missing.update(lacking)
        made.full += not lacking - {"town"}
        damaged = damage(address, draw_kind(rng), rng)
        meta = {"damage": damaged.kind, "county": matcher.table.county_of(address.path.divisions[-1].code)}
        made.rows.append(Row((ADDRESS.prompt(damaged.text),), (damaged.answer,), meta=meta, where=f"row {number}"))
    return made


def _reason(match: Match, table: Table) -> str:
    """Return why no row can be made of an address; empty if one can."""
    if not match.text.strip():
        return "empty"
    if match.best is None:
        return f"{match.equal} places fit equally well" if match.equal else "no division recognised"
    if any(below.level != "town" for below in table.children.get(match.best.code, ())):
        return "county not named"
    if match.best.against:
        return "contradicts itself"
    if any(used.kind in MISTYPED for used in match.best.used):
        return "mistyped"
    return "" if match.detail.strip() or match.best.path.name("town") else "nothing behind the county"


def _lacking(match: Match, table: Table) -> set[str]:
    """Return the levels that the address has but does not name."""
    assert match.best is not None
    named = {table.by_code[used.code].level for used in match.best.used}
    levels = {d.level for d in match.best.path.divisions} | {"town"}
    return {level for level in LEVELS if level in levels and level not in named}
