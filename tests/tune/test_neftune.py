from __future__ import annotations

import torch

from buqi.base import load_model
from buqi.config import make_config
from buqi.engine.packs import make_pack
from buqi.tune.neftune import EmbeddingNoise
from buqi.tune.plan import make_plan
from tests.helpers import settings


def test_noise_is_on_in_training_only_and_of_the_rows_own_length(tiny, data, tmp_path):
    plan = make_plan(make_config(settings(tiny, data, tmp_path)))
    model = load_model(tiny)
    noise = EmbeddingNoise(model, 5.0)
    rows = plan.encoded["train"][:2]
    pack = make_pack(rows)
    embeddings = model.get_input_embeddings()
    quiet = embeddings(pack.input_ids)
    with noise.over(pack, rows):
        moved = (embeddings(pack.input_ids) - quiet).abs()[0]
    assert torch.equal(embeddings(pack.input_ids), quiet)
    bound = 5.0 / (len(rows[0].ids) * embeddings.embedding_dim) ** 0.5
    leaf = moved[pack.prefix : len(rows[0].ids) - 1]
    assert 0.9 * bound < leaf.max() <= bound
