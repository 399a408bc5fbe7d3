"""``buqi model fetch | show``."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer
from typer import Argument

from buqi.cli.options import Hub, Json
from buqi.cli.screen import print_result, working

app = typer.Typer(help="Base weights: fetch and describe.", no_args_is_help=True)


@app.command()
def fetch(
    name: Annotated[str, Argument(help="embedded, a folder, a .gguf file, or owner/name on a hub.")] = "embedded",
    source: Hub = "huggingface",
) -> None:
    """Fetch base weights, verify them, and print the folder they lie in."""
    from buqi.base.embedded import fetch_embedded
    from buqi.base.fingerprint import fingerprint
    from buqi.base.spec import resolve

    with working(f"fetching {name}") as say:
        folder = fetch_embedded(say, renew=True) if name == "embedded" else resolve(name, source, renew=True)
        fingerprint(folder)  # opens every file of weights
    print(folder)


@app.command()
def show(
    path: Annotated[str, Argument(help="embedded, a folder, a .gguf file, or owner/name on a hub.")] = "embedded",
    source: Hub = "huggingface",
    as_json: Json = False,
) -> None:
    """Show architecture, parameters, type, tying, chat template and fingerprint."""
    from buqi.base import resolve

    with working(f"reading {path}"):
        record = describe(resolve(path, source))
    shown = record | {"parameters": f"{record['parameters']:,}"}
    print_result(record, (f"{key:<14}{value}" for key, value in shown.items()), as_json)


def describe(folder: Path) -> dict[str, Any]:
    """Return what identifies the model in ``folder``."""
    from safetensors import safe_open

    from buqi.base import fingerprint, load_tokenizer
    from buqi.files import read_json
    from buqi.task import chat_template_hash

    config = read_json(folder / "config.json")
    count, kinds = 0, set[str]()
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            parts = [tensors.get_slice(name) for name in tensors.keys()]  # noqa: SIM118 (not a dict)
            count += sum(math.prod(part.get_shape()) for part in parts)
            kinds.update(part.get_dtype() for part in parts)
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
