"""Rows in the formats of other toolkits, as records of ``src`` and ``tgt``; what cannot be one is refused.

``messages`` (OpenAI, LLaMA-Factory, ms-swift, PaddleFormers), ``conversations`` (ShareGPT), ``instruction`` (Alpaca),
``query``/``response`` (ms-swift), ``prompt``/``completion`` (OpenAI's former, TRL). Answers that such a record marks as
not trained (``loss``, ``weight``, ``label``) get the ``label`` of `buqi.rows.read`.
"""

from __future__ import annotations

from typing import Any

ROLES = {"system": "system", "developer": "system", "user": "user", "human": "user"} | dict.fromkeys(
    ("assistant", "gpt", "chatgpt", "bot", "model"), "assistant"
)
HOLDERS = ("data", "rows", "train", "examples", "items", "records", "instances")
HELD = "an object that holds rows under {}; keep only that list"
PAIRS = {"query": "response", "prompt": "completion"}
# Keys that make a record something else than questions with one answer each.
OTHER_TASKS = {
    "a choice between two answers": ("chosen", "rejected", "chosen_response", "rejected_response"),
    "pictures or sound": ("images", "image", "videos", "video", "audios", "audio", "objects"),
    "tools": ("tools", "functions", "function_call", "tool_calls"),
}


def named_format(record: Any) -> str:
    """Return the name of the foreign format that a record has; empty for ``src``/``tgt`` and what is none."""
    if not isinstance(record, dict) or "src" in record or "tgt" in record:
        return ""
    if isinstance(record.get("messages"), list):
        return "messages"
    if isinstance(record.get("conversations"), list):
        return "conversations (ShareGPT)"
    if "instruction" in record and "output" in record:
        return "instruction/input/output (Alpaca)"
    return next((f"{asked}/{answer}" for asked, answer in PAIRS.items() if {asked, answer} <= record.keys()), "")


def holder_of(record: Any) -> str:
    """Return the key under which an object holds all rows (``data`` of ``{"data": [{…}]}``); empty if it is a row."""
    for key in HOLDERS if isinstance(record, dict) and "src" not in record else ():
        rows = record.get(key)
        if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
            return key
    return ""


def converted(record: dict[str, Any]) -> dict[str, Any] | str:
    """Return a record of a format that has a name as one with ``src`` and ``tgt``, or why it cannot be one."""
    for what, keys in OTHER_TASKS.items():
        if found := [key for key in keys if record.get(key)]:
            return f"{', '.join(found)}: {what}; a row is text with one answer to each question"
    for key, role, content in (("messages", "role", "content"), ("conversations", "from", "value")):
        if isinstance(record.get(key), list):
            return _of_turns(record, key, role, content)
    return _of_pair(record)


def _of_turns(record: dict[str, Any], key: str, role: str, content: str) -> dict[str, Any] | str:
    system: str | None = record.get("system") or None
    turns: list[tuple[str, str, bool]] = []
    for number, message in enumerate(record[key]):
        where = f"{key}[{number}]"
        if not isinstance(message, dict):
            return f"{where}: expected an object with {role} and {content}, found {type(message).__name__}"
        who = message.get(role, message.get("role", message.get("from")))
        text = _text(message.get(content, message.get("content", message.get("value"))))
        if message.get("tool_calls") or message.get("function_call"):
            return f"{where}: calls a tool; a row is text only"
        if text is None:
            return f"{where}: {content} is no text"
        kind = ROLES.get(who) if isinstance(who, str) else None
        if kind is None:
            return f"{where}: {role} {who!r:.40}: expected system, user or assistant"
        if kind == "system":
            if number > 0 or system is not None:
                return f"{where}: a second system message; keep one, at the front"
            system = text
            continue
        expected = "assistant" if turns and turns[-1][0] == "user" else "user"
        if kind != expected:
            turns_go = "turns go user, assistant, user, assistant"
            return f"{where}: from the {kind} where the {expected} is expected; {turns_go}"
        turns.append((kind, text, _is_trained(message)))
    if not turns:
        return f"{key}: no turns in it"
    if turns[-1][0] == "user":
        return f"{key}[{len(record[key]) - 1}]: the last question has no answer"
    answers = turns[1::2]
    label = record.get("label")
    flags = label if isinstance(label, list) else [int(trained) for _, _, trained in answers]
    return _made([text for _, text, _ in turns[::2]], [text for _, text, _ in answers], system, flags)


def _is_trained(message: dict[str, Any]) -> bool:
    """Whether a message is learnt: ``loss`` of ms-swift, ``weight`` of OpenAI, ``train`` of axolotl."""
    return all(message.get(key) not in (0, False) for key in ("loss", "weight", "train"))


def _of_pair(record: dict[str, Any]) -> dict[str, Any] | str:
    if "instruction" in record and "output" in record:
        given = [record["instruction"], record.get("input") or ""]
        if any(not isinstance(text, str) for text in given):
            return "instruction and input: expected text"
        asked, answer = "\n".join(text for text in given if text.strip()), record["output"]
    else:
        one = next(asked for asked, answer in PAIRS.items() if {asked, answer} <= record.keys())
        asked, answer = record[one], record[PAIRS[one]]
    if not isinstance(asked, str) or not isinstance(answer, str):
        return f"expected a text and its answer, found {type(asked).__name__} and {type(answer).__name__}"
    history = record.get("history") or []
    if not isinstance(history, list) or any(
        not isinstance(pair, (list, tuple)) or len(pair) != 2 or any(not isinstance(text, str) for text in pair)
        for pair in history
    ):
        return "history: expected pairs of texts"
    system = record.get("system") or None
    src, tgt = [pair[0] for pair in history] + [asked], [pair[1] for pair in history] + [answer]
    return _made(src, tgt, system, [1] * len(tgt))


def _made(src: list[str], tgt: list[str], system: Any, flags: list[Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"src": src, "tgt": tgt}
    if system is not None:
        made["system"] = system
    return made if all(flags) else made | {"label": flags}


def _text(content: Any) -> str | None:
    """Return the text of a message: a string, or OpenAI's list of parts that are all text."""
    if isinstance(content, list):
        parts = [
            part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content
        ]
        return None if None in parts or not parts else "".join(map(str, parts))
    return content if isinstance(content, str) else None
