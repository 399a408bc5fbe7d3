"""Loading in bfloat16."""

from __future__ import annotations

import shutil

import pytest
import torch

from buqi.base import load_model, load_tokenizer
from buqi.errors import BuqiError
from tests.helpers import change_json


def test_the_vocabularys_matrix_is_not_copied_for_each_row_of_a_batch(tiny):
    """In bfloat16 torch multiplies the last positions of a batch, a view, by a copy of the matrix for each row."""
    model = load_model(tiny, "bfloat16", "cpu")
    seen: list[torch.Tensor] = []
    model.get_output_embeddings().register_forward_hook(lambda _, inputs, output: seen.append(inputs[0]))
    with torch.inference_mode():
        model(input_ids=torch.arange(1, 13).view(2, 6), logits_to_keep=1)
    assert seen[0].shape[:2] == (2, 1)
    assert seen[0].is_contiguous()


@pytest.mark.parametrize(
    "template", ["[" * 200_000, "{{ 1 / 0 }}", "{% if", "{{ raise_exception('no') }}", "{{ a.b.c }}"]
)
def test_a_chat_template_that_makes_no_prompt_is_refused(tiny, tmp_path, template):
    shutil.copytree(tiny, tmp_path / "base")
    (tmp_path / "base" / "chat_template.jinja").write_text(template)
    with pytest.raises(BuqiError, match="base: .*chat template makes"):
        load_tokenizer(tmp_path / "base")


def test_a_tokenizer_that_reads_no_text_is_refused(tiny, tmp_path):
    shutil.copytree(tiny, tmp_path / "base")
    change_json(tmp_path / "base" / "tokenizer_config.json", model_max_length="x")
    with pytest.raises(BuqiError, match="base: its tokenizer "):
        load_tokenizer(tmp_path / "base")
