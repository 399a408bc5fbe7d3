"""``buqi complete TEXT…``."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from buqi.cli.options import Device, Encoding, Json, Memory, Sheet, Threshold
from buqi.cli.screen import counting, errors, print_result, working
from buqi.errors import UsageError, counted

if TYPE_CHECKING:
    from buqi.answering import AnswerOptions


MOST_ALLOWED = 2000  # different answers in rows that --allowed names
SHOWN_ALLOWED = 3  # likeliest answers on a line; --json has all
SUFFIX = re.compile(r"\.[A-Za-z]{2,8}$")  # of a file


Texts = Annotated[list[str] | None, Argument(help="Addresses (or whatever the adapter was trained on).")]
File = Annotated[str | None, Option(help="csv, tsv, jsonl (.gz), parquet, xlsx, or a database URL.")]
Columns = Annotated[str | None, Option(help="File: the column with the addresses, or several, as 省,市,区,地址.")]
Target = Annotated[str | None, Option("--out", help="File: the result; database: the new table.")]
Query = Annotated[str | None, Option(help="Database: the SELECT to read.")]
Resume = Annotated[bool, Option("--resume", help="File: go on where an interrupted run stopped.")]
ReplaceTarget = Annotated[bool, Option("--overwrite", help="File: replace what --out names.")]
Workers = Annotated[int | None, Option(help="File: processes; all cores if not given.", min=1)]
ReviewBelow = Annotated[
    float | None, Option(help="File: rows of a lower confidence (0.9) go into OUT.review.csv.", min=0, max=1)
]
Key = Annotated[str | None, Option(help="File: your column that names a row, for OUT.review.csv.")]
SafeCells = Annotated[
    bool, Option("--safe_cells", help="csv, tsv: a quote goes before your own cells too that look like formulas.")
]
Fill = Annotated[bool, Option("--fill", help="File: the answer goes only into empty cells of the columns of levels.")]
NoCache = Annotated[bool, Option("--no_cache", help="File: keep no answers on disk for later runs.")]
Ray = Annotated[str | None, Option(help="File: run on Ray; local, or a cluster's address (auto, ray://…).")]
Mode = Annotated[str, Option(help="auto: table and memory; match: the table alone; generate: a model writes.")]
Adapter = Annotated[
    Path | None, Option(help="generate: adapter folder (default: the shipped one; none: the base alone).")
]
Model = Annotated[
    str | None, Option(help="generate: base (embedded if not given) or merged model: a folder, a .gguf, owner/name.")
]
Engine = Annotated[
    str,
    Option(
        help="generate: auto, torch, torch-fp32, torch-bf16, torch-int8, llamacpp, openvino (GGUF); vllm with --ray."
    ),
]
Allowed = Annotated[
    Path | None,
    Option(help="generate: the answers that may be written: a file with one a line, or rows (file or folder)."),
]
Probabilities = Annotated[
    bool, Option("--probabilities", help="With --allowed: the probability of each of these answers (slower).")
]
MaxNewTokens = Annotated[
    int | None, Option(help="generate: most tokens of an answer (of addresses: with --free); 128 if not given.", min=1)
]
Free = Annotated[
    bool,
    Option("--free", help="generate: an address may be written as the model likes, not only by names of the table."),
]
Contact = Annotated[bool, Option("--contact", help="Make name, phone and postcode fields of their own.")]
Split = Annotated[bool, Option("--split", help="Complete each of several addresses on a line.")]


def complete(
    texts: Texts = None,
    file: File = None,
    column: Columns = None,
    target: Target = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    query: Query = None,
    resume: Resume = False,
    overwrite: ReplaceTarget = False,
    workers: Workers = None,
    review_below: ReviewBelow = None,
    key: Key = None,
    safe_cells: SafeCells = False,
    fill: Fill = False,
    no_cache: NoCache = False,
    ray: Ray = None,
    mode: Mode = "auto",
    adapter: Adapter = None,
    model: Model = None,
    engine: Engine = "auto",
    device: Device = "auto",
    memory: Memory = None,
    threshold: Threshold = None,
    allowed: Allowed = None,
    probabilities: Probabilities = False,
    max_new_tokens: MaxNewTokens = None,
    free: Free = False,
    contact: Contact = False,
    split: Split = False,
    as_json: Json = False,
) -> None:
    """Complete addresses, one line each. What is not in the division table is refused."""
    from buqi.answering import AnswerOptions
    from buqi.cli.bulk import FileOptions, complete_file

    if file is not None and texts:
        raise UsageError("give addresses or --file, not both; --file takes one file")
    if file is not None and (split or probabilities):
        option = "--split" if split else "--probabilities"
        raise UsageError(f"{option}: only for texts on the command line; a file keeps its rows")
    files = FileOptions(
        file=file, out=target, column=column, sheet=sheet, encoding=encoding, query=query, workers=workers, ray=ray,
        review_below=review_below, key=key, resume=resume, overwrite=overwrite, safe_cells=safe_cells, fill=fill,
        no_cache=no_cache,
    )  # fmt: skip
    options = AnswerOptions(
        mode, memory=memory, threshold=threshold, model=model, adapter=adapter, engine=engine,
        allowed=() if allowed else None, max_new_tokens=max_new_tokens, contact=contact,
        probabilities=probabilities, free=free,
    )  # fmt: skip
    if allowed:  # the file is read once the options are known to fit together
        options = replace(options, allowed=_read_allowed(allowed))
    if file is not None:
        complete_file(files, options, as_json)
    elif texts:
        _refuse_files(texts)
        _complete_texts(_split(texts) if split else texts, options, as_json)
    else:
        raise UsageError("name an address, or a file with --file")


def _refuse_files(texts: list[str]) -> None:
    """Refuse names of files among the texts."""
    for text in texts:
        if SUFFIX.search(text) and Path(text).is_file():
            raise UsageError(f"{text} is a file: complete it with --file {shlex.quote(text)}")


def _complete_texts(texts: list[str], options: AnswerOptions, as_json: bool) -> None:
    from buqi.answering import WritingAnswerer, open_answerer

    with working("loading"):
        answerer = open_answerer(options)
    if isinstance(answerer, WritingAnswerer):
        opened = answerer.opened
        if options.engine == "auto":
            errors.print(f"[dim]engine: {opened.engine.title} ({opened.why})[/]")
        if not opened.trained:
            errors.print("[dim]note: untuned base; name what you trained with --adapter FOLDER[/]")
    with counting(len(texts)) as advance:
        results = [reply.as_json() for reply in answerer.answer(texts, lambda n: advance("completing", n))]
    print_result(results if len(results) > 1 else results[0], map(_line, results), as_json)


def _split(texts: list[str]) -> list[str]:
    from buqi.contact import split_line

    return [part.strip() for text in texts for part in split_line(text)]


def _read_allowed(path: Path) -> tuple[str, ...]:
    """Return the answers in a file of lines, or the different answers of rows."""
    from buqi.encoding import read_text
    from buqi.rows import find_sets, read_rows

    if path.is_dir() or path.suffix in (".json", ".jsonl"):
        rows = read_rows(find_sets(path)["train"] if path.is_dir() else path)
        found = tuple(dict.fromkeys(row.tgt[-1].strip() for row in rows))
        if len(found) > MOST_ALLOWED:
            raise UsageError(f"{path}: {len(found):,} different answers; --allowed is for a small set of them")
        errors.print(f"[dim]{counted(len(found), 'answer')} allowed, those of {counted(len(rows), 'row')}[/]")
        return found
    lines = tuple(dict.fromkeys(line.strip() for line in read_text(path).splitlines() if line.strip()))
    if not lines:
        raise UsageError(f"{path}: no answers in it; write one a line")
    return lines


def _line(result: dict[str, Any]) -> str:
    """Return an answer, as its JSON object, for the screen."""
    from buqi.address.completion import CONTACT, percent

    if "answer" in result:
        first = list(result.get("probabilities", {}).items())[:SHOWN_ALLOWED]
        return "\t".join([str(result["answer"]), *(f"{answer} {share:.1%}" for answer, share in first)])
    if result["status"] in ("unknown", "ambiguous"):
        others = "; ".join(_alternative(a) for a in result["alternatives"])
        return f"{result['input']}\t(cannot tell: {result['notes'][0]}{': ' if others else ''}{others})"
    contact = [result[name] for name in CONTACT if result.get(name)]
    code = max(result["codes"].values(), key=len, default="")
    confidence = [] if result["confidence"] is None else [percent(result["confidence"])]
    return "  ".join([result["full"], code, *confidence, *contact])


def _alternative(found: dict[str, Any]) -> str:
    from buqi.address.completion import percent

    text = " ".join(str(found["full"]).split())
    return text if found["confidence"] is None else f"{text} {percent(found['confidence'])}"
