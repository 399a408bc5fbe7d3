"""Rows from files: JSON lines or arrays of ``{"src": …, "tgt": …}``, in whatever encoding they come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from buqi.encoding import read_text
from buqi.errors import UsageError, listed
from buqi.files import FRAMES, SHEETS, kind_of, whole_file
from buqi.json_text import json_line
from buqi.rows.formats import IN_CONTAINER, choice_in, container_key, named_format, refusal
from buqi.rows.records import Records, Wrong, records, refuse
from buqi.seal import check_seal
from buqi.task import BREAK, Task, task_of

TABLE_SUFFIXES = (".csv", ".tsv", *SHEETS, *FRAMES)  # rows are made of these first
VISIBLE = re.compile("[^\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe0f\ufeff]")  # a character that can be seen
FILE_NAMES = {"train": "train.json", "dev": "dev.json", "test": "test.json"}


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
    trained: tuple[bool, ...] = ()  # for each answer whether it is learnt; all of them if empty

    def as_json(self) -> dict[str, Any]:
        """Return the row as it stands in a file: a single turn as a string, several as lists."""
        record: dict[str, Any] = {
            "src": self.src[0] if len(self.src) == 1 else list(self.src),
            "tgt": self.tgt[0] if len(self.tgt) == 1 else list(self.tgt),
        }
        if self.system is not None:
            record["system"] = self.system
        if self.trained:
            record["label"] = [int(on) for on in self.trained]
        return record | self.meta


def read_rows(path: Path, encoding: str | None = None) -> list[Row]:
    """Return the rows of a file of JSON lines, arrays, or objects one after another.

    Its encoding is found if none is named.

    Raises:
        UsageError: the file is missing, empty or unreadable, or any row is bad; every bad row is named with its
            line, what was expected and what was found.
    """
    if kind_of(path) in TABLE_SUFFIXES:
        raise UsageError(f"{path}: a table; make rows of it with buqi data import {path} --out FOLDER")
    return list(rows_in(path, records(read_text(path, encoding))))


def rows_in(path: Path, found: Records) -> Iterator[Row]:
    """Yield the rows of a file's records; bad ones are told at the end, as by `read_rows`."""
    errors: list[str] = []
    first = True
    for line, record in found:
        where = f"{path}:{line}"
        if first and (other := named_format(record)) and not refusal(record):
            advice = f"make src and tgt of them with buqi data import {path} --out FOLDER"
            raise UsageError(f"{where}: rows of the format {other}; {advice}")
        first = False
        problem = record if isinstance(record, Wrong) else problem_of(record)
        if problem:
            errors.append(f"{where}: {problem}")
        else:
            yield row_of(record, where)
    refuse(path, errors)
    if first:
        raise UsageError(f'{path}: empty; expected lines like {{"src": "…", "tgt": "…"}}')


