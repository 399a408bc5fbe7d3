"""``buqi model fetch | show``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from buqi.cli.screen import out, print_json, working

app = typer.Typer(help="Base weights: fetch and describe.", no_args_is_help=True)

Source = Annotated[str, typer.Option(help="Hub for owner/name: huggingface or modelscope.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="embedded, a folder, a .gguf file, or owner/name on a hub.")] = "embedded",
    source: Source = "huggingface",
) -> None:
    """Fetch base weights, verify them, and print the folder they lie in."""
    from buqi.base.embedded import fetch_embedded
    from buqi.base.spec import resolve

    with working(f"fetching {name}") as say:
        folder = fetch_embedded(say) if name == "embedded" else resolve(name, source)
    print(folder)


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="embedded, a folder, a .gguf file, or owner/name on a hub.")] = "embedded",
    source: Source = "huggingface",
    as_json: Json = False,
) -> None:
    """Show architecture, parameters, type, tying, chat template and fingerprint."""
    from buqi.base import resolve

    with working(f"reading {path}"):
        record = describe(resolve(path, source))
    if as_json:
        print_json(record)
        return
    for key, value in record.items():
        out.print(f"{key:<14}{value:,}" if isinstance(value, int) and key == "parameters" else f"{key:<14}{value}")


def describe(folder: Path) -> dict[str, Any]:
    """Return what identifies the model in ``folder``."""
    from safetensors import safe_open

    from buqi.base import fingerprint, load_tokenizer
    from buqi.task import chat_template_hash

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    count, kinds = 0, set()
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 (not a dict)
                part = tensors.get_slice(name)
                size = 1
                for length in part.get_shape():
                    size *= length
                count += size
                kinds.add(part.get_dtype())
    return {
        "folder": str(folder),
        "architecture": ", ".join(config.get("architectures") or [config.get("model_type", "unknown")]),
        "layers": config.get("num_hidden_layers"),
        "hidden": config.get("hidden_size"),
        "vocabulary": config.get("vocab_size"),
        "parameters": count,
        "dtype": ", ".join(sorted(kinds)),
        "tied": bool(config.get("tie_word_embeddings")),
        "chat_template": chat_template_hash(load_tokenizer(folder)),
        "fingerprint": fingerprint(folder),
    }
