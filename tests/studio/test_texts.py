"""The sentences of the page."""

from __future__ import annotations

import re
from pathlib import Path

import buqi.studio
from buqi.studio.fields import fields
from buqi.studio.texts import LANGUAGES, Texts, key_sentences, sentences


def test_every_sentence_is_in_both_languages_and_used():
    source = "".join(p.read_text(encoding="utf-8") for p in Path(buqi.studio.__file__).parent.glob("*.py"))
    made = re.findall(r't\(f["\']([a-z]+)_\{', source)
    for key, of in sentences().items():
        assert len(of) == len(LANGUAGES) and all(of), key
        assert re.findall(r"\{(\w+)\}", of[0]) == re.findall(r"\{(\w+)(?::\w+)?\}", of[1]) or key.endswith("proof"), key
        assert f'"{key}"' in source or f"'{key}'" in source or key.partition("_")[0] in made, key
    for key in re.findall(r'\bt\("(\w+)"', source):
        assert key in sentences(), key


def test_every_key_is_explained_in_both_languages():
    zh, en = (Texts(language) for language in LANGUAGES)
    assert set(key_sentences()) == {field.key for field in fields()}
    for field in fields():
        assert zh.key(field.key, field.sentence) == key_sentences()[field.key]
        assert en.key(field.key, field.sentence) == field.sentence


def test_durations():
    zh, en = (Texts(language) for language in LANGUAGES)
    assert [en.duration(s) for s in (3, 120, 7200)] == ["3 s", "2 min", "2.0 h"] and zh.duration(120) == "2 分钟"


def test_one_of_something_is_singular():
    assert Texts("en")("columns_found", columns=1, rows=1200) == "1 column, 1,200 rows"
    assert Texts("zh")("columns_found", columns=1, rows=2) == "1 列，2 行"
