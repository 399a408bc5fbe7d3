"""What a text must be to be taken."""

from __future__ import annotations

from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings
from buqi.task import BREAK


def check_texts(texts: list[str], settings: ServiceSettings) -> None:
    """Raise a `Problem` if there are no texts, too many, one too long, or one with half a character."""
    if not texts:
        raise Problem(422, "texts: at least one", "invalid")
    if len(texts) > settings.texts:
        most = f"at most {settings.texts} in one request, or upload a file"
        raise Problem(413, f"texts: {len(texts)}; {most}", "too_many")
    for number, text in enumerate(texts):
        if len(text) > settings.text_length:
            raise Problem(413, f"texts[{number}]: longer than {settings.text_length} characters", "too_long")
        if BREAK in text:
            raise Problem(422, f"texts[{number}]: holds U+FDD0, which is no character", "invalid")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise Problem(422, f"texts[{number}]: half a character (a lone surrogate)", "invalid")
