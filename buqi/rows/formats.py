"""Rows in the formats of other toolkits, as records of ``src`` and ``tgt``; what cannot be one is refused.

``messages`` (OpenAI, LLaMA-Factory, ms-swift, PaddleFormers), ``conversations`` (ShareGPT), ``conversation`` (ms-swift,
XTuner), ``contents`` (Gemini), ``instruction`` (Alpaca), a question and its answer under two keys (`PAIRS`).
"""

from __future__ import annotations

from typing import Any

from buqi.rows.records import read_value
from buqi.rows.turns import paired, text_of, turns_of

MESSAGES = {  # the names of formats by the key of their list
    "messages": "messages",
    "conversations": "conversations (ShareGPT)",
    "conversation": "conversation",
    "contents": "contents (Gemini)",
}
CHATS = ("messages", "conversations")  # lists under these are chats, whatever they hold
ALPACA = ("instruction", "output")
PAIRS = (
    ALPACA,
    ("query", "response"),
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("input", "output"),
    ("input", "target"),
)
PAIR_KEYS = frozenset(key for pair in (("src", "tgt"), *PAIRS) for key in pair)
SYSTEMS = ("system", "systemInstruction", "system_instruction")
CONTAINER_KEYS = ("data", "rows", "train", "examples", "items", "records", "instances")
IN_CONTAINER = "an object that holds rows under {}; keep only that list"
CHOICE, ONE_ANSWER = "a choice between two answers", "a row is text with one answer to each question"
# Keys that make a record something else than questions with one answer each.
OTHER_TASKS = {
    CHOICE: (
        "chosen", "rejected", "chosen_response", "rejected_response", "rejected_messages", "positive_messages",
        "negative_messages",
    ),
    "pictures or sound": ("images", "image", "videos", "video", "audios", "audio", "objects"),
    "calls of tools": ("tools", "functions", "function_call", "tool_calls"),
}  # fmt: skip
# Records that are no rows, by keys that they have all of, and what stands under each.
NO_ROWS: dict[str, dict[str, tuple[type, ...]]] = {
    CHOICE: {"chosen": (str, list, dict), "rejected": (str, list, dict)},
    "a request of a batch of OpenAI, without an answer": {"custom_id": (object,), "body": (dict,)},
    "an answer of a batch of OpenAI, without its question": {"custom_id": (object,), "response": (dict,)},
    "a table of pandas (orient='split'); write it with orient='records' and lines=True": {
        "columns": (list,), "index": (list,), "data": (list,),
    },
}  # fmt: skip
STRUCTURED = ("tools", "functions", "objects")  # text under these keys is a column of its own
FILES = {"file_name", "hf_hub_url", "ms_hub_url", "script_url"}  # where LLaMA-Factory finds a data set
EMPTY: tuple[Any, ...] = (None, "", [], {}, "[]", "{}", "null")


def named_format(record: Any) -> str:
    """Return the name of the foreign format that a record has; empty for ``src``/``tgt`` and what is none."""
    if not isinstance(record, dict) or "src" in record or "tgt" in record:
        return ""
    if key := _list_key(record):
        return MESSAGES[key]
    if pair := _pair_of(record):
        return "instruction/input/output (Alpaca)" if pair == ALPACA else "/".join(pair)
    return _no_row(record)


def choice_in(record: dict[str, Any]) -> str:
    """Return why a record teaches which of two answers is better, and not how to answer; empty if it does not."""
    if found := _filled(record, OTHER_TASKS[CHOICE]):
        return f"{', '.join(found)}: {CHOICE}; {ONE_ANSWER}"
    if isinstance(record.get("response"), list) and isinstance(record.get("sort"), list):
        return f"response and sort: {CHOICE}; {ONE_ANSWER}"
    for key in ("label", "kto_tag"):
        if str(record.get(key)).lower() == "false":
            return f"{key} false: a bad answer, which must not be learnt; take the row out"
    return ""


def container_key(record: Any) -> str:
    """Return the key under which an object has a list of rows (``{"data": [{…}]}``: ``data``); empty if it has none."""
    if not isinstance(record, dict) or "src" in record or named_format(record):
        return ""
    for key in CONTAINER_KEYS:
        rows = record.get(key)
        if isinstance(rows, list) and rows and all(isinstance(row, dict) for row in rows):
            return key
    return ""


def rows_inside(record: Any) -> list[Any]:
    """Return the rows in an object's list, else the object itself.

    Each row of the Hugging Face service stands under ``row``.
    """
    if not (key := container_key(record)):
        return [record]
    return [row["row"] if isinstance(row.get("row"), dict) and "row_idx" in row else row for row in record[key]]


