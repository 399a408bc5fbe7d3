"""Training rows from a file of addresses: find the column, read each address, damage it, report what was left out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from buqi.divisions import LEVELS, Match, Matcher, Table, load_matcher
from buqi.divisions.mistyping import MISTYPED
from buqi.errors import UsageError, listed
from buqi.rows import Row
from buqi.rows.cells import cells_of
from buqi.synthesis.damage import FullAddress, damage, draw_kind
from buqi.synthesis.privacy import mask
from buqi.task import ADDRESS

SAMPLE = 300
NAMED_LEAST = 0.3  # a column counts as addresses if this share of its cells names a county
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


def address_column(columns: Mapping[str, Sequence[str]], matcher: Matcher) -> str:
    """Return the column that holds the addresses: the one whose cells most often name a county and go on behind it.

    A column of counties alone counts only where no cell of another goes on.

    Raises:
        UsageError: in no column do enough cells.
    """
    shares, going_on = {}, {}  # of each column: cells that name a county, and those that go on behind it
    for name, cells in columns.items():
        filled = [cell for cell in cells if cell.strip()][:SAMPLE]
        matches = [matcher.match(mask(cell)[0]) for cell in filled]
        named = [_names_county(match, matcher.table) for match in matches]
        more = [is_named and match.detail.strip() != "" for is_named, match in zip(named, matches, strict=True)]
        shares[name] = sum(named) / len(named) if named else 0.0
        going_on[name] = sum(more) / len(more) if more else 0.0
    best = max(shares, key=lambda name: (going_on[name], shares[name]))
    if shares[best] < NAMED_LEAST:
        found = listed(f"{name} {share:.0%}" for name, share in shares.items())
        raise UsageError(
            f"no column holds addresses (share of cells that name a county: {found}), and no two are known as texts "
            "and answers; name the addresses with --column, or texts and answers with --src and --tgt"
        )
    if _names_county(matcher.match(mask(best)[0]), matcher.table):
        raise UsageError(f"{best}: the first line is an address; write a line with the column's name above it")
    return best


def address_cells(path: Path, column: str | None, sheet: str | None, encoding: str | None) -> tuple[str, list[str]]:
    """Return the name and the cells of a file's column of addresses, which is found if it is not named.

    Raises:
        UsageError: as `cells_of` and `address_column`, or no such column.
    """
    columns = cells_of(path, sheet, encoding).columns
    if column is not None and column not in columns:
        raise UsageError(f"--column {column}: {path} has {listed(columns)}")
    chosen = column or address_column(columns, load_matcher())
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


def _names_county(match: Match, table: Table) -> bool:
    """Whether an address clearly names a county, or a city without counties."""
    if match.best is None:
        return False
    below = [d for d in match.best.path.divisions if d.level in ("city", "county")]
    return bool(below) and (below[-1].level == "county" or not table.has_counties(below[-1].code))


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
