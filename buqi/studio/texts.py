"""The page's sentences in both languages."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from string import Formatter
from typing import Any

from buqi.errors import counted

LANGUAGES = {"zh": "中文", "en": "English"}


@lru_cache(maxsize=1)
def sentences() -> dict[str, list[str]]:
    """Return every sentence by its key: Chinese, English."""
    found: dict[str, list[str]] = read_texts("texts.yaml")
    return found


@lru_cache(maxsize=1)
def key_sentences() -> dict[str, str]:
    """Return what each configuration key means, in Chinese."""
    found: dict[str, str] = read_texts("keys_zh.yaml")
    return found


def read_texts(name: str) -> Any:
    """Return what stands in one of the files of sentences."""
    import yaml

    return yaml.safe_load(resources.files("buqi.studio").joinpath(name).read_text(encoding="utf-8"))


class _Counting(Formatter):
    """Formats ``{n:row}`` as ``1 row`` or ``2 rows``."""

    def format_field(self, value: Any, spec: str) -> str:
        """Return a value as text; a ``spec`` of several letters is a noun."""
        if len(spec) > 1 and spec.isalpha():
            return counted(value, spec)
        return str(super().format_field(value, spec))


class Texts:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.column = list(LANGUAGES).index(language)

    def __call__(self, key: str, **values: Any) -> str:
        """Return a sentence with ``values`` in it."""
        sentence = sentences()[key][self.column]
        return _Counting().format(sentence, **values) if values else sentence

    def key(self, key: str, sentence: str) -> str:
        """Return what a configuration key means; ``sentence`` says it in English."""
        return key_sentences().get(key, sentence) if self.language == "zh" else sentence

    def duration(self, seconds: float) -> str:
        """Return a length of time in words."""
        if seconds < 100:
            return self("seconds", n=round(seconds))
        if seconds < 5400:
            return self("minutes", n=round(seconds / 60))
        return self("hours", n=round(seconds / 3600, 1))
