"""``buqi complete TEXT…``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from buqi.cli.screen import counting, errors, out, print_json, working


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(complete)


def complete(
    texts: Annotated[list[str], typer.Argument(help="Addresses (or whatever the adapter was trained on).")],
    adapter: Annotated[Path | None, typer.Option(help="Adapter folder; without it the base answers.")] = None,
    model: Annotated[
        str, typer.Option(help="Base or merged model: embedded, a folder, a .gguf, owner/name.")
    ] = "embedded",
    max_new_tokens: Annotated[int, typer.Option(help="Most tokens of an answer.", min=1)] = 128,
    mode: Annotated[
        str, typer.Option(help="generate: the model writes the answer. match: the table alone, no model.")
    ] = "generate",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Complete addresses, one line each. What is not in the division table is refused."""
    from buqi.errors import UsageError

    if mode not in MODES:
        raise UsageError(f"--mode {mode}: expected one of {', '.join(MODES)}")
    results = MODES[mode](texts, model, adapter, max_new_tokens)
    if as_json:
        print_json(results if len(results) > 1 else results[0])
        return
    for result in results:
        out.print(_line(result), markup=False, soft_wrap=True)


def _match(texts: list[str], model: str, adapter: Path | None, max_new_tokens: int) -> list[dict[str, Any]]:
    from buqi.address import Completion
    from buqi.divisions import load_matcher
    from buqi.errors import UsageError

    if adapter is not None:
        raise UsageError("--mode match asks no model; leave out --adapter")
    return [Completion.from_match(match).as_json() for match in load_matcher().match_all(texts)]


def _generate(texts: list[str], model: str, adapter: Path | None, max_new_tokens: int) -> list[dict[str, Any]]:
    from buqi.cli.choose import TUNED, load
    from buqi.engine import BASE

    with working("loading the model"):
        chosen = load(model, adapter)
    if not chosen.trained:
        errors.print("[dim]note: untuned base; name what you trained with --adapter FOLDER[/]")
    prompts = [chosen.task.prompt_text(chosen.engine.tokenizer, [text]) for text in texts]
    with counting(len(texts)) as advance:
        name = TUNED if chosen.engine.adapters else BASE
        answers = chosen.engine.generate(prompts, max_new_tokens, name, lambda n: advance("completing", n))
    return [_result(chosen.task, text, answer) for text, answer in zip(texts, answers, strict=True)]


MODES = {"generate": _generate, "match": _match}


def _result(task: Any, text: str, answer: Any) -> dict[str, Any]:
    from buqi.address import Completion

    if task.name == "address":
        return Completion.from_answer(task.text_of(text), answer.text, answer.stopped).as_json()
    return {"input": text, "answer": answer.text, "stopped": answer.stopped}


def _line(result: dict[str, Any]) -> str:
    if "answer" in result:
        return str(result["answer"])
    if result["status"] in ("unknown", "ambiguous"):
        others = "; ".join(" ".join(a["full"].split()) for a in result["alternatives"])
        return f"{result['input']}\t(cannot tell: {result['notes'][0]}{': ' if others else ''}{others})"
    return str(result["full"])
