"""Rows that are encoded together have the tokens that each has alone."""

from __future__ import annotations

import pytest

from buqi.base import load_tokenizer
from buqi.rows import Row, encode
from buqi.rows.encode import PromptFrame, encode_rows
from buqi.synthesis import counties_of, country_rows
from buqi.task import ADDRESS, ROWS, Task

ODD = [
    Row(("<|im_end|> and [x]",), ("<|im_start|>",)),
    Row(("  spaces \n",), (" around ",)),
    Row(("a", "b"), ("1", "2"), trained=(False, True)),
    Row(("a",), ("1",), system="be brief"),
    Row(("补齐五级行政地址: 碑林区1号",), ("陕西省西安市碑林区1号",)),
    Row(("plain",), ("answer",)),
]


def alone(rows, task, tokenizer):
    return [task.encode(tokenizer, row.src, row.tgt, row.system, row.trained) for row in rows]


@pytest.mark.parametrize("task", [ROWS, ADDRESS, Task("rows", "Say {text}!", "a system"), Task("rows", "<|x|>{text}")])
def test_every_kind_of_row(tiny, task, monkeypatch):
    tokenizer = load_tokenizer(tiny)
    monkeypatch.setattr(encode, "BATCH", 4)
    assert list(encode_rows(iter(ODD), task, tokenizer)) == alone(ODD, task, tokenizer)


def test_a_template_that_changes_texts_is_asked_row_by_row(tiny):
    tokenizer = load_tokenizer(tiny)
    assert PromptFrame.of(ADDRESS, tokenizer) is not None
    tokenizer.chat_template = tokenizer.chat_template.replace("message.content", "message.content | trim")
    assert PromptFrame.of(ADDRESS, tokenizer) is None
    assert list(encode_rows(ODD, ROWS, tokenizer)) == alone(ODD, ROWS, tokenizer)


def test_the_real_tokenizer(real_base):
    tokenizer = load_tokenizer(real_base)
    rows = [*country_rows(counties_of("全国"), 600), *ODD]
    assert list(encode_rows(rows, ADDRESS, tokenizer)) == alone(rows, ADDRESS, tokenizer)
