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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Complete addresses, one line each. The model writes the answer; what is not in the division table is refused."""
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
    results = [_result(chosen.task, text, answer) for text, answer in zip(texts, answers, strict=True)]
    if as_json:
        print_json(results if len(results) > 1 else results[0])
        return
    for result in results:
        out.print(_line(result), markup=False, soft_wrap=True)


def _result(task: Any, text: str, answer: Any) -> dict[str, Any]:
    from buqi.address import Completion

    if task.name == "address":
        return Completion.from_answer(task.text_of(text), answer.text, answer.stopped).as_json()
    return {"input": text, "answer": answer.text, "stopped": answer.stopped}


def _line(result: dict[str, Any]) -> str:
    if "answer" in result:
        return str(result["answer"])
    if result["status"] == "unknown":
        wrote = " ".join(result["alternatives"][0]["full"].split())
        return f"{result['input']}\t(cannot tell: {result['notes'][0]}; it wrote: {wrote})"
    return str(result["full"])
