"""On the real base the answers are those of transformers' generate in the same precision."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.bench.engines import texts
from buqi.engine import TorchEngine
from buqi.task import ADDRESS, tokens

MOST = 16  # tokens; the untuned base seldom ends by itself
TIE = 1e-3  # logits between the two likeliest tokens


def greedy(model, tokenizer, prompt, most):
    ids = torch.tensor([tokens(tokenizer, prompt)])
    out = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=most, do_sample=False,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()


@pytest.mark.long
def test_answers_in_fp32_are_transformers_own(real_base):
    engine, tokenizer = TorchEngine(real_base), load_tokenizer(real_base)
    prompts = [ADDRESS.prompt_text(tokenizer, [text]) for text in texts(12)]
    answers = [answer.text for answer in engine.generate(prompts, MOST)]
    model = load_model(real_base).eval()
    for prompt, answer in zip(prompts, answers, strict=True):
        other = greedy(model, tokenizer, prompt, MOST)
        if answer == other:
            continue
        same = 0
        one, two = tokens(tokenizer, answer), tokens(tokenizer, other)
        while one[same : same + 1] == two[same : same + 1]:
            same += 1
        logits = model(torch.tensor([tokens(tokenizer, prompt) + one[:same]])).logits[0, -1].topk(2).values
        assert logits[0] - logits[1] < TIE, (answer, other)
