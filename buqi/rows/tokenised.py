"""A set of rows as tokens, with their keys. The tokens of a large file are made once and kept in the cache."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from buqi.files import sha256_of
from buqi.indexes import Arrays, kept
from buqi.rows.compact import CompactRows
from buqi.rows.encode import encode_rows
from buqi.rows.keys import KeyMaker, RowKeys
from buqi.rows.read import Row, task_of_rows
from buqi.rows.row_file import RowFile
from buqi.task import ADDRESS_INSTRUCTION, Encoded, Task

CODE = [Path(__file__).parents[1] / "task.py", *sorted(Path(__file__).parent.glob("*.py"))]
TOLD = 100_000  # rows from one count to the next
TOKENIZER_FILES = (".json", ".txt", ".model", ".jinja", ".tiktoken")
Prompt = tuple[str | None, str | None]  # template and system message


class Tokenised:
    """A set of rows as tokens.

    Attributes:
        rows: the rows themselves; those of a large file are not held.
        encoded: their tokens.
        keys: their keys, by which sets are compared.
        answers: (rows,) tokens of each row's last answer.
        instructed: how many begin with the address instruction.
    """

    def __init__(self, rows: Sequence[Row], arrays: Arrays) -> None:
        self.encoded, self.keys = CompactRows(arrays), RowKeys.of(arrays)
        self.rows = RowFile(rows.path, len(self.encoded)) if isinstance(rows, RowFile) else rows
        self.answers, self.instructed = arrays["last"].astype(np.int64), int(arrays["instructed"][0])

    @classmethod
    def of(
        cls,
        name: str,
        rows: Sequence[Row],
        prompt: Prompt,
        tokenizer: Any,
        base: Path,
        say: Callable[[str], None] = lambda _: None,
    ) -> Tokenised:
        """Return a set's rows as tokens, out of the cache if they are those of a large file and lie there.

        Args:
            name: of the set: letters and ``-``.
            prompt: template and system message of the configuration.
            base: folder of the base; a kept set is found again only with the same files of its tokenizer.
            say: gets messages on the progress with a large file.
        """
        if not isinstance(rows, RowFile):
            return cls(rows, _arrays(rows, prompt, tokenizer))
        source = hashlib.sha256(f"{sha256_of(rows.path)} {prompt}".encode())
        for path in (*CODE, *sorted(p for p in base.iterdir() if p.suffix in TOKENIZER_FILES)):
            source.update(path.read_bytes())

        def told(done: int) -> None:
            say(f"tokens of {name}, {done:,} rows")

        return cls(rows, kept(f"rows-{name}", source.hexdigest()[:24], lambda: _arrays(rows, prompt, tokenizer, told)))


def _arrays(
    rows: Iterable[Row], prompt: Prompt, tokenizer: Any, told: Callable[[int], None] = lambda _: None
) -> Arrays:
    """Return the arrays of `Tokenised`. The rows are read once, one by one, so that none has to stay in memory."""
    rest = iter(rows)
    first = list(islice(rest, 1))
    task = task_of_rows(first, *prompt)
    keys, last, instructed = KeyMaker(task), array("i"), 0

    def with_keys() -> Iterator[Row]:
        """Yield the rows, and note their keys and instructions."""
        nonlocal instructed
        for row in chain(first, rest):
            keys.add(row)
            instructed += ADDRESS_INSTRUCTION.match(row.src[0]) is not None
            yield row

    def with_lengths() -> Iterator[Encoded]:
        """Yield the rows' tokens, and note the lengths of their last answers."""
        for one in encode_rows(with_keys(), task, tokenizer):
            last.append(one.last_answer)
            if len(last) % TOLD == 0:
                told(len(last))
            yield one

    tokens = CompactRows.arrays(with_lengths())
    counts = {"last": np.array(last, dtype=np.int32), "instructed": np.array([instructed])}
    return {**tokens, **keys.arrays(), **counts}


def task_of_sets(sets: Mapping[str, Tokenised], template: str | None, system: str | None) -> Task:
    """Return the task that all sets belong to, as `task_of_rows` of all their rows."""
    instructed, count = sum(s.instructed for s in sets.values()), sum(len(s.encoded) for s in sets.values())
    all_rows = (row for one in sets.values() for row in one.rows)
    uniform = template is not None or instructed in (0, count)
    return task_of_rows(islice(all_rows, 1) if uniform else all_rows, template, system)
