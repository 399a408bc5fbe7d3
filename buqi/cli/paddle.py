"""``buqi import-paddle`` and ``buqi export-paddle``: adapters of PaddleNLP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from rich.markup import escape
from typer import Argument, Option

from buqi.cli.options import Base, Overwrite
from buqi.cli.screen import errors, print_written, working
from buqi.errors import counted

Target = Annotated[Path, Option("--output_path", help="Folder to write.")]


def import_paddle(
    folder: Annotated[Path, Argument(help="What PaddleNLP saved: lora_config.json and its weights.")],
    output_path: Target,
    model_name_or_path: Base = "embedded",
    prompt_template: Annotated[
        str | None, Option(help="The prompt it was trained with, {text} in it; the address task's if not given.")
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write an adapter of PaddleNLP as one of PEFT's, and prove that it answers by PaddleNLP's formula."""
    from buqi.base import resolve
    from buqi.base.spec import name_for_peft
    from buqi.export.paddle import import_paddle as run
    from buqi.export.paddle_format import read_adapter
    from buqi.lock import claimed
    from buqi.task import ADDRESS, Task

    task = ADDRESS if prompt_template in (None, ADDRESS.template) else Task("rows", str(prompt_template))
    adapter = read_adapter(folder)
    base = resolve(model_name_or_path)
    own = (model_name_or_path, name_for_peft(model_name_or_path, base))
    if adapter.base_name and adapter.base_name not in own and not _same_base(adapter.base_name, base):
        bases = f"it was trained on {escape(adapter.base_name)}, here it is put on {escape(model_name_or_path)}"
        note = f"note: it says {bases}; on another base than its own an adapter answers nonsense"
        errors.print(f"[yellow]{note}[/]", soft_wrap=True)
    with claimed(output_path), working("importing") as say:
        parity = run(folder, base, output_path, task, overwrite, say)
    kind = "PiSSA, now a LoRA of the original base" if adapter.pissa else "LoRA"
    difference = f"largest logit difference from PaddleNLP's formula {parity.largest}"
    print_written(output_path, f"{kind}, {counted(len(adapter.factors), 'layer')}; {difference}")


def _same_base(named: str, base: Path) -> bool:
    """Return whether a base that lay in another cache is the one here: in the cache folders are named by their hash."""
    from buqi.files import cache_dir

    return base.parent == cache_dir() / "base" and Path(named).name == base.name


def export_paddle(
    adapter: Annotated[Path, Argument(help="An adapter folder.")],
    output_path: Target,
    model_name_or_path: Base = "embedded",
    overwrite: Overwrite = False,
) -> None:
    """Write an adapter as PaddleNLP's unified checkpoint (lora_config.json, peft_model-*.safetensors)."""
    from buqi.artefact import check_is_adapter
    from buqi.base import resolve
    from buqi.export.paddle import export_paddle as run
    from buqi.lock import claimed

    check_is_adapter(adapter)
    with claimed(output_path), working("exporting"):
        written = run(adapter, resolve(model_name_or_path), output_path, overwrite)
    print_written(output_path, f"LoRA, {counted(len(written.factors), 'layer')}, scale {written.scaling:g}")
