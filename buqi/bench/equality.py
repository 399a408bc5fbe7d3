"""Whether torch writes what transformers' ``generate`` writes, and how close the choice was where they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from buqi.bench.engines import check_model_folder, prompts_of, texts
from buqi.bench.rival_engines import TransformersEngine

MOST_TOKENS = 48
TIE = 1e-3  # logits nearer than this are a tie: the order of additions decides
TOGETHER = 32  # prompts given to both at once


@dataclass(frozen=True)
class Parting:
    """A prompt that buqi and transformers answer differently.

    Attributes:
        text: what was asked.
        own: buqi's answer.
        theirs: that of transformers.
        gap: logit of the first token of transformers that differs, less that of buqi's token in its place; both behind
            what the answers share, computed by transformers without padding. 0: they are equally likely.
    """

    text: str
    own: str
    theirs: str
    gap: float

    @property
    def is_tie(self) -> bool:
        """Whether both tokens are as likely, but for rounding."""
        return abs(self.gap) <= TIE


@dataclass(frozen=True)
class Equality:
    """How many answers were compared, in which precision, and those that differ."""

    prompts: int
    precision: str
    partings: list[Parting]


def compare(model: Path, rows: int, dtype: str, say: Callable[[str], None] = lambda _: None) -> Equality:
    """Return where the two differ on ``rows`` short addresses, made as the tutorial's rows are.

    Args:
        model: a merged folder.
        rows: how many addresses.
        dtype: ``float32`` or ``bfloat16``, of both.
        say: gets messages on the progress.

    Raises:
        UsageError: no model folder.
        BuqiError: it cannot be loaded.
    """
    from buqi.engine import TorchEngine

    check_model_folder(model)
    asked = texts(rows)
    prompts = prompts_of(model, asked)
    own, other = TorchEngine(model, dtype=dtype), TransformersEngine(model, dtype)
    partings: list[Parting] = []
    for start in range(0, len(asked), TOGETHER):
        say(f"{start} of {len(asked)} addresses, {len(partings)} answers differ")
        batch = slice(start, start + TOGETHER)
        mine = [answer.text for answer in own.generate(prompts[batch], MOST_TOKENS)]
        theirs = [text.strip() for text in other.generate(prompts[batch], MOST_TOKENS)]  # as buqi gives answers
        for text, prompt, a, b in zip(asked[batch], prompts[batch], mine, theirs, strict=True):
            if a != b:
                partings.append(Parting(text, a, b, _gap(other, prompt, a, b)))
    return Equality(len(asked), dtype, partings)


def _gap(engine: Any, prompt: str, own: str, theirs: str) -> float:
    """Return the logit of the first token of ``theirs`` that differs, less that of ``own`` in its place."""
    import torch

    end = engine.tokenizer.eos_token_id
    asked, a, b = ([*engine.tokenizer(text, add_special_tokens=False)["input_ids"]] for text in (prompt, own, theirs))
    place, ours, other = _first_difference(a, b, end)
    with torch.inference_mode():
        logits = engine.model(torch.tensor([asked + a[:place]])).logits[0, -1].float()
    gap: float = (logits[other] - logits[ours]).item()
    return round(gap, 4)


def _first_difference(a: Sequence[int], b: Sequence[int], end: int) -> tuple[int, int, int]:
    """Return the first place where two lists of tokens differ, and both tokens there; ``end`` follows a list."""
    pairs = zip_longest(a, b, fillvalue=end)
    return next((i, x, y) for i, (x, y) in enumerate(pairs) if x != y)


def lines(found: Equality) -> Iterator[str]:
    """Yield the share that is equal, and each answer that differs."""
    ties = sum(parting.is_tie for parting in found.partings)
    same = found.prompts - len(found.partings)
    yield f"{found.precision}: {same} of {found.prompts} answers equal transformers', {ties} of the others are ties"
    for parting in found.partings:
        yield f"{parting.text}: {parting.own} / transformers: {parting.theirs} ({parting.gap:+.4f} logits)"
