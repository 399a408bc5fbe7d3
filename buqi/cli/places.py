"""``buqi places learn | show | forget``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Column, Encoding, Json, Sheet
from buqi.cli.screen import counting, errors, out, print_result
from buqi.errors import BuqiError, UsageError, counted
from buqi.machine import cores

if TYPE_CHECKING:
    from buqi.places import Source

MOST_LINES = 20  # places that are shown of one name
MOST_PROCESSES = 8  # each takes 0.1 GB

app = typer.Typer(help="Memory of your own full addresses: which place names lie where.", no_args_is_help=True)

Folder = Annotated[Path | None, Option("--memory", help="Folder of the memory; $BUQI_PLACES if not given.")]


@app.command()
def learn(
    paths: Annotated[list[Path], Argument(help="csv, tsv, txt, jsonl (also .gz), xlsx or parquet.")],
    column: Column = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    source: Annotated[str | None, Option(help="Name to forget it by; the file's if not given.")] = None,
    names_only: Annotated[bool, Option("--names_only", help="Train no classifier: faster, less right.")] = False,
    memory: Folder = None,
    as_json: Json = False,
) -> None:
    """Keep the place names of full addresses, never the addresses. What a source taught before is replaced.

    Addresses from all over the country also train a classifier of the whole text.
    """
    from buqi.places import learn as learn_source
    from buqi.synthesis.importing import address_cells
    from buqi.synthesis.privacy import mask

    if source and len(paths) > 1:
        raise UsageError(f"--source {source}: name it for one file at a time")
    names = [source or path.name.split(".")[0] for path in paths]
    if len(set(names)) < len(names):
        raise UsageError(f"two files of the same name ({', '.join(names)}): learn them one by one with --source")
    learnt: list[Source] = []
    processes = min(cores(), MOST_PROCESSES)
    for path, name in zip(paths, names, strict=True):
        chosen, cells = address_cells(path, column, sheet, encoding)
        with counting(len(cells)) as advance:
            addresses = (mask(cell)[0] for cell in cells)
            training = None if names_only else lambda done, of: advance("training", 1, of)
            reading = partial(advance, "learning")
            learnt.append(learn_source(addresses, name, memory, reading, training, processes=processes))
        errors.print(f"[dim]{escape(str(path))}: column {escape(chosen)}[/]")
    print_result([vars(s) for s in learnt], map(_kept, learnt), as_json)


@app.command()
def show(
    name: Annotated[str | None, Argument(help="A place name, as 文一西路; without it the sources.")] = None,
    memory: Folder = None,
    as_json: Json = False,
) -> None:
    """Show where a place name has been seen and is known to lie, or what was learnt from which source."""
    from buqi.places import places_dir
    from buqi.places.learning import sources
    from buqi.places.lookup import look_up

    if name is None:
        learnt = sources(memory)
        if not learnt and not as_json:
            errors.print(f"nothing learnt yet ({escape(str(memory or places_dir()))}); buqi places learn FILE")
        print_result([vars(s) for s in learnt], (f"{_kept(s)}, {s.learnt}" for s in learnt), as_json)
        return
    record = look_up(name, memory)
    if not record and not as_json:
        raise BuqiError(f"{name[:60]}: not seen, and in none of the lists that ship")
    shown = record if len(record) <= MOST_LINES else record[: MOST_LINES - 1]
    print_result(record, (f"{'list' if r.get('list') else r['count']:>6}  {r['place']}" for r in shown), as_json)
    if len(shown) < len(record) and not as_json:
        errors.print(f"[dim]… and {len(record) - len(shown):,} more; --json prints all[/]")


@app.command()
def forget(
    source: Annotated[str, Argument(help="A source, as buqi places show lists it.")], memory: Folder = None
) -> None:
    """Remove all that one source taught."""
    from buqi.places.learning import forget as remove

    remove(source, memory)
    out.print(f"{escape(source)} is forgotten")


def _kept(source: Source) -> str:
    """Return a line about what is kept of a source."""
    kept = f"{counted(source.names, 'name')}" + (" and a classifier" if source.classifier else "")
    return f"{source.name}: {kept} from {source.used:,} of {counted(source.cells, 'address')}"
