"""Train an adapter to choose among candidates: ``python -m buqi.tune.judge CHOICES.jsonl --out FOLDER``.

``contrast`` learns to rank: cross-entropy over the candidates' log-probabilities, all of a step's rows in trees that
share what they begin with. ``answer`` learns to write the right one (what any supervised fine-tuning does); ``number``
learns to name its number in a list. The result is an ordinary LoRA adapter.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from buqi.artefact import versions, write_run
from buqi.base import fingerprint, load_model, load_tokenizer, resolve
from buqi.config import make_config
from buqi.engine.choice import WAYS, Choice, sequences
from buqi.engine.tree import Scored, trees
from buqi.errors import UsageError
from buqi.files import sha256_of, whole_folder
from buqi.task import ADDRESS, Task
from buqi.tune.adapter import add_adapter

BUDGET = 480  # nodes of a tree
SAVED = 600.0  # seconds between two saves


def scores(model: Any, rows: Sequence[list[Scored]]) -> list[torch.Tensor]:
    """Return each row's log-probabilities of its candidates, differentiable."""
    found: list[torch.Tensor] = [torch.empty(0)] * len(rows)
    for tree, held in trees(rows, BUDGET):
        every, at = tree.log_probabilities(model), 0
        for number in held:
            found[number] = every[at : at + len(rows[number])]
            at += len(rows[number])
    return found


def loss_of(way: str, score: torch.Tensor, row: list[Scored], right: int) -> torch.Tensor:
    """Return one row's loss in nats."""
    if way == "answer":
        return -score[right] / len(row[right].tokens)
    return torch.nn.functional.cross_entropy(score[None], torch.tensor([right]))


def measure(model: Any, rows: Sequence[list[Scored]], right: Sequence[int]) -> dict[str, float]:
    """Return the share of rows whose right candidate scores highest, and the mean cross-entropy over candidates."""
    model.eval()
    with torch.inference_mode():
        found = scores(model, rows)
    hits = [float(s.argmax() == r) for s, r in zip(found, right, strict=True)]
    nats = [float(loss_of("contrast", s, q, r)) for s, q, r in zip(found, rows, right, strict=True)]
    return {"right": sum(hits) / len(hits), "nats": sum(nats) / len(nats)}


def train_judge(
    base: Path,
    rows: Sequence[Choice],
    dev: Sequence[Choice],
    out: Path,
    way: str = "contrast",
    seconds: float = 600.0,
    rank: int = 8,
    learning_rate: float = 2e-4,
    rows_per_step: int = 8,
    seed: int = 0,
    task: Task = ADDRESS,
    record: dict[str, Any] | None = None,
) -> dict[str, float]:
    """Train for ``seconds``, the rate falling to nothing; write the adapter with ``run.json`` and ``log.jsonl``.

    Raises:
        UsageError: no such way, or no rows.
    """
    if way not in WAYS or not rows:
        raise UsageError(f"way {way}: expected one of {', '.join(WAYS)}, and at least one row")
    torch.manual_seed(seed)
    tokenizer = load_tokenizer(base)
    config = make_config({"dataset_name_or_path": ".", "output_dir": str(out), "do_train": True, "lora_rank": rank})
    model = add_adapter(load_model(base), config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=learning_rate)
    asked = [sequences(choice, task, tokenizer, way) for choice in dev]
    answers = [choice.right for choice in dev]
    log: list[dict[str, float]] = [{"step": 0, **(measure(model, asked, answers) if dev else {})}]
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    started, step, at = time.monotonic(), 0, 0
    while (spent := time.monotonic() - started) < seconds:
        chosen = [rows[order[(at + i) % len(order)]] for i in range(rows_per_step)]
        at += rows_per_step
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * min(1.0, (step + 1) / 5) * (1 - spent / seconds)
        encoded = [sequences(choice, task, tokenizer, way) for choice in chosen]
        loss = _step(model, optimizer, way, encoded, [choice.right for choice in chosen])
        step += 1
        log.append({"step": step, "loss": loss, "seconds": round(spent, 1)})
        typer.echo(f"step {step} rows {at} loss {loss:.4f} seconds {spent:.0f}")
    metrics = measure(model, asked, answers) if dev else {}
    log.append({"step": step, **metrics})
    run = {
        "base": {"spec": str(base.name), "fingerprint": fingerprint(base)},
        "judge": {"way": way, "rank": rank, "learning_rate": learning_rate, "rows_per_step": rows_per_step},
        "rows": min(at, len(rows)),
        "seed": seed,
        "seconds": round(time.monotonic() - started, 1),
        "metrics": {"before": log[0], "after": metrics},
        **(record or {}),
    }
    _write(out, model, task, tokenizer, log, run)
    return metrics


def _write(
    out: Path, model: Any, task: Task, tokenizer: Any, log: Sequence[dict[str, float]], run: dict[str, Any]
) -> None:
    with whole_folder(out) as draft:
        model.save_pretrained(draft)
        (draft / "README.md").unlink(missing_ok=True)
        task.save(draft, tokenizer)
        (draft / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in log), encoding="utf-8")
        write_run(draft, {"status": "finished", "task": task.fingerprint, "versions": versions(), **run})


def _step(model: Any, optimizer: Any, way: str, rows: Sequence[list[Scored]], right: Sequence[int]) -> float:
    """Take one optimizer step on the mean loss of ``rows``; return that loss."""
    model.train()
    losses = [loss_of(way, s, q, r) for s, q, r in zip(scores(model, rows), rows, right, strict=True)]
    loss = torch.stack(losses).mean()
    loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


def read_choices(path: Path) -> list[Choice]:
    """Return the rows of a JSONL file of ``{"text", "candidates", "right"}``."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Choice(row["text"], tuple(row["candidates"]), row["right"]) for row in rows]


def main(
    choices: Annotated[Path, typer.Argument(help="Rows with text, candidates, right.")],
    out: Annotated[Path, typer.Option(help="Folder of the adapter.")],
    way: Annotated[str, typer.Option(help=f"One of {', '.join(WAYS)}.")] = "contrast",
    seconds: Annotated[float, typer.Option(help="How long to train.")] = 600.0,
    dev: Annotated[int, typer.Option(help="Rows at the end of the file that are measured on.")] = 100,
    learning_rate: Annotated[float, typer.Option(help="Highest rate.")] = 2e-4,
    model: Annotated[str, typer.Option(help="Base.")] = "embedded",
) -> None:
    """Train a judge."""
    rows = read_choices(choices)
    record = {"data": {"file": choices.name, "rows": len(rows), "sha256": sha256_of(choices)}}
    base = resolve(model)
    metrics = train_judge(base, rows[:-dev], rows[-dev:], out, way, seconds, learning_rate=learning_rate, record=record)
    typer.echo(json.dumps(metrics))


if __name__ == "__main__":
    typer.run(main)
