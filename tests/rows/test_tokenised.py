"""A large set is made tokens once; the second time its text is not read."""

from __future__ import annotations

import pytest

from buqi.base import load_tokenizer
from buqi.errors import UsageError
from buqi.rows import RowFile, open_rows, read_rows, row_file
from buqi.rows.tokenised import Tokenised, task_of_sets
from buqi.task import ROWS
from tests.conftest import pairs, write_jsonl

GIVEN = (None, None)


@pytest.fixture
def large(tmp_path, monkeypatch):
    monkeypatch.setattr(row_file, "LARGE", 0)
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    return write_jsonl(tmp_path / "train.json", pairs(12))


def test_a_large_set_is_kept(tiny, large, monkeypatch):
    tokenizer = load_tokenizer(tiny)
    first = Tokenised.of("train", open_rows(large), GIVEN, tokenizer, tiny)
    assert list(first.encoded) == [ROWS.encode(tokenizer, row.src, row.tgt) for row in read_rows(large)]
    monkeypatch.setattr(RowFile, "__iter__", lambda self: pytest.fail("its text is read"))
    again = Tokenised.of("train", RowFile(large), GIVEN, tokenizer, tiny)
    assert list(again.encoded) == list(first.encoded) and len(again.rows) == 12
    assert again.keys.inputs.tolist() == first.keys.inputs.tolist() and again.answers.tolist() == first.answers.tolist()
    assert task_of_sets({"train": again}, "x{text}", None).template == "x{text}"


def test_another_template_or_file_is_made_anew(tiny, large):
    tokenizer = load_tokenizer(tiny)
    first = Tokenised.of("train", open_rows(large), GIVEN, tokenizer, tiny)
    other = Tokenised.of("train", open_rows(large), ("Say {text}", None), tokenizer, tiny)
    assert len(other.encoded.tokens) > len(first.encoded.tokens)
    write_jsonl(large, pairs(13))
    assert len(Tokenised.of("train", open_rows(large), GIVEN, tokenizer, tiny).encoded) == 13


def test_the_task_is_that_of_all_sets(tiny, large, tmp_path):
    tokenizer = load_tokenizer(tiny)
    asked = write_jsonl(tmp_path / "dev.json", [{"src": "补齐五级行政地址: 碑林区1号", "tgt": "陕西省西安市碑林区1号"}])
    files = (("train", large), ("dev", asked))
    sets = {name: Tokenised.of(name, open_rows(path), GIVEN, tokenizer, tiny) for name, path in files}
    assert task_of_sets({"dev": sets["dev"]}, *GIVEN).name == "address"
    assert task_of_sets({"train": sets["train"]}, *GIVEN) == ROWS
    with pytest.raises(UsageError, match="stands in 1 row and is missing in 12"):
        task_of_sets(sets, *GIVEN)
