"""``buqi bench train``."""

from __future__ import annotations

from typing import Annotated

import typer

from buqi.cli.screen import counting, out, print_json, working

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure this machine."""


@app.command()
def train(
    model: Annotated[str, typer.Option(help="Base.")] = "embedded",
    steps: Annotated[int, typer.Option(help="Timed steps of each way, in turn.", min=1)] = 5,
    rows: Annotated[int, typer.Option(help="Rows in a step.", min=1)] = 16,
    rank: Annotated[int, typer.Option(help="LoRA rank, on all linear layers.", min=1)] = 8,
    micro: Annotated[int, typer.Option(help="Rows of a padded micro-batch.", min=1)] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Time a training step: packs with a shared prefix against padded batches, same rows, same loss."""
    from buqi.address import build_rows, counties_of
    from buqi.artefact import versions
    from buqi.base import load_model, load_tokenizer, resolve
    from buqi.config import make_config
    from buqi.task import ADDRESS
    from buqi.tune.adapter import add_adapter
    from buqi.tune.bench import compare_steps
    from buqi.tune.run import peak_memory_gb

    with working("loading the model"):
        config = make_config(
            {"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora": True, "lora_rank": rank}
        )
        base = resolve(model)
        tokenizer = load_tokenizer(base)
        tuned = add_adapter(load_model(base), config)
    made = [
        ADDRESS.encode(tokenizer, r.src, r.tgt) for r in build_rows(counties_of("西安市,宝鸡市"), rows * (steps + 1))
    ]
    batches = [made[start : start + rows] for start in range(0, len(made), rows)]
    with counting(2 * len(batches)) as advance:
        speeds = compare_steps(
            tuned, batches, tokenizer.pad_token_id, config.pack_tokens, micro, lambda n: advance("steps", n)
        )
    padded, packed = speeds
    gap = max(abs(a - b) for a, b in zip(padded.losses, packed.losses, strict=True))
    ratio = packed.rows_per_second / padded.rows_per_second
    if as_json:
        found = {s.name: {"rows_per_second": s.rows_per_second, "seconds": s.seconds} for s in speeds}
        print_json(found | {"ratio": ratio, "largest_loss_difference": gap, "versions": versions()})
        return
    for speed in speeds:
        out.print(f"{speed.name:<8}{speed.rows_per_second:6.2f} rows/s (median of {steps} steps of {rows} rows)")
    out.print(f"packed is {ratio:.2f} times as fast; largest loss difference {gap:.1e}; peak {peak_memory_gb():.1f} GB")
