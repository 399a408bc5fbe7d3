"""``buqi complete TEXT…``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from buqi.cli.screen import counting, errors, out, print_json, working

if TYPE_CHECKING:
    from buqi.loading import OpenedModel as Chosen

MODES = ("auto", "match", "generate")
EMBEDDED = "embedded"


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    texts: list[str]
    mode: str
    model: str
    adapter: Path | None
    max_new_tokens: int
    allowed: Path | None
    memory: Path | None
    threshold: float | None
    engine: str = "auto"

    @property
    def names_model(self) -> bool:
        """Whether a model was named that may be trained for another task."""
        return self.adapter is not None or self.model != EMBEDDED


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(complete)


def complete(
    texts: Annotated[
        list[str] | None, typer.Argument(help="Addresses (or whatever the adapter was trained on).")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="csv, tsv, jsonl (.gz), parquet, xlsx, or a database URL.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="File: the column with the addresses.")] = None,
    target: Annotated[str | None, typer.Option("--out", help="File: the result; database: the new table.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet of an xlsx file that has several.")] = None,
    query: Annotated[str | None, typer.Option(help="Database: the SELECT to read.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="File: go on where an interrupted run stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="File: replace what --out names.")] = False,
    workers: Annotated[int | None, typer.Option(help="File: processes; all cores if not given.", min=1)] = None,
    review_below: Annotated[
        float, typer.Option(help="File: rows of a lower confidence go into OUT.review.csv.", min=0, max=1)
    ] = 0.9,
    ray: Annotated[
        str | None, typer.Option(help="File: run on Ray; local, or a cluster's address (auto, ray://…).")
    ] = None,
    mode: Annotated[
        str,
        typer.Option(
            help="auto: table, memory and, if named, a model weigh; match: the table alone; generate: the model writes."
        ),
    ] = "auto",
    adapter: Annotated[
        Path | None,
        typer.Option(help="Adapter folder: judges what is uncertain; generate: writes (default: shipped; none: base)."),
    ] = None,
    model: Annotated[
        str, typer.Option(help="Base or merged model: embedded, a folder, a .gguf, owner/name.")
    ] = EMBEDDED,
    engine: Annotated[
        str, typer.Option(help="auto, torch, llamacpp (only generates; a folder as 8-bit GGUF); vllm with --ray.")
    ] = "auto",
    memory: Annotated[Path | None, typer.Option(help="Folder of buqi places; $BUQI_PLACES if not given.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Confidence below which no answer is given.", min=0, max=1)
    ] = None,
    allowed: Annotated[
        Path | None, typer.Option(help="generate: a file of allowed answers, one a line; nothing else is written.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(help="Most tokens of an answer.", min=1)] = 128,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Complete addresses, one line each. What is not in the division table is refused."""
    from buqi.errors import UsageError

    if file is not None:
        from buqi.bulk import Settings
        from buqi.cli.bulk import FileAsked, complete_file

        if texts:
            raise UsageError("give addresses or --file, not both")
        settings = Settings(
            mode=mode,
            memory=str(memory) if memory else None,
            threshold=threshold,
            model=model if model != EMBEDDED else None,
            adapter=str(adapter) if adapter else None,
            engine=engine,
            allowed=tuple(_allowed(allowed)) if allowed else None,
            max_new_tokens=max_new_tokens,
        )
        bulk = FileAsked(file, target, column, sheet, query, settings, workers, review_below, ray)
        complete_file(bulk, resume, overwrite, as_json)
        return
    alone = {
        "--column": column,
        "--out": target,
        "--sheet": sheet,
        "--query": query,
        "--workers": workers,
        "--ray": ray,
    }
    if lonely := [name for name, value in alone.items() if value is not None]:
        raise UsageError(f"{', '.join(lonely)}: only with --file")
    if not texts:
        raise UsageError("name an address, or a file with --file")
    asked = Asked(texts, mode, model, adapter, max_new_tokens, allowed, memory, threshold, engine)
    results = _results(asked)
    if as_json:
        print_json(results if len(results) > 1 else results[0])
        return
    for result in results:
        out.print(_line(result), markup=False, soft_wrap=True)


