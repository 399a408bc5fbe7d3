"""A tree of sequences gives each the log-probability that it has alone."""

from __future__ import annotations

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.engine import TorchEngine
from buqi.engine.choice import Choice, sequences
from buqi.engine.tree import Scored, Tree, trees
from buqi.task import ADDRESS

SEQUENCES = [
    Scored((1, 2, 3), (4, 5)),
    Scored((1, 2, 3), (4, 6, 7)),
    Scored((1, 2, 9), (4,)),
    Scored((8,), (1, 2, 3)),
    Scored((1, 2, 3), (4, 5)),  # the same once more
]


def alone(model, sequence: Scored) -> float:
    ids = torch.tensor([[*sequence.context, *sequence.tokens]])
    with torch.inference_mode():
        logprob = model(input_ids=ids[:, :-1]).logits[0].float().log_softmax(-1)
    start = len(sequence.context) - 1
    return sum(logprob[start + i, token].item() for i, token in enumerate(sequence.tokens))


def test_a_tree_scores_each_as_alone(tiny):
    model = load_model(tiny).eval()
    tree = Tree()
    for sequence in SEQUENCES:
        tree.add(sequence)
    with torch.inference_mode():
        found = tree.log_probabilities(model).tolist()
    assert found == pytest.approx([alone(model, s) for s in SEQUENCES], abs=1e-4)
    assert len(tree) == 9  # 1 2 3 4 6 | 9 | 8 1 2; the last token of a sequence is only predicted


def test_trees_keep_every_group_and_the_budget():
    groups = [[SEQUENCES[i % 5]] * 2 for i in range(30)]
    seen = []
    for tree, held in trees(groups, 12):
        assert len(tree) <= 12
        assert len(tree.wanted) == sum(len(groups[h]) for h in held)
        seen += held
    assert seen == list(range(30))


def test_the_engine_scores_groups_in_order(tiny):
    engine = TorchEngine(tiny)
    choices = [Choice("碑林区1号", ("陕西省西安市碑林区", "山西省太原市")), Choice("雁塔区", ("陕西省",))]
    groups = [sequences(c, ADDRESS, engine.tokenizer) for c in choices]
    seen = []
    found = engine.score_all(groups, progress=seen.append)
    assert [len(f) for f in found] == [2, 1] and sum(seen) == 2
    prompt = ADDRESS.prompt_text(engine.tokenizer, ["碑林区1号"])
    assert found[0] == pytest.approx(engine.score(prompt, choices[0].candidates), abs=1e-3)


def test_ways_to_ask(tiny):
    tokenizer = load_tokenizer(tiny)
    choice = Choice("碑林区", ("陕西省", "山西省"))
    numbered = sequences(choice, ADDRESS, tokenizer, "number")
    assert numbered[0].context == numbered[1].context and len(numbered[0].tokens) == 1
    assert "2. 山西省" in tokenizer.decode(numbered[0].context)


def test_only_allowed_answers_are_written(tiny):
    engine = TorchEngine(tiny)
    prompts = [ADDRESS.prompt_text(engine.tokenizer, [text]) for text in ("碑林区", "一个长得多的地址十二号", "x")]
    answers = engine.generate(prompts, 40, allowed=["是", "不是", "不知道"])
    assert all(a.text in ("是", "不是", "不知道") and a.stopped for a in answers)
