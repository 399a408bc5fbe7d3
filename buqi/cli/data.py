"""``buqi data build | import | check | split | preview``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Column, Encoding, Json, Sheet
from buqi.cli.screen import errors, out, print_result, working
from buqi.errors import BuqiError, UsageError, counted, listed

if TYPE_CHECKING:
    from buqi.rows import Row
    from buqi.rows.importing import ImportedRows
    from buqi.task import Task

app = typer.Typer(help="Training rows: build, import, check, split, preview.", no_args_is_help=True)

Replace = Annotated[bool, Option("--overwrite", help="Replace rows that lie in --out.")]
IMPORTED = "import.json"  # beside the rows: the report about the file that they were made from
CONFLICTS_SHOWN = 2
COUNT_EVERY = 10_000  # rows between two counts on the screen
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
    """Make address rows from the division table, split 70/15/15 by place. Those of 全国 teach where places lie."""
    from buqi.synthesis import counties_of
    from buqi.synthesis.country import rows_for
    from buqi.task import ADDRESS

    _check_free(target, overwrite)
    counties = counties_of(region)
    made = rows_for(region, rows, seed, damage.split(",") if damage else ())
    sizes = _write_sets(made, ADDRESS, target, seed, expected=rows)
    out.print(f"{target}: {_counts(sizes)} rows over {counted(len(counties), 'county')}", markup=False)


@app.command("import")
def import_file(
    path: Annotated[
        Path, Argument(help="csv, tsv, txt, xlsx, jsonl, parquet or arrow, with addresses, src and tgt, or messages.")
    ],
    target: Annotated[Path, Option("--out", help="Folder for train.json, dev.json, test.json, import.json.")],
    column: Column = None,
    src: Annotated[str | None, Option(help="The column with the texts, if it is not named src.")] = None,
    tgt: Annotated[str | None, Option(help="The column with the answers, if it is not named tgt.")] = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    seed: Annotated[int, Option(help="Same seed, same damage and split.")] = 42,
    prompt_template: Template = None,
    overwrite: Replace = False,
    as_json: Json = False,
) -> None:
    """Make training rows of a file: of its addresses, or of its questions and answers; split 70/15/15 by place.

    Known formats: src and tgt, messages, conversations (ShareGPT), conversation, contents (Gemini),
    instruction/input/output (Alpaca), query/response, prompt/completion, prompt/response, question/answer,
    input/output, input/target.
    """
    from buqi.rows.importing import import_rows_of
    from buqi.synthesis.importing import address_cells, import_rows
    from buqi.task import ADDRESS

    if column is not None and (src or tgt):
        raise UsageError("--column: only for addresses; --src and --tgt name the columns of other rows")
    _check_free(target, overwrite, path)
    _note_encoding(path, encoding)
    if column is None and (rows := import_rows_of(path, sheet, src, tgt, encoding)) is not None:
        _import_pairs(path, rows, target, prompt_template, seed, as_json)
        return
    if prompt_template is not None:
        raise UsageError("--prompt_template: only for rows of src and tgt; addresses have a prompt of their own")
    with working("reading addresses"):
        chosen, cells = address_cells(path, column, sheet, encoding)
        found = import_rows(cells, chosen, seed)
    if not found.rows:
        raise BuqiError(f"{path}: none of the {found.cells} cells in {chosen} could be used: {dict(found.left_out)}")
    report = {k: v for k, v in vars(found).items() if k != "rows"} | {"file": path.name}
    sizes = _write_sets(found.rows, ADDRESS, target, seed, report)
    lines = [f"{path}: column {chosen}, {counted(found.cells, 'cell')}, {counted(len(found.rows), 'row')} made"]
    lines += [f"  full (province, city, county named): {found.full:,}"]
    for title, numbers in (("level not named", found.missing), ("left out", found.left_out), ("cut out", found.masked)):
        lines.append(f"  {title}: " + (", ".join(f"{k} {v:,}" for k, v in numbers.items() if v) or "none"))
    lines += [f"    {reason}: {text[:60]}" for text, reason in found.examples[:5]]
    print_result(report | {"rows": sizes}, [*lines, f"{target}: {_counts(sizes)}"], as_json)


def _import_pairs(
    path: Path, found: ImportedRows, target: Path, template: str | None, seed: int, as_json: bool
) -> None:
    """Write rows that were read from another format. Records that cannot be rows are listed and left out."""
    from buqi.rows import check_sets, task_of_rows
    from buqi.rows.records import first_of

    left_out = first_of(found.named)
    if not found.rows:
        none = f"{path}: none of its {found.read} records can be a row of src and tgt"
        raise BuqiError("\n".join([none, *left_out]))
    task = task_of_rows(found.rows, template)
    report = {"file": path.name, "task": task.name, "format": found.format, "read": found.read}
    conflicts = check_sets({"rows": found.rows}, task).conflicts
    report |= {"left_out": dict(found.left_out), "left_out_rows": found.named, "kept": dict(found.kept)}
    report["conflicts"] = conflicts
    sizes = _write_sets(found.rows, task, target, seed, report)
    lines = [
        f"{target}: {_counts(sizes)}",
        f"  format {found.format}, task {task.name}; {counted(found.read, 'record')}, left out: {len(found.named)}",
        *([f"  kept, not trained: {listed(found.kept)}"] if found.kept else []),
        *(f"    {line}" for line in left_out),
    ]
    if conflicts:
        lines.append(f"  conflicts: {counted(len(conflicts), 'row')} with the src of another row and another tgt")
        lines += [f"    {line}" for line in conflicts[:CONFLICTS_SHOWN]]
    print_result(report | {"rows": sizes}, lines, as_json)


def _check_free(target: Path, overwrite: bool, source: Path | None = None) -> None:
    """Refuse, before anything is read, a folder that holds rows already, or in which the source itself lies."""
    from buqi.rows import FILE_NAMES

    there = [name for name in (*FILE_NAMES.values(), IMPORTED) if (target / name).exists()]
    if source and source.exists() and any(source.samefile(target / name) for name in there):
        raise UsageError(
            f"{source} lies in --out {target} and would be replaced by a part of itself; name another --out"
        )
    if there and not overwrite:
        raise UsageError(f"{target} holds {', '.join(there)}; name another --out, or add --overwrite")


def _write_sets(
    rows: Iterable[Row],
    task: Task,
    target: Path,
    seed: int,
    report: dict[str, Any] | None = None,
    expected: int = 0,
) -> dict[str, int]:
    """Split rows into sets and write these, all of them or none; return the number of rows of each.

    Args:
        rows: taken one by one; they need not fit into memory.
        task: says what is one place, or one input.
        target: the folder.
        seed: of the split.
        report: what is known of the import, for `IMPORTED`.
        expected: how many rows there will be, for the screen; 0 if that is not known.

    Raises:
        BuqiError: another process writes into the folder.
    """
    from buqi.files import whole_files, write_json
    from buqi.lock import claimed
    from buqi.rows.read import line_of
    from buqi.rows.split import SplitLines, split_key
    from buqi.seal import seal

    with claimed(target), whole_files(target) as draft, SplitLines(draft) as lines, working("rows") as say:
        for number, row in enumerate(rows, 1):
            lines.add(split_key(row, task, seed), line_of(row))
            if number % COUNT_EVERY == 0:
                say(f"{number:,}" + f" of {expected:,}" * bool(expected))
        sizes = lines.write(draft)
        for name, size in sizes.items():
            if not size:
                errors.print(f"[yellow]{name} is empty: too few groups to split[/]")
        if report is not None:
            write_json(draft / IMPORTED, report | {"rows": sizes})
        seal(draft)
    return sizes


def _note_encoding(path: Path, encoding: str | None) -> None:
    """Print in which encoding a text is read, where that is a guess."""
    from buqi.encoding import guessed_encoding

    if encoding is None and path.is_file() and (codec := guessed_encoding(path)):
        errors.print(f"[yellow]note: {escape(str(path))}: read as {codec}; --encoding names another[/]", soft_wrap=True)


def _counts(sizes: dict[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in sizes.items())


@app.command()
def check(
    path: Annotated[Path, Argument(help="A rows file, or a folder with train, dev and test.")],
    prompt_template: Template = None,
    encoding: Encoding = None,
    as_json: Json = False,
) -> None:
    """Report bad rows, duplicates, contradictions, and places that stand in two sets. Exit 1 if any are found."""
    from buqi.rows import check_sets, find_sets, open_rows, task_of_rows
    from buqi.seal import CHANGED, broken

    files = find_sets(path, ()) if path.is_dir() else {path.stem: path}
    if not files:
        raise UsageError(f"{path}: no train.json, dev.json or test.json in it")
    if path.is_dir() and (changed := broken(path, whole=True)):
        errors.print(f"[yellow]note: {escape(changed)}; {CHANGED}[/]", soft_wrap=True)
    if path.is_dir():  # an import of few rows leaves a set empty, and says so
        for name in [name for name, file in files.items() if not file.stat().st_size and len(files) > 1]:
            errors.print(f"[yellow]{name} is empty[/]")
            del files[name]
    for file in files.values():
        _note_encoding(file, encoding)
    sets = {name: open_rows(file, encoding) for name, file in files.items()}
    task = task_of_rows((row for rows in sets.values() for row in rows), prompt_template)
    report = check_sets(sets, task)
    lines = [f"task {task.name}; {_counts(report.counts)}"]
    for kind, found in report.findings.items():
        lines += [f"{kind.replace('_', ' ')}: {len(found)}", *(f"  {line}" for line in found[:20])]
    print_result({"task": task.name, **vars(report), "clean": report.clean}, lines, as_json)
    if not report.clean:
        raise typer.Exit(1)


@app.command()
def split(
    path: Annotated[Path, Argument(help="A rows file.")],
    target: Annotated[Path, Option("--out", help="Folder for train.json, dev.json, test.json.")],
    prompt_template: Template = None,
    encoding: Encoding = None,
    seed: Annotated[int, Option(help="Same seed, same split.")] = 42,
    overwrite: Replace = False,
) -> None:
    """Split rows 70/15/15, all rows of one place (or of one input) into one set."""
    from buqi.rows import open_rows, task_of_rows

    _check_free(target, overwrite, path)
    rows = open_rows(path, encoding)
    sizes = _write_sets(rows, task_of_rows(rows, prompt_template), target, seed)
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
    from buqi.rows import read_rows, task_of_rows
    from buqi.rows.preview import coloured

    rows = read_rows(path)
    if row > len(rows):
        raise UsageError(f"--row {row}: {path} has {counted(len(rows), 'row')}")
    chosen = rows[row - 1]
    tokenizer = load_tokenizer(resolve(model))
    task = task_of_rows(rows, prompt_template)
    encoded = task.encode(tokenizer, chosen.src, chosen.tgt, chosen.system, chosen.trained)
    out.print(coloured(tokenizer, encoded))
    where, tokens, trained = escape(chosen.where), len(encoded.ids), sum(encoded.trained)
    out.print(f"\n[dim]{where}: {counted(tokens, 'token')}, [/][bold green]{trained} trained[/]")
