"""Messages of other toolkits as turns of ``src`` and ``tgt``.

Answers that are marked as not trained get the ``label`` of `buqi.rows.read`.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

ROLES = {"system": "system", "developer": "system"} | dict.fromkeys(("user", "human", "prompter"), "user")
ROLES |= dict.fromkeys(("assistant", "gpt", "chatgpt", "bot", "model"), "assistant")
# Where a message says who it is from, and what it says.
SPEAKER, CONTENT = ("role", "from"), ("content", "value", "parts")
# One entry of ``conversation`` has a question and its answer under these keys (ms-swift, XTuner).
SPEAKERS = {"system": "system", "human": "user", "input": "user", "assistant": "assistant", "output": "assistant"}
OFF, ON = ("0", "0.0", "false"), ("1", "1.0", "true")
# Marks of a message that is not learnt: ms-swift, OpenAI, axolotl, XTuner, torchtune.
NOT_TRAINED = dict.fromkeys(("loss", "loss_scale", "weight", "train", "output_with_loss"), OFF) | {"masked": ON}


def turns_of(messages: list[Any], key: str, system: Any, label: Any) -> dict[str, Any] | str:
    """Return messages as a record of ``src`` and ``tgt``, or why they cannot be one.

    Args:
        key: the record's key with the messages, named in the reason.
        system: the system message, where the record has it under a key of its own.
        label: a list that says which answers are trained, one flag for each answer or for each message.
    """
    turns: list[tuple[str, int]] = []  # the text of each and its message's number: a question, an answer, …
    for number, message in enumerate(messages):
        where = f"{key}[{number}]"
        read = _read(message)
        if isinstance(read, str):
            return f"{where}: {read}"
        kind, text = read
        if kind == "system":
            if system not in (None, text) or (number > 0 and system is None):
                return f"{where}: a second system message; keep one, at the front"
            system = text
            continue
        expected = "assistant" if len(turns) % 2 else "user"
        if kind != expected:
            turns_go = "turns go user, assistant, user, assistant"
            return f"{where}: from the {kind} where the {expected} is expected; {turns_go}"
        turns.append((text, number))
    if not turns:
        return f"{key}: no turns in it"
    if len(turns) % 2:
        return f"{key}[{turns[-1][1]}]: the last question has no answer"
    answers = [number for _, number in turns[1::2]]
    if isinstance(label, list):
        flags = [label[number] for number in answers] if len(label) == len(messages) else label
    else:
        flags = [int(_is_trained(messages[number])) for number in answers]
    made: dict[str, Any] = {"src": [text for text, _ in turns[::2]], "tgt": [text for text, _ in turns[1::2]]}
    made |= {} if system is None else {"system": system}
    return made if all(flag in (1, "1") for flag in flags) else made | {"label": flags}


def paired(turns: list[Any]) -> list[Any]:
    """Return entries that have a question and its answer each (`SPEAKERS`) as messages; others stay."""
    messages: list[Any] = []
    for turn in turns:
        if not isinstance(turn, dict) or turn.keys() & set(SPEAKER) or not turn.keys() & SPEAKERS.keys():
            messages.append(turn)
            continue
        said = ((key, turn[key]) for key in SPEAKERS if turn.get(key) or (key in turn and key != "system"))
        messages += [turn | {"role": SPEAKERS[key], "content": text} for key, text in said]
    return messages


def text_of(content: Any) -> str | None:
    """Return a content as text: a string, a number, or a list of parts that are all text (OpenAI, Gemini)."""
    if isinstance(content, list):
        parts = [part["text"] for part in content if not _is_not_text(part)]
        return "".join(parts) if parts and len(parts) == len(content) else None
    if isinstance(content, (float, Decimal)):
        return str(content) if math.isfinite(content) else None
    if isinstance(content, int) and not isinstance(content, bool):
        return str(content)
    return content if isinstance(content, str) else None


def _is_not_text(part: Any) -> bool:
    """Whether a part of a content is a picture, a tool call or whatever else is no text."""
    return (
        not isinstance(part, dict)
        or not isinstance(part.get("text"), str)
        or "text" not in str(part.get("type") or "text")
    )


def _read(message: Any) -> tuple[str, str] | str:
    """Return who a message is from (system, user, assistant) and its text, or why it cannot be a turn."""
    if not isinstance(message, dict):
        return f"expected an object with role and content, found {type(message).__name__}"
    if message.get("tool_calls") or message.get("function_call"):
        return "calls a tool; a row is text only"
    role, content = (next((k for k in keys if k in message), keys[0]) for keys in (SPEAKER, CONTENT))
    said, who = message.get(content), message.get(role)
    if (text := text_of(said)) is None:
        others = [part for part in said if _is_not_text(part)] if isinstance(said, list) else []
        kinds = {str(part.get("type") or next(iter(part), "")) for part in others if isinstance(part, dict)}
        return f"{content} holds {', '.join(sorted(kinds))}; a row is text only" if kinds else f"{content} is no text"
    kind = ROLES.get(who.strip().lower()) if isinstance(who, str) else None
    if kind is None:
        return f"{role} {who!r:.40}: expected system, user or assistant"
    if kind == "assistant" and (thought := text_of(message.get("reasoning_content"))):
        text = f"<think>\n{thought}\n</think>\n\n{text}"
    return kind, text


def _is_trained(message: dict[str, Any]) -> bool:
    return all(str(message.get(key)).lower() not in marks for key, marks in NOT_TRAINED.items())