def task_of_rows(rows: Iterable[Row], template: str | None = None, system: str | None = None) -> Task:
    """Return the task that rows belong to, as `buqi.task.task_of`."""
    return task_of(((row.where, row.src[0]) for row in rows), template, system)


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSONL; the file appears whole or not at all."""
    with whole_file(path) as draft, draft.open("wb") as file:
        file.writelines(map(line_of, rows))


def line_of(row: Row) -> bytes:
    """Return a row as its line of a file."""
    return json_line(row.as_json())


def find_sets(folder: Path, needed: Sequence[str] = ("train",)) -> dict[str, Path]:
    """Return which of train, dev and test lie in ``folder`` (``train.json`` or ``train.jsonl`` and so on).

    Raises:
        UsageError: the folder, or a needed file, is missing.
        BuqiError: a file is needed and the folder is not what was written.
    """
    if not folder.is_dir():
        raise UsageError(
            f"{folder}: no such folder; expected one with train.json and dev.json (buqi data import makes one)"
        )
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
        here = listed(sorted(p.name for p in folder.iterdir())) or "nothing"
        raise UsageError(f"{folder}: {' and '.join(missing)} missing; it holds {here}")
    return found


def problem_of(record: Any) -> str | None:
    """Return what is wrong with a record, or ``None`` where it is a row."""
    if not isinstance(record, dict):
        return f"expected an object with src and tgt, found {type(record).__name__}"
    if container := container_key(record):
        return IN_CONTAINER.format(container)
    if why := refusal(record) if named_format(record) else choice_in(record):
        return why
    for key in ("src", "tgt"):
        if key not in record:
            return f"expected src and tgt, found {listed(record) or 'nothing'}"
    record, problem = _with_system_first(record)
    if problem:
        return problem
    for key in ("src", "tgt"):
        if problem := _problem_of_turns(_turns(record[key])):
            return f"{key}: {problem}"
    src, tgt = _turns(record["src"]), _turns(record["tgt"])
    if len(src) != len(tgt):
        return f"expected lists of equal length, found {len(src)} src and {len(tgt)} tgt"
    system = _system(record)
    if system is not None and not isinstance(system, str):
        return f"system: expected text, found {type(system).__name__}"
    return _problem_of_flags(_flags(record, len(tgt)), len(tgt))


def _problem_of_turns(turns: list[Any]) -> str | None:
    """Return what is wrong with the texts under ``src`` or ``tgt``."""
    if not turns:
        return "expected text, found an empty list"
    for turn in turns:
        if not isinstance(turn, str):
            quotes = "; write it in double quotes" if isinstance(turn, (int, float)) else ""
            return f"expected text or a list of texts, found {type(turn).__name__}{quotes}"
        if not turn.strip():
            return "expected text, found an empty string"
        if not VISIBLE.search(turn):
            return f"expected text, found an empty one: only U+{ord(turn.strip()[0]):04X}, which is not seen"
        if BREAK in turn:
            return "holds U+FDD0, which is no character; take it out"
    return None


def _flags(record: dict[str, Any], turns: int) -> list[Any] | None:
    """Return ``label`` where it says which answers are trained; a label of another meaning is just kept."""
    label = record.get("label")
    if not isinstance(label, list) or (turns == 1 and all(isinstance(flag, str) for flag in label)):
        return None
    return label


def _problem_of_flags(flags: list[Any] | None, turns: int) -> str | None:
    if flags is None:
        return None
    if len(flags) != turns or any(flag not in (0, 1) for flag in flags):
        return f"label: expected 0 or 1 for each of {turns} answers, found {str(flags)[:60]}"
    return None if any(flags) else "label: 0 for every answer: nothing of this row would be trained; take it out"


def _with_system_first(record: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """Return a record whose first ``src`` is its system message (``is_system``) with that as ``system``."""
    if record.get("is_system") in (None, 0, "", "0"):
        return record, None
    src, tgt, label = _turns(record["src"]), _turns(record["tgt"]), record.get("label")
    if len(tgt) == len(src) and not (isinstance(tgt[0], str) and tgt[0].strip()):
        tgt = tgt[1:]
    if len(tgt) != len(src) - 1 or len(src) < 2:
        return record, "is_system: src[0] is the system message, so tgt has one text less than src, or an empty first"
    if _system(record):
        return record, "is_system: src[0] is a system message, and system is another; keep one of them"
    if isinstance(label, list) and len(label) == len(src):
        label = label[1:]
    rest = {key: value for key, value in record.items() if key not in ("is_system", "label")}
    return rest | {"src": src[1:], "tgt": tgt, "system": src[0]} | ({} if label is None else {"label": label}), None


def _turns(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _system(record: dict[str, Any]) -> Any:
    context = record.get("context")  # PaddleNLP's place for it
    return record.get("system", context.get("system") if isinstance(context, dict) else None)


def row_of(record: dict[str, Any], where: str) -> Row:
    """Return the row of a record that has no problem."""
    record = _with_system_first(record)[0]
    src, tgt = tuple(_turns(record["src"])), tuple(_turns(record["tgt"]))
    flags = _flags(record, len(tgt))
    own = ["src", "tgt", "system", *(["label"] if flags else [])]
    own += ["context"] if isinstance(record.get("context"), dict) else []
    meta = {key: value for key, value in record.items() if key not in own}
    trained = tuple(map(bool, flags)) if flags and not all(flags) else ()
    return Row(src, tgt, _system(record), meta, where, trained)
