"""Divisions by a name, full, short or former, or by a code."""

from __future__ import annotations

from typing import Any

from buqi.divisions.names import short_names
from buqi.divisions.table import Division, FormerName, Table, load_former, load_table
from buqi.errors import BuqiError


def look_up(name: str) -> list[dict[str, Any]]:
    """Return a record of every division of a name or code: codes, full path, what lies under it.

    Raises:
        BuqiError: the table has none; the message names some that are like it.
    """
    table = load_table()
    fitting = [d for d in table.by_code.values() if name == d.code or (name in (d.name, *short_names(d.name)))]
    former = [f for f in load_former() if f.name == name]
    if not fitting and not former:
        near = sorted({d.name for d in table.by_code.values() if name in d.name}, key=len)[:8]
        raise BuqiError(f"{name}: not in the table" + (f"; it has {', '.join(near)}" if near else ""))
    records = [_record(table, division) for division in sorted(fitting, key=lambda d: d.code)]
    return records + [_former(table, found) for found in former]


def _record(table: Table, division: Division) -> dict[str, Any]:
    name, code, level, path = division.name, division.code, division.level, table.path(division.code)
    short = list(short_names(name)) if level != "town" else []
    under = table.villages(code) if level == "town" else table.children.get(code, [])
    record = {"name": name, "code": code, "level": level, "full": path.full, "codes": path.codes, "short": short}
    return record | {"today": "", "under": [{"name": d.name, "code": d.code} for d in under]}


def _former(table: Table, found: FormerName) -> dict[str, Any]:
    name, code, path = found.name, found.successor, table.path(found.successor)
    years = str(found.until) if found.since == found.until else f"{found.since} to {found.until}"
    level = "zone or farm" if found.kind == "zone" else f"former {found.kind}"
    record = {"name": name, "code": code, "level": level, "full": name, "codes": path.codes, "short": []}
    return record | {"today": f"listed {years}; today in {path.full}", "under": []}
