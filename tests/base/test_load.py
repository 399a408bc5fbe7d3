"""Loading in bfloat16."""

from __future__ import annotations

import torch

from buqi.base import load_model


def test_the_vocabularys_matrix_is_not_copied_for_each_row_of_a_batch(tiny):
    """In bfloat16 torch multiplies the last positions of a batch, a view, by a copy of the matrix for each row."""
    model = load_model(tiny, "bfloat16", "cpu")
    seen: list[torch.Tensor] = []
    model.get_output_embeddings().register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    with torch.inference_mode():
        model(input_ids=torch.arange(1, 13).view(2, 6), logits_to_keep=1)
    assert seen[0].shape[:2] == (2, 1)
    assert seen[0].is_contiguous()
