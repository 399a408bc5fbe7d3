"""``buqi data build | check | split | preview``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from buqi.cli.screen import errors, out, print_json

app = typer.Typer(help="Training rows: build, check, split, preview.", no_args_is_help=True)

Template = Annotated[str | None, typer.Option(help="The prompt, with {text}; needed only if rows lack it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def build(
    target: Annotated[Path, typer.Option("--out", help="Folder for train.json, dev.json, test.json.")],
    region: Annotated[str, typer.Option(help="Provinces, cities or counties, or 全国.")] = "西安市,宝鸡市",
    rows: Annotated[int, typer.Option(help="How many rows in all.", min=10)] = 1000,
    seed: Annotated[int, typer.Option(help="Same seed, same rows.")] = 42,
) -> None:
    """Make address rows from the division table, split 70/15/15 by place."""
    from buqi.address import build_rows, counties_of
    from buqi.rows import FILE_NAMES, split_rows, write_rows
    from buqi.task import ADDRESS

    counties = counties_of(region)
    sets = split_rows(build_rows(counties, rows, seed), ADDRESS, seed=seed)
    for name, chosen in sets.items():
        write_rows(target / FILE_NAMES[name], chosen)
    counts = ", ".join(f"{len(chosen)} {name}" for name, chosen in sets.items())
    out.print(f"{target}: {counts} rows over {len(counties)} counties", markup=False)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A rows file, or a folder with train, dev and test.")],
    prompt_template: Template = None,
    as_json: Json = False,
) -> None:
    """Report bad rows, duplicates, contradictions, and places that stand in two sets. Exit 1 if any are found."""
    from buqi.rows import check_sets, find_sets, read_rows
    from buqi.task import task_of

    files = find_sets(path, ()) if path.is_dir() else {path.stem: path}
    sets = {name: read_rows(file) for name, file in files.items()}
    task = task_of(((r.where, r.src[0]) for rows in sets.values() for r in rows), prompt_template)
    report = check_sets(sets, task)
    if as_json:
        print_json({"task": task.name, **vars(report), "clean": report.clean})
    else:
        out.print(f"task {task.name}; " + ", ".join(f"{n} {name}" for name, n in report.counts.items()))
        for kind in ("leaks", "conflicts", "duplicates"):
            lines = getattr(report, kind)
            out.print(f"{kind}: {len(lines)}")
            for line in lines[:20]:
                out.print(f"  {line}", markup=False)
    if not report.clean:
        raise typer.Exit(1)


@app.command()
def split(
    path: Annotated[Path, typer.Argument(help="A rows file.")],
    target: Annotated[Path, typer.Option("--out", help="Folder for train.json, dev.json, test.json.")],
    prompt_template: Template = None,
    seed: Annotated[int, typer.Option(help="Same seed, same split.")] = 42,
) -> None:
    """Split rows 70/15/15, all rows of one place (or of one input) into one set."""
    from buqi.rows import FILE_NAMES, read_rows, split_rows, write_rows
    from buqi.task import task_of

    rows = read_rows(path)
    task = task_of(((row.where, row.src[0]) for row in rows), prompt_template)
    sets = split_rows(rows, task, seed=seed)
    for name, chosen in sets.items():
        write_rows(target / FILE_NAMES[name], chosen)
        if not chosen:
            errors.print(f"[yellow]{name} is empty: too few groups to split[/]")
    out.print(f"{target}: " + ", ".join(f"{len(chosen)} {name}" for name, chosen in sets.items()), markup=False)


@app.command()
def preview(
    path: Annotated[Path, typer.Argument(help="A rows file.")],
    row: Annotated[int, typer.Option(help="Which row, from 1.", min=1)] = 1,
    model: Annotated[str, typer.Option(help="Whose tokenizer.")] = "embedded",
    prompt_template: Template = None,
) -> None:
    """Show one row's tokens; the ones that are trained are coloured."""
    from buqi.base import load_tokenizer, resolve
    from buqi.errors import UsageError
    from buqi.rows import read_rows
    from buqi.rows.preview import coloured
    from buqi.task import task_of

    rows = read_rows(path)
    if row > len(rows):
        raise UsageError(f"--row {row}: {path} has {len(rows)} rows")
    chosen = rows[row - 1]
    task = task_of(((r.where, r.src[0]) for r in rows), prompt_template)
    tokenizer = load_tokenizer(resolve(model))
    encoded = task.encode(tokenizer, chosen.src, chosen.tgt, chosen.system)
    out.print(coloured(tokenizer, encoded))
    trained = sum(encoded.trained)
    out.print(f"\n[dim]{escape(chosen.where)}: {len(encoded.ids)} tokens, [/][bold green]{trained} trained[/]")