def _results(asked: Asked) -> list[dict[str, Any]]:
    from buqi.errors import UsageError

    if asked.mode not in MODES:
        raise UsageError(f"--mode {asked.mode}: expected one of {', '.join(MODES)}")
    if asked.engine != "auto" and asked.mode != "generate" and not asked.names_model:
        raise UsageError(f"--engine {asked.engine}: no model is asked; name one with --adapter or --model")
    if asked.mode == "match" and asked.names_model:
        raise UsageError("--mode match asks no model; leave out --adapter and --model")
    weighing = [
        name for name, value in (("--memory", asked.memory), ("--threshold", asked.threshold)) if value is not None
    ]
    if weighing and asked.mode != "auto":
        raise UsageError(f"{', '.join(weighing)}: only with --mode auto")
    if asked.allowed is not None and asked.mode != "generate":
        raise UsageError("--allowed: only with --mode generate")
    if asked.mode == "match":
        return _match(asked.texts)
    if asked.mode == "auto" and not asked.names_model:
        return _weigh(asked, None)
    chosen = _load(asked)
    if asked.mode == "auto" and chosen.task.name == "address":
        return _weigh(asked, chosen)
    if weighing:
        raise UsageError(f"{', '.join(weighing)}: only for addresses; this model was trained for another task")
    return _generate(asked, chosen)


def _match(texts: list[str]) -> list[dict[str, Any]]:
    from buqi.address import Completion
    from buqi.divisions import load_matcher

    return [Completion.from_match(match).as_json() for match in load_matcher().match_all(texts)]


def _weigh(asked: Asked, chosen: Chosen | None) -> list[dict[str, Any]]:
    """Propose, choose, verify; ``chosen`` judges what is not certain."""
    from buqi.address.answer import Completer
    from buqi.address.judge import Judge
    from buqi.engine import BASE

    judge = None
    if chosen:
        name = next(iter(chosen.engine.adapters), BASE)
        judge = Judge.of(chosen.engine, chosen.engine.tokenizer, chosen.task, name)
    completer = Completer(asked.memory, asked.threshold, judge=judge)
    with counting(len(asked.texts)) as advance:
        found = completer.complete_all(asked.texts, lambda n: advance("completing", n))
    return [completion.as_json() for completion in found]


def _load(asked: Asked) -> Chosen:
    from buqi.loading import adapter_for, load

    with working("loading the model"):
        adapter = adapter_for(asked.model, asked.adapter) if asked.mode == "generate" else asked.adapter
        chosen = load(asked.model, adapter, asked.engine, scores=asked.mode == "auto")
    if asked.engine == "auto":
        errors.print(f"[dim]engine: {type(chosen.engine).__name__} ({chosen.why})[/]")
    if not chosen.trained:
        errors.print("[dim]note: untuned base; name what you trained with --adapter FOLDER[/]")
    return chosen


def _generate(asked: Asked, chosen: Chosen) -> list[dict[str, Any]]:
    from buqi.engine import BASE
    from buqi.loading import TUNED

    prompts = [chosen.task.prompt_text(chosen.engine.tokenizer, [text]) for text in asked.texts]
    name = TUNED if chosen.engine.adapters else BASE
    allowed = _allowed(asked.allowed) if asked.allowed else None
    with counting(len(prompts)) as advance:
        answers = chosen.engine.generate(
            prompts, asked.max_new_tokens, name, lambda n: advance("completing", n), allowed=allowed
        )
    return [_result(chosen.task, text, answer) for text, answer in zip(asked.texts, answers, strict=True)]


def _allowed(path: Path) -> list[str]:
    from buqi.errors import UsageError
    from buqi.files import read_text

    lines = list(dict.fromkeys(line.strip() for line in read_text(path).splitlines() if line.strip()))
    if not lines:
        raise UsageError(f"{path}: no answers in it; write one a line")
    return lines


def _result(task: Any, text: str, answer: Any) -> dict[str, Any]:
    from buqi.address import Completion

    if task.name == "address":
        return Completion.from_answer(task.text_of(text), answer.text, answer.stopped).as_json()
    return {"input": text, "answer": answer.text, "stopped": answer.stopped}


def _line(result: dict[str, Any]) -> str:
    if "answer" in result:
        return str(result["answer"])
    if result["status"] in ("unknown", "ambiguous"):
        others = "; ".join(_alternative(a) for a in result["alternatives"])
        return f"{result['input']}\t(cannot tell: {result['notes'][0]}{': ' if others else ''}{others})"
    return str(result["full"])


def _alternative(found: dict[str, Any]) -> str:
    text = " ".join(str(found["full"]).split())
    return text if found["confidence"] is None else f"{text} {found['confidence']:.0%}"
