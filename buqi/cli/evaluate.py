"""``buqi evaluate ROWS --compare base,tuned``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from buqi.cli.screen import counting, out, print_json, working

if TYPE_CHECKING:
    from buqi.evaluate import Contestant
    from buqi.rows import Row
    from buqi.task import Task


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(evaluate)


def evaluate(
    rows: Annotated[Path, typer.Argument(help="A rows file with the right answers.")],
    compare: Annotated[
        str, typer.Option(help="base, tuned, or folders of adapters and merged models; by commas.")
    ] = "base,tuned",
    adapter: Annotated[Path | None, typer.Option(help="The adapter that 'tuned' means.")] = None,
    engine: Annotated[str, typer.Option(help="auto, torch or llamacpp.")] = "torch",
    model: Annotated[str, typer.Option(help="Base: embedded, a folder, a .gguf, owner/name.")] = "embedded",
    limit: Annotated[int | None, typer.Option(help="Only the first N rows.", min=1)] = None,
    max_new_tokens: Annotated[int, typer.Option(help="Most tokens of an answer.", min=1)] = 128,
    report: Annotated[Path | None, typer.Option(help="Write the report as one HTML page.")] = None,
    json_out: Annotated[Path | None, typer.Option(help="Write every figure and answer as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the table.")] = False,
) -> None:
    """Ask several models the same rows and show what each has right."""
    from buqi.evaluate import compare_rows
    from buqi.evaluate.report import html_page, terminal_table
    from buqi.files import sha256_of, whole_file
    from buqi.rows import read_rows

    chosen = read_rows(rows)[:limit]
    with working("loading models"):
        task, contestants = _contestants(compare, model, adapter, chosen, engine)
    with counting(len(chosen)) as advance:
        comparison = compare_rows(task, chosen, contestants, max_new_tokens, advance)
    origin = {"command": _command(rows, compare, adapter, model), "rows_sha256": sha256_of(rows)}
    record = comparison.as_json() | {"origin": origin}
    if report:
        with whole_file(report) as draft:
            draft.write_text(html_page(record, origin), encoding="utf-8")
    if json_out:
        with whole_file(json_out) as draft:
            draft.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if as_json:
        print_json(record)
    else:
        out.print(terminal_table(record), soft_wrap=False)
        if report:
            out.print(f"report: {report}", markup=False)


def _contestants(
    compare: str, model: str, adapter: Path | None, rows: list[Row], engine: str
) -> tuple[Task, list[Contestant]]:
    from buqi.cli.choose import TUNED, load
    from buqi.engine import BASE
    from buqi.errors import UsageError
    from buqi.evaluate import Contestant
    from buqi.task import task_of

    names = [name.strip() for name in compare.split(",") if name.strip()]
    if not names:
        raise UsageError("--compare: expected names separated by commas, e.g. base,tuned")
    if TUNED in names and adapter is None:
        raise UsageError("--compare tuned: name the adapter with --adapter FOLDER")
    shared = load(model, adapter, engine) if {BASE, TUNED} & set(names) else None
    found, tasks = [], [shared.task] if shared and shared.trained else []
    for name in names:
        if name in (BASE, TUNED) and shared:
            found.append(Contestant(name, shared.engine, shared.engine.tokenizer, name))
            continue
        other = load(name, None, "auto" if name.endswith(".gguf") and engine == "torch" else engine)
        if other.trained:
            tasks.append(other.task)
        adapter_name = TUNED if other.engine.adapters else BASE
        found.append(Contestant(Path(name).name, other.engine, other.engine.tokenizer, adapter_name))
    if len({task.fingerprint for task in tasks}) > 1:
        raise UsageError("--compare: these models were trained with different prompts: " + ", ".join(names))
    return tasks[0] if tasks else task_of((row.where, row.src[0]) for row in rows), found


def _command(rows: Path, compare: str, adapter: Path | None, model: str) -> str:
    flags = f" --adapter {adapter}" if adapter else ""
    return f"buqi evaluate {rows} --compare {compare}{flags} --model {model}"
