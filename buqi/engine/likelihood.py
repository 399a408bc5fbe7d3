"""How likely a model finds each of a few answers: all of them in packs behind one prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buqi.engine.packs import make_pack, packs
from buqi.task import Encoded, plain, tokens

PACK_TOKENS = 1024  # tokens computed at once


def probabilities(model: Any, tokenizer: Any, prompt: str, answers: Sequence[str]) -> list[float]:
    """Return the probability of each of ``answers`` to ``prompt``, given that it is one of them; they add up to 1."""
    import torch

    head, end = tokens(tokenizer, prompt), tokenizer.eos_token_id
    bodies = [[*tokens(tokenizer, plain(tokenizer, answer)), end] for answer in answers]
    rows = [Encoded(head + body, [False] * len(head) + [True] * len(body)) for body in bodies]
    scores = torch.zeros(len(rows), dtype=torch.float64)  # nats
    with torch.inference_mode():
        for group in packs(rows, PACK_TOKENS):
            pack = make_pack([rows[i] for i in group])
            logits = model(**pack.inputs(model)).logits[0].float().cpu()
            each = logits.gather(1, pack.targets[:, None])[:, 0] - logits.logsumexp(1)
            scores.index_add_(0, torch.tensor(group)[pack.owners], each.double())
    found: list[float] = scores.softmax(0).tolist()
    return found
