"""Columns are filled in order, equal texts once, and what took long is found again on disk."""

from __future__ import annotations

import pytest

from buqi.answering import AnswerOptions
from buqi.bulk import ADDED, ColumnFiller
from buqi.errors import UsageError
from tests.bulk.conftest import TEXTS, adapter_options


@pytest.fixture(autouse=True)
def no_memory(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "none"))


def test_cells_are_filled_in_order():
    filler = ColumnFiller(AnswerOptions("match"))
    first, number, empty, again = filler.fill(["碑林区1号", 7, None, "碑林区1号"])
    at = {name: i for i, name in enumerate(ADDED)}
    assert first[at["county"]] == "碑林区" and first == again
    assert number[at["notes"]] == "a number, no address" and empty[at["notes"]] == "empty cell"
    assert filler.cache is None, "the table alone is faster than the disk"


def test_only_what_was_weighed_is_kept(monkeypatch):
    texts = ["碑林区扬子江南路1号", "鼓楼区中央路1号"]
    first = ColumnFiller(AnswerOptions())
    found = first.answer([*texts, texts[0]])
    assert found[0] == found[2] and set(first.cache.get(texts)) == {texts[1]}
    again, asked = ColumnFiller(AnswerOptions()), []
    answer = again.answerer.answer
    monkeypatch.setattr(again.answerer, "answer", lambda missing: asked.extend(missing) or answer(missing))
    assert again.answer(texts) == found[:2] and asked == [texts[0]]
    assert ColumnFiller(AnswerOptions(threshold=0.5)).cache.get(texts) == {}, "other options have other answers"
    assert ColumnFiller(AnswerOptions(), use_cache=False).cache is None


def test_what_was_written_once_is_kept(tiny, tuned, cache, monkeypatch):
    settings = adapter_options(tiny, tuned)
    first = ColumnFiller(settings).answer(TEXTS[:3])
    again = ColumnFiller(settings)
    monkeypatch.setattr(again.answerer.opened.engine, "generate", lambda prompts, *_, **__: [None] * len(prompts))
    assert again.answer(TEXTS[:3]) == first


def test_only_allowed_answers(tiny, tuned, cache):
    settings = adapter_options(tiny, tuned, allowed=("number 1", "number 2"))
    assert {fields[0] for fields in ColumnFiller(settings).answer(TEXTS[:5])} <= {"number 1", "number 2"}


def test_vllm_needs_ray(tiny, cache):
    with pytest.raises(UsageError, match="only with --ray"):
        ColumnFiller(AnswerOptions("generate", model=str(tiny), engine="vllm"))


def everything(cache) -> str:
    """All that the cache holds, as text."""
    return "".join(path.read_bytes().decode("utf-8", "ignore") for path in cache.rglob("*") if path.is_file())


def test_names_and_telephones_have_columns_and_are_kept_nowhere(cache):
    line, address = "王小明 18291234567 鼓楼区中央路1号", "鼓楼区中央路1号"
    filler = ColumnFiller(AnswerOptions(contact=True))
    (row,) = filler.fill([line])
    assert dict(zip(filler.added, row, strict=True))["phone"] == "18291234567"
    assert row[-3:] == ["王小明", "18291234567", ""] and filler.fill([line]) == [row]
    assert set(filler.cache.get([line, address])) == {address}
    assert set(ColumnFiller(AnswerOptions()).cache.get([address])) == {address}, "the same without a contact"
    filler.cache.db.close()
    assert address not in everything(cache)  # under a keyed hash
    assert "王小明" not in everything(cache) and "18291234567" not in everything(cache)


def test_a_text_with_a_telephone_is_not_kept_without_a_contact_either(cache):
    line = "王小明 18291234567 鼓楼区中央路1号"
    filler = ColumnFiller(AnswerOptions())
    (row,) = filler.fill([line])
    assert row[filler.added.index("county")] == "鼓楼区" and filler.cache.get([line]) == {}
    filler.cache.db.close()
    assert "18291234567" not in everything(cache)


def test_the_contact_of_a_second_address_is_left_out():
    filler = ColumnFiller(AnswerOptions("match", contact=True))
    (row,) = filler.fill(["张三 13800000000 北京市海淀区1号；李四 13900000000 上海市浦东新区2号"])
    fields = dict(zip(filler.added, row, strict=True))
    assert (fields["name"], fields["phone"], fields["full"]) == ("张三", "13800000000", "北京市海淀区1号")
    assert fields["notes"] == "another address follows: 上海市浦东新区2号"
