"""Rows as tokens, many at a time. What comes out is what `Task.encode` makes of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from buqi.rows.read import Row
from buqi.task import BREAK, Encoded, Task, tokens

BATCH = 4096  # rows that the tokenizer gets at once
COMPARED = 4  # rows of each batch that are also encoded alone, to prove that the fast way gives the same
PLACE = "\ue000"  # a character without a meaning, put where the text stands in a prompt
ODD = frozenset(f"<[{{{BREAK}{PLACE}")  # a text with these is encoded alone: control tokens and templates use them
PROBES = ("碑林区1号", " a ", "\n\na\n", "A (9")


def encode_rows(rows: Iterable[Row], task: Task, tokenizer: Any) -> Iterator[Encoded]:
    """Yield each row's tokens."""
    frame = PromptFrame.of(task, tokenizer)
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield from frame.encode(batch) if frame else [_alone(row, task, tokenizer) for row in batch]


def _alone(row: Row, task: Task, tokenizer: Any) -> Encoded:
    return task.encode(tokenizer, row.src, row.tgt, row.system, row.trained)


class PromptFrame:
    """A prompt that is the same around every text: only the tokens of the text are made for each row."""

    def __init__(self, task: Task, tokenizer: Any, before: str, after: str) -> None:
        self.task, self.tokenizer = task, tokenizer
        controls = [t.content for t in tokenizer.added_tokens_decoder.values() if t.special]
        # No token reaches over a control token, so what lies before the last and behind the first is always the same.
        begin = max((before.rfind(c) + len(c) for c in controls if c in before), default=0)
        end = min((after.find(c) for c in controls if c in after), default=len(after))
        self.first, self.before = tokens(tokenizer, before[:begin]), before[begin:]
        self.after, self.last = after[:end], tokens(tokenizer, after[end:])

    @classmethod
    def of(cls, task: Task, tokenizer: Any) -> PromptFrame | None:
        """Return the frame of a task's prompts; ``None`` if the chat template changes what it puts in."""
        parts = task.prompt_text(tokenizer, [PLACE]).split(PLACE)
        if len(parts) != 2 or any(task.prompt_text(tokenizer, [p]) != p.join(parts) for p in map(task.text_of, PROBES)):
            return None
        return cls(task, tokenizer, *parts)

    def encode(self, rows: Sequence[Row]) -> list[Encoded]:
        """Return the rows' tokens. Rows with another prompt are encoded alone; all are, if the compared ones differ."""
        usual = [at for at, row in enumerate(rows) if self._takes(row)]
        found = dict(zip(usual, self._encoded([rows[at] for at in usual]), strict=True))
        if any(found[at] != _alone(rows[at], self.task, self.tokenizer) for at in usual[:COMPARED]):
            found = {}
        return [found.get(at) or _alone(row, self.task, self.tokenizer) for at, row in enumerate(rows)]

    def _takes(self, row: Row) -> bool:
        plain = len(row.src) == 1 and row.system is None and not row.trained
        return plain and ODD.isdisjoint(row.src[0]) and ODD.isdisjoint(row.tgt[0])

    def _encoded(self, rows: Sequence[Row]) -> list[Encoded]:
        if not rows:
            return []
        asked = [self.before + self.task.text_of(row.src[0]) + self.after for row in rows]
        both = tokens_of_all(self.tokenizer, [*asked, *(row.tgt[0] for row in rows)])
        end, found = self.tokenizer.eos_token_id, []
        for own, answer in zip(both[: len(rows)], both[len(rows) :], strict=True):
            prompt = [*self.first, *own, *self.last]
            learnt = len(answer) + 1
            found.append(Encoded([*prompt, *answer, end], [False] * len(prompt) + [True] * learnt))
        return found


def tokens_of_all(tokenizer: Any, texts: Sequence[str]) -> Sequence[list[int]]:
    """Return the tokens of texts, with nothing added. Fast tokenizers skip the offsets, which nobody needs here."""
    if (fast := getattr(tokenizer, "backend_tokenizer", None)) is not None:
        return [one.ids for one in fast.encode_batch_fast(list(texts), add_special_tokens=False)]
    found: list[list[int]] = tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return found
