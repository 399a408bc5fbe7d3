"""Parity: how far the logits of two forms of one model differ on real prompts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError
from buqi.task import Task, tokens

TOLERANCE = 1e-3  # logits; fp32 sums in another order. Seen on the 0.5B model: 8e-5
# By the type that weights are saved in: the largest logit difference allowed, and the least share of equal choices.
LIMITS = {"float32": (TOLERANCE, 1.0), "float16": (0.5, 0.98), "bfloat16": (4.0, 0.93)}
PROBES = (
    "碑林区扬子江南路467-6号",
    "扶风法门镇法门寺",
    "余杭区文一西路969号",
    "西安市雁塔区小寨东路1号2栋3单元",
    "法门镇宝塔路",
    "朝阳区建国路88号院5号楼",
    "鼓楼区中山北路",
    "渭滨区经二路12号",
)


@dataclass(frozen=True)
class Parity:
    """Differences over every position of some prompts, in logits (no unit)."""

    prompts: int
    positions: int
    largest_difference: float
    mean_difference: float
    equal_choices: float
    tolerance: float
    least_equal: float = 1.0

    @property
    def passed(self) -> bool:
        """Whether the logits agree within the tolerance, and enough (usually all) next tokens are the same."""
        return self.largest_difference <= self.tolerance and self.equal_choices >= self.least_equal

    @property
    def largest(self) -> str:
        """The largest difference in words."""
        return f"{self.largest_difference:.2g} over {self.positions} positions"

    def as_json(self) -> dict[str, Any]:
        """Return the figures and the verdict; a tolerance of infinity, which JSON has not, as ``None``."""
        tolerance = self.tolerance if math.isfinite(self.tolerance) else None
        return asdict(self) | {"tolerance": tolerance, "passed": self.passed}

    def prove(self, what: str, target: Path) -> None:
        """Raise `BuqiError` if the proof failed; ``target`` is what is not written then."""
        if not self.passed:
            raise BuqiError(
                f"{what}: largest logit difference {self.largest_difference:.2g} (allowed {self.tolerance:g}), equal "
                f"choices {self.equal_choices:.2%}; {target} was not written"
            )


def prompt_logits(model: Any, tokenizer: Any, task: Task, texts: Sequence[str] = PROBES) -> list[Any]:
    """Return the logits of each prompt: (tokens, vocabulary) fp32 tensors."""
    import torch

    with torch.inference_mode():
        return [
            model(torch.tensor([task.prompt_ids(tokenizer, text)], device=model.device)).logits[0].float().cpu()
            for text in texts
        ]


def answer_logits(model: Any, tokenizer: Any, prompts: Sequence[str], answers: Sequence[str]) -> list[Any]:
    """Return the logits at each token of the answers and at their ends: (tokens, vocabulary) fp32 tensors.

    The right tokens before each are given (teacher forcing), so one other choice does not change all that follow.
    """
    import torch

    found = []
    with torch.inference_mode():
        for prompt, answer in zip(prompts, answers, strict=True):
            head, body = tokens(tokenizer, prompt), tokens(tokenizer, answer)
            logits = model(torch.tensor([head + body], device=model.device)).logits[0]
            found.append(logits[len(head) - 1 :].float().cpu())
    return found


def compare(one: Sequence[Any], other: Sequence[Any], tolerance: float, least_equal: float = 1.0) -> Parity:
    """Return how far two lists of logits differ."""
    gaps = [(a - b).abs() for a, b in zip(one, other, strict=True)]
    same = sum(int((a.argmax(-1) == b.argmax(-1)).sum()) for a, b in zip(one, other, strict=True))
    positions = sum(len(a) for a in one)
    return Parity(
        prompts=len(one),
        positions=positions,
        largest_difference=max(float(gap.max()) for gap in gaps),
        mean_difference=sum(float(gap.sum()) for gap in gaps) / sum(gap.numel() for gap in gaps),
        equal_choices=same / positions,
        tolerance=tolerance,
        least_equal=least_equal,
    )
