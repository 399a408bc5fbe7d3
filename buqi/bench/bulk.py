"""Many addresses in the mix that people write: how fast each way answers, and how much of it is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions
from buqi.evaluate.compare import compare_rows
from buqi.evaluate.contestants import AddressContestant, Contestant, LibraryContestant, ModelContestant
from buqi.evaluate.metrics import PCC, shares
from buqi.rows import Row
from buqi.synthesis.build import build_rows, counties_of
from buqi.task import ADDRESS

MIX_SEED = 11
BULK_TOKENS = 64
MODEL_ROWS = 48  # asked of models, which are slow
WARM_ROWS = 1000  # answered before the others, and not timed: much is made when a row first needs it


def open_contestants(
    gguf: Path | None, model: Path | None, rivals: Sequence[str], rivals_dir: Path, memory: Path | None
) -> list[Contestant]:
    """Return who is timed: table, table with weighing, libraries, and the models that are named.

    Raises:
        BuqiError: a library or model cannot be loaded.
    """
    found: list[Contestant] = [
        AddressContestant(AnswerOptions("match")),
        AddressContestant(AnswerOptions("auto", memory)),
    ]
    found += [LibraryContestant(name, rivals_dir / name) for name in rivals]
    if gguf is not None:
        from buqi.engine.llama_engine import LlamaEngine

        plain = LlamaEngine(gguf, slots=16, reuse=False)
        found.append(ModelContestant("llama.cpp, 16 slots", plain, plain.tokenizer, max_new_tokens=BULK_TOKENS))
    if model is not None:
        from buqi.engine import TorchEngine
        from buqi.loading.engines import precision

        torch = TorchEngine(model, dtype=precision("auto")[0])
        found.append(ModelContestant("torch", torch, torch.tokenizer, max_new_tokens=BULK_TOKENS))
    return found


def mix(count: int) -> list[Row]:
    """Return rows of the whole country; how they are shortened follows `buqi.synthesis.shares.OF_REGION`."""
    return build_rows(counties_of("全国"), count, seed=MIX_SEED)


def time_all(
    timed: Sequence[Contestant], rows: int, model_rows: int, say: Callable[[str], None] = lambda _: None
) -> dict[str, dict[str, Any]]:
    """Return rows, rows a second and shares right and wrong of each contestant, warmed up by some other rows."""
    made = mix(WARM_ROWS + rows)
    warm, asked = made[:WARM_ROWS], made[WARM_ROWS:]
    found = {}
    for contestant in timed:
        say(contestant.name)
        slow = isinstance(contestant, ModelContestant)
        contestant.answer(ADDRESS, warm[: 2 if slow else WARM_ROWS])
        part = asked[: model_rows if slow else rows]
        (result,) = compare_rows(ADDRESS, part, [contestant]).entries
        means = shares(result.scores)
        found[result.name] = {
            "rows": len(part),
            "rows_per_second": round(len(part) / result.seconds, 2),
            "right": round(means[PCC], 4),
            "wrong": round(means["wrong"], 4),
        }
    return found


def lines(found: dict[str, dict[str, Any]]) -> list[str]:
    """Return what `time_all` found, a line a contestant."""
    return [
        f"{name:<24}{f['rows']:>7} rows  {f['rows_per_second']:>10,.1f}/s  "
        f"right {f['right']:6.1%}  wrong {f['wrong']:5.1%}"
        for name, f in found.items()
    ]
