"""``buqi evaluate ROWS --compare base,tuned``."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buqi.cli.screen import counting, errors, out, print_json, working

if TYPE_CHECKING:
    from buqi.evaluate.compare import Comparison
    from buqi.evaluate.opening import Lineup


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(evaluate)


def evaluate(
    rows: Annotated[Path, typer.Argument(help="Rows with right answers: src/tgt, or input and levels.")],
    compare: Annotated[
        str,
        typer.Option(
            help="By commas: base, tuned, match, auto, rivals (or a library's name), folders of adapters and merged "
            "models, .gguf files, http://host/v1#model, files of answers (.tsv, .csv, .txt)."
        ),
    ] = "base,tuned",
    adapter: Annotated[Path | None, typer.Option(help="The adapter that 'tuned' means (default: shipped).")] = None,
    engine: Annotated[str, typer.Option(help="Of models: auto, torch or llamacpp.")] = "torch",
    model: Annotated[
        str | None, typer.Option(help="Base (embedded if not given): a folder, a .gguf, owner/name.")
    ] = None,
    memory: Annotated[Path | None, typer.Option(help="auto: folder of buqi places.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="auto: confidence below which no answer is given.", min=0, max=1)
    ] = None,
    rivals_dir: Annotated[
        Path | None, typer.Option(help="Where make rivals put the libraries; .rivals if not given.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Only the first N rows.", min=1)] = None,
    max_new_tokens: Annotated[
        int | None, typer.Option(help="Most tokens of a written answer; 128 if not given.", min=1)
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report as one HTML page.")] = None,
    no_rows: Annotated[bool, typer.Option("--no_rows", help="Leave the rows out of the page.")] = False,
    json_out: Annotated[Path | None, typer.Option(help="Write every figure and answer as JSON.")] = None,
    against: Annotated[Path | None, typer.Option(help="An older --json-out: show what changed since.")] = None,
    allow_seen: Annotated[
        bool, typer.Option("--allow_seen", help="Evaluate although rows stand in the adapter's training data.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Ask several contestants the same rows and show what each has right."""
    from buqi.answering import AnswerOptions
    from buqi.errors import UsageError
    from buqi.evaluate.compare import compare_rows
    from buqi.evaluate.gold import read_gold
    from buqi.evaluate.opening import Lineup, contestant_names, open_contestants, refuse_seen
    from buqi.evaluate.report import changes
    from buqi.files import cache_dir, sha256_of

    if no_rows and report is None:
        raise UsageError("--no_rows: only with --report")
    weighing = AnswerOptions("auto", memory, threshold)
    writing = AnswerOptions("generate", model=model, adapter=adapter, engine=engine, max_new_tokens=max_new_tokens)
    lineup = Lineup(contestant_names(compare), weighing, writing, rivals_dir or Path(".rivals"))
    lineup.refuse_unused(rivals_dir)
    old = _older(against)
    chosen = read_gold(rows)[:limit]
    with working("loading"):
        meant = lineup.with_adapter()
        task, contestants, absent = open_contestants(meant, chosen)
    seen = refuse_seen(meant, chosen, task, allow_seen, lambda note: errors.print(f"note: {note}", style="dim"))
    with counting(len(chosen)) as advance:
        key = hashlib.sha256(f"{sha256_of(rows)} {compare}".encode()).hexdigest()[:16]
        kept = cache_dir() / "evaluate" / key
        comparison = compare_rows(task, chosen, contestants, advance, kept, absent)
    origin = {"command": _command(rows, compare, lineup), "rows_sha256": sha256_of(rows)} | (
        {"seen": seen} if seen else {}
    )
    record = comparison.as_json() | {"origin": origin}
    if old is not None:
        record["changes"] = changes(record, old)
    _write(comparison, record, report, json_out, show_rows=not no_rows)
    _forget(kept)
    if as_json:
        print_json(record)
    else:
        _show(record, report)


def _older(path: Path | None) -> dict[str, Any] | None:
    from buqi.errors import UsageError
    from buqi.files import read_text

    if path is None:
        return None
    try:
        found = json.loads(read_text(path))
        if isinstance(found, dict) and "contestants" in found:
            return found
    except json.JSONDecodeError:
        pass
    raise UsageError(f"--against {path}: not a report that --json-out wrote")


def _write(
    comparison: Comparison, record: dict[str, Any], report: Path | None, json_out: Path | None, show_rows: bool
) -> None:
    from buqi.evaluate.report import html_page
    from buqi.files import whole_file

    if report:
        with whole_file(report) as draft:
            draft.write_text(html_page(record, record["origin"], show_rows), encoding="utf-8")
    if json_out:
        with whole_file(json_out) as draft:
            draft.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _forget(kept: Path) -> None:
    """The run is whole: what was kept in case it is interrupted goes."""
    import shutil

    shutil.rmtree(kept, ignore_errors=True)


def _show(record: dict[str, Any], report: Path | None) -> None:
    from buqi.evaluate.report import LABELS, slice_tables, terminal_table

    out.print(terminal_table(record), soft_wrap=False)
    for table in slice_tables(record, out.width):
        out.print(table, soft_wrap=False)
    for change in record.get("changes", ()):
        name, label = change["name"], LABELS[change["measure"]][0]
        out.print(f"{name}: {label} {change['before']:.1%} → {change['after']:.1%}", markup=False)
    if record.get("changes") == []:
        out.print("nothing changed since the older report")
    for name, figures in record["contestants"].items():
        for failure in figures.get("failures", [])[:5]:
            errors.print(f"{name}: row {failure['row']} failed: {failure['why']}", markup=False, style="yellow")
    if report:
        out.print(f"report: {report}", markup=False)


def _command(rows: Path, compare: str, lineup: Lineup) -> str:
    """Return the command that repeats the comparison."""
    options = {
        "--adapter": lineup.writing.adapter,
        "--model": lineup.writing.model,
        "--memory": lineup.weighing.memory,
        "--threshold": lineup.weighing.threshold,
    }
    flags = "".join(f" {name} {value}" for name, value in options.items() if value is not None)
    return f"buqi evaluate {rows} --compare {compare}{flags}"
