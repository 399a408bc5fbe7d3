"""``buqi evaluate ROWS --compare base,tuned`` and ``buqi evaluate --benchmark``."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from buqi.cli.options import Device, Memory, Threshold
from buqi.cli.screen import counting, errors, out, print_json, working
from buqi.errors import UsageError

if TYPE_CHECKING:
    from buqi.evaluate.opening import Lineup


CONTESTANTS = (
    "By commas: base, tuned, generate, generate_free, match, auto, rivals (or a library's name), folders of adapters "
    "and merged models, .gguf files, http://host/v1#model, files of answers (.tsv, .csv, .txt)."
)


Rows = Annotated[Path | None, Argument(help="Rows with right answers: src/tgt, or input and levels.")]
Compare = Annotated[
    str | None, Option(help=CONTESTANTS + " base,tuned if not given; rivals,match,auto for --benchmark.")
]
Adapter = Annotated[Path | None, Option(help="The adapter that 'tuned' means (default: shipped).")]
Engine = Annotated[
    str, Option(help="Of models: auto, torch, torch-fp32, torch-bf16, torch-int8, llamacpp or openvino.")
]
Model = Annotated[str | None, Option(help="Base (embedded if not given): a folder, a .gguf, owner/name.")]
RivalsDir = Annotated[Path | None, Option(help="Where make rivals put the libraries; .rivals if not given.")]
Endpoint = Annotated[
    str | None, Option(help="One more contestant: http://host/v1#model; its key in $BUQI_ENDPOINT_KEY.")
]
Benchmark = Annotated[
    bool, Option("--benchmark", help="Take the open benchmark as rows. No memory is used unless --memory names one.")
]
Limit = Annotated[int | None, Option(help="Only the first N rows.", min=1)]
ModelRows = Annotated[
    int | None, Option(help="Rows of each slice that models and endpoints are asked; all if not given.", min=1)
]
MaxNewTokens = Annotated[int | None, Option(help="Most tokens of a written answer; 128 if not given.", min=1)]
Report = Annotated[Path | None, Option(help="Write the report as one HTML page.")]
NoRows = Annotated[bool, Option("--no_rows", help="Leave the rows out of the page and the JSON.")]
JsonOut = Annotated[Path | None, Option(help="Write every figure and answer as JSON.")]
Against = Annotated[Path | None, Option(help="An older --json_out: show what changed since.")]
AllowSeen = Annotated[bool, Option("--allow_seen", help="Evaluate although rows stand in the adapter's training data.")]
AsJson = Annotated[bool, Option("--json", help="Print JSON instead of the table.")]


def evaluate(
    rows: Rows = None,
    compare: Compare = None,
    adapter: Adapter = None,
    engine: Engine = "torch",
    device: Device = "auto",
    model: Model = None,
    memory: Memory = None,
    threshold: Threshold = None,
    rivals_dir: RivalsDir = None,
    endpoint: Endpoint = None,
    benchmark: Benchmark = False,
    limit: Limit = None,
    model_rows: ModelRows = None,
    max_new_tokens: MaxNewTokens = None,
    report: Report = None,
    no_rows: NoRows = False,
    json_out: JsonOut = None,
    against: Against = None,
    allow_seen: AllowSeen = False,
    as_json: AsJson = False,
) -> None:
    """Ask several contestants the same rows and show how many each answers right."""
    from buqi.answering import AnswerOptions
    from buqi.evaluate import benchmark as shipped
    from buqi.evaluate.opening import Lineup, contestant_names
    from buqi.evaluate.report import changes

    if no_rows and report is None and json_out is None:
        raise UsageError("--no_rows: only with --report or --json_out")
    if (rows is not None) == benchmark:
        raise UsageError("expected a file of rows, or --benchmark" + (", not both" if benchmark else ""))
    names = contestant_names(compare or (shipped.CONTESTANTS if benchmark else "base,tuned"), endpoint)
    known = memory or (shipped.NO_MEMORY if benchmark and "auto" in names else None)
    weighing = AnswerOptions("auto", known, threshold)
    writing = AnswerOptions("generate", model=model, adapter=adapter, engine=engine, max_new_tokens=max_new_tokens)
    lineup = Lineup(names, weighing, writing, rivals_dir or Path(".rivals"))
    lineup.refuse_unused(rivals_dir, model_rows)
    _check_targets({"--report": report, "--json_out": json_out}, (rows, *map(Path, names)))
    old = _older_report(against)
    record, kept = _compared(lineup, rows or shipped.BENCHMARK, limit, model_rows, allow_seen)
    record["origin"]["command"] = _command("--benchmark" if rows is None else rows, lineup, memory, limit, model_rows)
    if old is not None:
        record["changes"] = changes(record, old)
        if _asked_other_rows(record, old):
            errors.print(f"note: --against {against} asked other rows; what changed may be the rows", style="dim")
    _write(record, report, json_out, show_rows=not no_rows)
    shutil.rmtree(kept, ignore_errors=True)
    if as_json:
        print_json(record)
    else:
        _show(record, report)


def _compared(
    lineup: Lineup, rows: Path, limit: int | None, model_rows: int | None, allow_seen: bool
) -> tuple[dict[str, Any], Path]:
    """Return the figures and answers of all contestants, with where the rows come from.

    Also return the folder that keeps the answers until the figures are written.
    """
    from buqi.evaluate.benchmark import spread
    from buqi.evaluate.compare import compare_rows
    from buqi.evaluate.gold import read_gold
    from buqi.evaluate.opening import open_contestants, refuse_seen
    from buqi.files import cache_dir, sha256_of

    chosen = read_gold(rows)[:limit]
    with working("loading"):
        lineup = lineup.with_adapter(chosen)
        task, contestants, absent = open_contestants(lineup, chosen)
    seen = refuse_seen(lineup, chosen, task, allow_seen, lambda note: errors.print(f"note: {note}", style="dim"))
    digest = sha256_of(rows)
    kept = cache_dir() / "evaluate" / hashlib.sha256(f"{digest} {lineup.names}".encode()).hexdigest()[:16]
    sample = {c.name: spread(chosen, model_rows) for c in contestants if c.writes and model_rows is not None}
    with counting(len(chosen)) as advance:
        comparison = compare_rows(task, chosen, contestants, advance, kept, absent, sample)
    origin = {"command": "", "date": date.today().isoformat(), "rows_sha256": digest}
    return comparison.as_json() | {"origin": origin | ({"seen": seen} if seen else {})}, kept


def _check_targets(targets: dict[str, Path | None], read: tuple[Path | None, ...]) -> None:
    """Refuse, before any work, files that cannot be written or that the comparison reads."""
    from buqi.bulk.tables import check_target

    wanted = {option: path for option, path in targets.items() if path is not None}
    for option, path in wanted.items():
        check_target(path, True, option)
        if path.exists() and any(source and source.exists() and path.samefile(source) for source in read):
            raise UsageError(f"{option} {path}: it is read for the comparison, and stays as it is; name another file")
    if len({path.absolute() for path in wanted.values()}) < len(wanted):
        raise UsageError(f"{' and '.join(wanted)}: one file cannot hold both; name two")


def _older_report(path: Path | None) -> dict[str, Any] | None:
    """Return an older report; `UsageError` if the file is none."""
    from buqi.encoding import read_text
    from buqi.evaluate.report import LABELS

    if path is None:
        return None
    try:
        found = json.loads(read_text(path))
        values = [figures.get(measure) for figures in found["contestants"].values() for measure in LABELS]
        is_report = all(value is None or isinstance(value, (int, float)) for value in values)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        is_report = False
    if not is_report:
        raise UsageError(f"--against {path}: not a report that --json_out wrote")
    old: dict[str, Any] = found
    return old


def _asked_other_rows(record: dict[str, Any], old: dict[str, Any]) -> bool:
    """Return whether two reports are known to be of different rows."""
    asked, before = (report.get("origin", {}).get("rows_sha256") for report in (record, old))
    return bool((before is not None and before != asked) or old.get("rows", record["rows"]) != record["rows"])


def _write(record: dict[str, Any], report: Path | None, json_out: Path | None, show_rows: bool) -> None:
    from buqi.evaluate.report import html_page
    from buqi.files import whole_file, write_json

    if report:
        with whole_file(report) as draft:
            draft.write_bytes(html_page(record, record["origin"], show_rows).encode("utf-8", "backslashreplace"))
    if json_out:
        write_json(json_out, record if show_rows else {key: v for key, v in record.items() if key != "answers"})


def _show(record: dict[str, Any], report: Path | None) -> None:
    """Print the tables of a comparison, what changed since an older one, and rows that failed."""
    from buqi.evaluate.report import LABELS
    from buqi.evaluate.tables import slice_tables, terminal_table, trust_table

    out.print(terminal_table(record), soft_wrap=False)
    for table in filter(None, (*slice_tables(record, out.width), trust_table(record))):
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


def _command(rows: Path | str, lineup: Lineup, memory: Path | None, limit: int | None, model_rows: int | None) -> str:
    """Return the command that repeats the comparison."""
    from buqi.evaluate.rivals.readers import LIBRARIES

    writing, weighing = lineup.writing, lineup.weighing
    options: dict[str, Any] = {"--adapter": writing.adapter, "--model": writing.model, "--memory": memory}
    options |= {"--engine": writing.engine if writing.engine != "torch" else None, "--threshold": weighing.threshold}
    options |= {"--max_new_tokens": writing.max_new_tokens, "--limit": limit, "--model_rows": model_rows}
    flags = "".join(f" {name} {value}" for name, value in options.items() if value is not None)
    names = ",".join(lineup.names).replace(",".join(LIBRARIES), "rivals")
    return f"buqi evaluate {rows} --compare {names}{flags}"
