"""Rows from files: JSONL or a JSON array of ``{"src": …, "tgt": …}``, in whatever encoding they come."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.errors import UsageError
from buqi.files import read_text, whole_file
from buqi.seal import check_seal

FILE_NAMES = {"train": "train.json", "dev": "dev.json", "test": "test.json"}
MISTAKES_SHOWN = 20  # bad rows that are listed one by one


@dataclass(frozen=True)
class Row:
    """One example: turns of questions and answers, of equal number.

    ``meta`` is whatever else the row carries (how an address was damaged, its gold levels); it is never trained.
    """

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    system: str | None = None
    meta: dict[str, Any] = field(default_factory=dict, compare=False)
    where: str = field(default="", compare=False)

    def as_json(self) -> dict[str, Any]:
        """Return the row as it stands in a file: a single turn as a string, several as lists."""
        record: dict[str, Any] = {
            "src": self.src[0] if len(self.src) == 1 else list(self.src),
            "tgt": self.tgt[0] if len(self.tgt) == 1 else list(self.tgt),
        }
        if self.system is not None:
            record["system"] = self.system
        return record | self.meta


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a JSONL file or JSON array.

    Raises:
        UsageError: the file is missing, empty or unreadable, or any row is bad; every bad row is named with its
            line, what was expected and what was found.
    """
    text = read_text(path)
    rows, errors = [], []
    for line, record in _records(path, text):
        where = f"{path}:{line}"
        problem = record if isinstance(record, str) else _problem(record)
        if problem:
            errors.append(f"{where}: {problem}")
        else:
            rows.append(_row(record, where))
    if errors:
        more = [f"… and {len(errors) - MISTAKES_SHOWN} more"] if len(errors) > MISTAKES_SHOWN else []
        raise UsageError("\n".join([f"{len(errors)} bad rows in {path}", *errors[:MISTAKES_SHOWN], *more]))
    if not rows:
        raise UsageError(f'{path}: empty; expected lines like {{"src": "…", "tgt": "…"}}')
    return rows


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSONL; the file appears whole or not at all."""
    with whole_file(path) as draft, draft.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")


def find_sets(folder: Path, needed: Sequence[str] = ("train",)) -> dict[str, Path]:
    """Return which of train, dev and test lie in ``folder`` (``train.json`` or ``train.jsonl`` and so on).

    Raises:
        UsageError: the folder, or a needed file, is missing.
        BuqiError: a file is needed and the folder is not what was written.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; expected one with train.json and dev.json")
    found = {}
    for name, file in FILE_NAMES.items():
        for path in (folder / file, folder / f"{file}l"):
            if path.is_file():
                found[name] = path
                break
    if needed:  # to look at what is there, also a changed one may be read
        check_seal(folder, "make the rows again, or look at them with buqi data check", whole=True)
    missing = [FILE_NAMES[name] for name in needed if name not in found]
    if missing:
        here = ", ".join(sorted(p.name for p in folder.iterdir())) or "nothing"
        raise UsageError(f"{folder}: {' and '.join(missing)} missing; it holds {here}")
    return found


def _records(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    """Yield (line, parsed value), or (line, what is wrong) where a line does not parse."""
    if text.lstrip().startswith("["):
        yield from _array(path, text)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            yield number, f"not JSON ({error.msg}, column {error.colno}): {line.strip()[:60]}"


def _array(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        line = text.count("\n", 0, at) + 1
        if at >= len(text):
            yield line, "the JSON array is not closed: expected ]"
            return
        if text[at] == "]":
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            yield line, f"not JSON ({error.msg}, line {error.lineno}): {text[at : at + 60].strip()}"
            return
        yield line, value


def _problem(record: Any) -> str | None:
    if not isinstance(record, dict):
        return f"expected an object with src and tgt, found {type(record).__name__}"
    for key in ("src", "tgt"):
        if key not in record:
            return f"expected src and tgt, found {', '.join(record) or 'nothing'}"
        turns = record[key] if isinstance(record[key], list) else [record[key]]
        if not turns:
            return f"{key}: expected text, found an empty list"
        for turn in turns:
            if not isinstance(turn, str):
                return f"{key}: expected text or a list of texts, found {type(turn).__name__}"
            if not turn.strip():
                return f"{key}: expected text, found an empty string"
    if isinstance(record["src"], list) != isinstance(record["tgt"], list):
        return "src and tgt: expected both text or both lists"
    if isinstance(record["src"], list) and len(record["src"]) != len(record["tgt"]):
        return f"expected lists of equal length, found {len(record['src'])} src and {len(record['tgt'])} tgt"
    system = _system(record)
    if system is not None and not isinstance(system, str):
        return f"system: expected text, found {type(system).__name__}"
    return None


def _system(record: dict[str, Any]) -> Any:
    context = record.get("context")  # PaddleNLP's place for it
    return record.get("system", context.get("system") if isinstance(context, dict) else None)


def _row(record: dict[str, Any], where: str) -> Row:
    src, tgt = record["src"], record["tgt"]
    meta = {key: value for key, value in record.items() if key not in ("src", "tgt", "system", "context")}
    return Row(
        src=(src,) if isinstance(src, str) else tuple(src),
        tgt=(tgt,) if isinstance(tgt, str) else tuple(tgt),
        system=_system(record),
        meta=meta,
        where=where,
    )