def refusal(record: dict[str, Any]) -> str:
    """Return why a record of a format that has a name is of another task, or no row at all; empty if it may be one."""
    if why := choice_in(record):
        return why
    for what, keys in OTHER_TASKS.items():
        if found := _filled(record, keys):
            return f"{', '.join(found)}: {what}; {ONE_ANSWER}"
    known = _list_key(record) or _pair_of(record)
    return "" if known else _no_row(record)


def converted(record: dict[str, Any]) -> dict[str, Any] | str:
    """Return a record of a format that has a name as one with ``src`` and ``tgt``, or why it cannot be one.

    Keys that the format does not need are kept.
    """
    if why := refusal(record):
        return why
    key, pair = _list_key(record), _pair_of(record)
    messages: list[Any] | str | None
    if key or pair is None:
        used, messages = {key}, _list(record[key])
    else:
        key, messages = "/".join(pair), _of_pair(record, pair)
        used = {*pair, "history", *(["input"] if pair == ALPACA else [])}
    if not isinstance(messages, list):
        return str(messages)
    system = next((record[name] for name in SYSTEMS if record.get(name)), None)
    if isinstance(system, dict):
        system = text_of(system.get("parts")) or system
    label = record.get("label")
    made = turns_of(paired(messages), key, system, label)
    if isinstance(made, str):
        return made
    used |= {*SYSTEMS, "is_system", *(["label"] if isinstance(label, list) else [])}
    return {name: value for name, value in record.items() if name not in used and value not in EMPTY} | made


def with_texts(record: Any) -> Any:
    """Return a record whose ``src`` and ``tgt`` are texts where they were numbers."""
    if not isinstance(record, dict):
        return record
    return {key: _as_text(value) if key in ("src", "tgt") else value for key, value in record.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    text = text_of(value)
    return value if text is None else text


def _filled(record: dict[str, Any], keys: tuple[str, ...]) -> list[str]:
    found = [key for key in keys if record.get(key) and record[key] not in EMPTY]
    return [key for key in found if key not in STRUCTURED or str(record[key]).lstrip()[:1] in "[{"]


def _list(value: Any) -> list[Any] | None:
    """Return a list, also one that stands as JSON in a text."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = read_value(value)
    return value if isinstance(value, list) else None


def _list_key(record: dict[str, Any]) -> str:
    for key in MESSAGES:
        found = _list(record.get(key))
        if found is not None and (key in CHATS or any(isinstance(turn, dict) for turn in found)):
            return key
    return ""


def _pair_of(record: dict[str, Any]) -> tuple[str, str] | None:
    return next((pair for pair in PAIRS if record.keys() >= set(pair)), None)


def _no_row(record: dict[str, Any]) -> str:
    """Return what a record is that is known and no row; empty for others."""
    if record and all(isinstance(value, dict) and value.keys() & FILES for value in record.values()):
        return "a list of data sets (dataset_info.json); import the files that it names"
    if isinstance(record.get("prompt"), list):
        return "a question without an answer"
    return next((what for what, keys in NO_ROWS.items() if all(_is(record.get(k), t) for k, t in keys.items())), "")


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    """Whether a value is of one of some kinds. A number as text is no text."""
    number = str in kinds and isinstance(value, str) and value.strip().isdigit()
    return value is not None and isinstance(value, kinds) and not number


def _of_pair(record: dict[str, Any], pair: tuple[str, str]) -> list[Any] | str:
    """Return the messages of a question and its answer, with those before them (``history``), or what is wrong."""
    asked, answer = record[pair[0]], record[pair[1]]
    if isinstance(asked, list) and isinstance(answer, list) and all(isinstance(m, dict) for m in (*asked, *answer)):
        return [*asked, *answer]
    if isinstance(answer, list) and len(answer) > 1:
        return f"{pair[1]}: {CHOICE}; {ONE_ANSWER}"
    if pair == ALPACA:
        given = [asked, record.get("input") or ""]
        if any(not isinstance(text, str) for text in given):
            return "instruction and input: expected text"
        asked = "\n".join(text for text in given if text.strip())
    texts = text_of(asked), text_of(answer)
    if None in texts:
        return f"expected a text and its answer, found {type(asked).__name__} and {type(answer).__name__}"
    history = _list(record.get("history") or [])
    turns: list[Any] = []
    for entry in [None] if history is None else [*history, texts]:
        if isinstance(entry, dict):
            turns.append(entry)
        elif isinstance(entry, (list, tuple)) and len(entry) == 2 and all(isinstance(text, str) for text in entry):
            turns += [{"role": role, "content": text} for role, text in zip(("user", "assistant"), entry, strict=True)]
        else:
            return "history: expected pairs of texts"
    return turns
