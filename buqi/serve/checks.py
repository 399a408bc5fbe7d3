"""What a text must be to be taken."""

from __future__ import annotations

from buqi.encoding import half_in
from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings
from buqi.task import BREAK

CHAT_TEXTS = 50  # as many texts of the greatest length may one chat have; a prompt takes memory by its length


def check_texts(texts: list[str], settings: ServiceSettings) -> None:
    """Raise a `Problem` if there are no texts, too many, one too long, or one with half a character."""
    if not texts:
        raise Problem(422, "texts: at least one", "invalid", param="texts")
    if len(texts) > settings.texts:
        most = f"at most {settings.texts} in one request, or upload a file"
        raise Problem(413, f"texts: {len(texts)}; {most}", "too_many", param="texts")
    for number, text in enumerate(texts):
        _check_text(text, f"texts[{number}]", settings)


def check_chat(texts: list[str], settings: ServiceSettings) -> None:
    """Raise a `Problem` if the texts of a chat's messages are too long together, or one by itself is not taken."""
    length, most = sum(map(len, texts)), CHAT_TEXTS * settings.text_length
    if length > most:
        raise Problem(413, f"messages: {length} characters; at most {most} in one chat", "too_long", param="messages")
    for number, text in enumerate(texts):
        _check_text(text, f"messages[{number}]", settings)


def _check_text(text: str, where: str, settings: ServiceSettings) -> None:
    if len(text) > settings.text_length:
        raise Problem(413, f"{where}: longer than {settings.text_length} characters", "too_long", param=where)
    if BREAK in text:
        raise Problem(422, f"{where}: holds U+FDD0, which is no character", "invalid", param=where)
    if half_in(text):
        raise Problem(422, f"{where}: half a character (a lone surrogate)", "invalid", param=where)
