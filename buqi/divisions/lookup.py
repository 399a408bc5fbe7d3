"""Divisions by a name, full, short or former, or by a code."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from buqi.divisions.names import short_names
from buqi.divisions.table import Division, FormerName, Table, load_former, load_table
from buqi.errors import BuqiError

MOST_NEAR = 8  # names like it that the message has


def look_up(name: str) -> list[dict[str, Any]]:
    """Return a record of every division of a name or code: codes, full path, what lies under it.

    Raises:
        BuqiError: the table has no such name or code. The message has names that are like it.
    """
    name = name.strip()
    if not name:
        raise BuqiError("name: expected a division's name or its code")
    table = load_table()
    fitting = _by_name().get(name, [])
    former = [f for f in load_former() if f.name == name]
    if not fitting and not former:
        near = _near(name, {d.name for d in table.by_code.values()})
        raise BuqiError(f"{name[:60]}: not in the table" + (f"; it has {', '.join(near)}" if near else ""))
    records = [_record(table, division) for division in sorted(fitting, key=lambda d: d.code)]
    return records + [_former(table, found) for found in former]


@lru_cache(maxsize=1)
def _by_name() -> dict[str, list[Division]]:
    """Return divisions by code, full and short name: a service looks up many names at once."""
    found: dict[str, list[Division]] = {}
    for division in load_table().by_code.values():
        for name in {division.code, division.name, *short_names(division.name)}:
            found.setdefault(name, []).append(division)
    return found


def _near(name: str, names: Iterable[str]) -> list[str]:
    """Return up to `MOST_NEAR` names that hold ``name``; else those one character apart, then others that begin so."""
    holding: list[str] = []
    apart: list[str] = []
    begun_alike: list[str] = []
    alike = [n for n in names if name in n or (len(name) > 2 and (n[:2] == name[:2] or _one_apart(name, n)))]
    for known in sorted(alike, key=lambda n: (n[:2] != name[:2], abs(len(n) - len(name)), n)):
        if name in known:
            holding.append(known)
        elif _one_apart(name, known):
            apart.append(known)
        else:
            begun_alike.append(known)
    return (holding or [*apart, *begun_alike])[:MOST_NEAR]


def _one_apart(one: str, other: str) -> bool:
    """Whether two names differ in one character: another one, or one too many."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((i for i, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


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
