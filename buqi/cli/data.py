"""``buqi data build | import | check | split | preview``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Column, Json, Sheet
from buqi.cli.screen import errors, out, print_result, working

if TYPE_CHECKING:
    from buqi.rows import Row
    from buqi.task import Task

app = typer.Typer(help="Training rows: build, import, check, split, preview.", no_args_is_help=True)

Replace = Annotated[bool, Option("--overwrite", help="Replace rows that lie in --out.")]
Template = Annotated[str | None, Option(help="The prompt, with {text}; needed only if rows lack it.")]


@app.command()
def build(
    target: Annotated[Path, Option("--out", help="Folder for train.json, dev.json, test.json.")],
    region: Annotated[str, Option(help="Provinces, cities or counties, or 全国.")] = "西安市,宝鸡市",
    rows: Annotated[int, Option(help="How many rows in all.", min=10)] = 1000,
    damage: Annotated[str | None, Option(help="Only these kinds, by commas (docs/reference/formats.md).")] = None,
    seed: Annotated[int, Option(help="Same seed, same rows.")] = 42,
    overwrite: Replace = False,
) -> None:
    """Make address rows from the division table, split 70/15/15 by place."""
    from buqi.synthesis import build_rows, counties_of
    from buqi.task import ADDRESS

    _check_free(target, overwrite)
    counties = counties_of(region)
    made = build_rows(counties, rows, seed, damage.split(",")) if damage else build_rows(counties, rows, seed)
    sizes = _write_sets(made, ADDRESS, target, seed)
    out.print(f"{target}: {_counts(sizes)} rows over {len(counties)} counties", markup=False)


@app.command("import")
def import_file(
    path: Annotated[Path, Argument(help="csv, tsv, txt, xlsx, jsonl or parquet, with addresses or src and tgt.")],
    target: Annotated[Path, Option("--out", help="Folder for train.json, dev.json, test.json, import.json.")],
    column: Column = None,
    sheet: Sheet = None,
    src: Annotated[str | None, Option(help="The column with the texts of another task.")] = None,
    tgt: Annotated[str | None, Option(help="The column with their answers.")] = None,
    seed: Annotated[int, Option(help="Same seed, same damage and split.")] = 42,
    prompt_template: Template = None,
    overwrite: Replace = False,
    as_json: Json = False,
) -> None:
    """Make training rows of a file: of its addresses, or of two columns; split 70/15/15 by place."""
    from buqi.errors import BuqiError, UsageError
    from buqi.rows.cells import read_cells

    if column is not None and (src or tgt):
        raise UsageError("--column holds addresses, --src and --tgt another task: name the one or the two")
    _check_free(target, overwrite)
    columns = read_cells(path, sheet)
    for option, name in (("--column", column), ("--src", src), ("--tgt", tgt)):
        if name is not None and name not in columns:
            raise UsageError(f"{option} {name}: {path} has {', '.join(columns)}")
    pair = (src or "src", tgt or "tgt")
    if src or tgt or (column is None and set(pair) <= set(columns)):
        if missing := [name for name in pair if name not in columns]:
            raise UsageError(f"{path}: no column {missing[0]}; name both with --src and --tgt: {', '.join(columns)}")
        _import_pairs(path, columns[pair[0]], columns[pair[1]], target, prompt_template, seed, as_json)
        return
    if prompt_template is not None:
        raise UsageError("--prompt_template: only for rows of src and tgt; addresses have a prompt of their own")
    from buqi.divisions import load_matcher
    from buqi.synthesis.importing import find_column, import_rows
    from buqi.task import ADDRESS

    with working("reading addresses"):
        chosen = column or find_column(columns, load_matcher())
        found = import_rows(columns[chosen], chosen, seed)
    if not found.rows:
        raise BuqiError(f"{path}: none of the {found.cells} cells in {chosen} could be used: {dict(found.left_out)}")
    report = {k: v for k, v in vars(found).items() if k != "rows"} | {"file": path.name}
    sizes = _write_sets(found.rows, ADDRESS, target, seed, report)
    lines = [f"{path}: column {chosen}, {found.cells:,} cells, {len(found.rows):,} rows made"]
    lines += [f"  full (province, city, county named): {found.full:,}"]
    for title, numbers in (("level not named", found.missing), ("left out", found.left_out), ("cut out", found.masked)):
        lines += [f"  {title}: " + (", ".join(f"{k} {v:,}" for k, v in numbers.items() if v) or "none")]
    lines += [f"    {reason}: {text[:60]}" for text, reason in found.examples[:5]]
    print_result(report | {"rows": sizes}, [*lines, f"{target}: {_counts(sizes)}"], as_json)


def _import_pairs(
    path: Path, src: list[str], tgt: list[str], target: Path, template: str | None, seed: int, as_json: bool
) -> None:
    """Write the rows of two columns; incomplete ones are counted and left out."""
    from buqi.errors import BuqiError
    from buqi.rows import Row

    pairs = list(zip(src, tgt, strict=True))
    rows = [Row((s,), (t,), where=f"{path}:{n}") for n, (s, t) in enumerate(pairs, 1) if s.strip() and t.strip()]
    if not rows:
        raise BuqiError(f"{path}: no row has both a text and an answer")
    task, incomplete = _task(rows, template), len(pairs) - len(rows)
    report = {"file": path.name, "task": task.name, "left_out": {"incomplete": incomplete}}
    sizes = _write_sets(rows, task, target, seed, report)
    lines = [f"{target}: {_counts(sizes)}", f"  task {task.name}; incomplete rows left out: {incomplete}"]
    print_result(report | {"rows": sizes}, lines, as_json)


def _check_free(target: Path, overwrite: bool) -> None:
    """Refuse a folder that holds rows already, before anything is read."""
    from buqi.errors import UsageError
    from buqi.rows import FILE_NAMES

    there = [name for name in FILE_NAMES.values() if (target / name).exists()]
    if there and not overwrite:
        raise UsageError(f"{target} holds {', '.join(there)}; name another --out, or add --overwrite")


def _write_sets(
    rows: Sequence[Row], task: Task, target: Path, seed: int, report: dict[str, Any] | None = None
) -> dict[str, int]:
    """Write the rows in sets, with what is known of their import; return how many each has. All files, or none."""
    from buqi.files import whole_files, write_json
    from buqi.rows import FILE_NAMES, split_rows, write_rows
    from buqi.seal import seal

    sets = split_rows(rows, task, seed=seed)
    with whole_files(target) as draft:
        for name, chosen in sets.items():
            write_rows(draft / FILE_NAMES[name], chosen)
            if not chosen:
                errors.print(f"[yellow]{name} is empty: too few groups to split[/]")
        if report is not None:
            write_json(draft / "import.json", report | {"rows": {name: len(chosen) for name, chosen in sets.items()}})
        seal(draft)
    return {name: len(chosen) for name, chosen in sets.items()}


def _counts(sizes: dict[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sizes.items())


def _task(rows: Iterable[Row], template: str | None) -> Task:
    """Return the task of rows, for which the user may give the prompt."""
    from buqi.task import task_of

    return task_of(((row.where, row.src[0]) for row in rows), template)


@app.command()
def check(
    path: Annotated[Path, Argument(help="A rows file, or a folder with train, dev and test.")],
    prompt_template: Template = None,
    as_json: Json = False,
) -> None:
    """Report bad rows, duplicates, contradictions, and places that stand in two sets. Exit 1 if any are found."""
    from buqi.rows import check_sets, find_sets, read_rows
    from buqi.seal import CHANGED, broken

    files = find_sets(path, ()) if path.is_dir() else {path.stem: path}
    if path.is_dir() and (changed := broken(path, whole=True)):
        errors.print(f"[yellow]note: {escape(changed)}; {CHANGED}[/]", soft_wrap=True)
    sets = {name: read_rows(file) for name, file in files.items()}
    task = _task((row for rows in sets.values() for row in rows), prompt_template)
    report = check_sets(sets, task)
    lines = [f"task {task.name}; {_counts(report.counts)}"]
    for kind in ("leaks", "conflicts", "duplicates"):
        found = getattr(report, kind)
        lines += [f"{kind}: {len(found)}", *(f"  {line}" for line in found[:20])]
    print_result({"task": task.name, **vars(report), "clean": report.clean}, lines, as_json)
    if not report.clean:
        raise typer.Exit(1)


@app.command()
def split(
    path: Annotated[Path, Argument(help="A rows file.")],
    target: Annotated[Path, Option("--out", help="Folder for train.json, dev.json, test.json.")],
    prompt_template: Template = None,
    seed: Annotated[int, Option(help="Same seed, same split.")] = 42,
    overwrite: Replace = False,
) -> None:
    """Split rows 70/15/15, all rows of one place (or of one input) into one set."""
    from buqi.rows import read_rows

    _check_free(target, overwrite)
    rows = read_rows(path)
    sizes = _write_sets(rows, _task(rows, prompt_template), target, seed)
    out.print(f"{target}: {_counts(sizes)}", markup=False)


@app.command()
def preview(
    path: Annotated[Path, Argument(help="A rows file.")],
    row: Annotated[int, Option(help="Which row, from 1.", min=1)] = 1,
    model: Annotated[str, Option(help="Whose tokenizer.")] = "embedded",
    prompt_template: Template = None,
) -> None:
    """Show one row's tokens; the ones that are trained are coloured."""
    from buqi.base import load_tokenizer, resolve
    from buqi.errors import UsageError
    from buqi.rows import read_rows
    from buqi.rows.preview import coloured

    rows = read_rows(path)
    if row > len(rows):
        raise UsageError(f"--row {row}: {path} has {len(rows)} rows")
    chosen = rows[row - 1]
    tokenizer = load_tokenizer(resolve(model))
    encoded = _task(rows, prompt_template).encode(tokenizer, chosen.src, chosen.tgt, chosen.system)
    out.print(coloured(tokenizer, encoded))
    where, tokens, trained = escape(chosen.where), len(encoded.ids), sum(encoded.trained)
    out.print(f"\n[dim]{where}: {tokens} tokens, [/][bold green]{trained} trained[/]")
