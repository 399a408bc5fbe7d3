"""Who may take part in a comparison. All are asked the same texts, in pieces, and say the same kind of thing."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from buqi.answering import MOST_TOKENS, AddressAnswerer, AnswerOptions
from buqi.engine import BASE, Engine
from buqi.errors import UsageError
from buqi.evaluate.prediction import NAMED_LEVELS, Prediction
from buqi.evaluate.rivals import Library
from buqi.files import read_text, sha256_of
from buqi.rows import Row
from buqi.task import Task

if TYPE_CHECKING:
    from buqi.address import Completion


class Contestant(Protocol):
    """Someone who answers rows.

    Attributes:
        name: how the report calls it; no two alike.
        identity: changes when its answers may; answers kept from an interrupted run are used only if it is the same.
        piece: how many rows it is asked at once.
        opened_mb: memory that loading it took, in 10^6 bytes; base and adapter share one model.
    """

    name: str
    identity: str
    piece: int
    opened_mb: float

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """Return an answer to each row's last question."""
        ...

    def memory_mb(self, asked: float) -> float:
        """Return the memory it needs in 10^6 bytes: of its own process, or what it adds to this one.

        Args:
            asked: what this process's memory grew by while it was asked.
        """
        ...


class _InThisProcess:
    """What contestants that run in this process have in common."""

    opened_mb = 0.0

    def memory_mb(self, asked: float) -> float:
        """See `Contestant.memory_mb`."""
        return self.opened_mb + asked


class ModelContestant(_InThisProcess):
    """A base, adapter, merged folder or GGUF file that writes its answers."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        tokenizer: Any,
        adapter: str = BASE,
        max_new_tokens: int = MOST_TOKENS,
        identity: str = "",
    ) -> None:
        self.name, self.engine, self.tokenizer, self.adapter = name, engine, tokenizer, adapter
        self.max_new_tokens, self.piece = max_new_tokens, 64
        self.identity = f"{identity} {adapter} {max_new_tokens}"

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`: greedy, with the task's prompt."""
        prompts = [task.prompt_text(self.tokenizer, row.src, row.tgt[:-1], row.system) for row in rows]
        answers = self.engine.generate(prompts, self.max_new_tokens, self.adapter)
        return [Prediction(answer.text, stopped=answer.stopped) for answer in answers]


class AddressContestant(_InThisProcess):
    """What completes addresses without a model: the table alone (``match``), or all that is weighed (``auto``)."""

    piece = 256

    def __init__(self, options: AnswerOptions) -> None:
        self.answerer, self.name, self.identity = AddressAnswerer(options), options.mode, options.version()

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`."""
        return [prediction_of(c) for c in self.answerer.answer(texts_of(task, rows))]


class LibraryContestant:
    """An offline address library."""

    opened_mb = 0.0
    piece = 50

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.library = Library(name, folder)
        self.name, self.identity = name, self.library.package

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`."""
        found = []
        for text, place in zip(texts := texts_of(task, rows), self.library.read(texts), strict=True):
            levels = {"province": place.province, "city": place.city, "county": place.county}
            head = "".join(levels.values())
            found.append(Prediction(head + (place.rest or (text if not head else "")), levels, failed=place.error))
        return found

    def memory_mb(self, asked: float) -> float:
        """See `Contestant.memory_mb`."""
        return self.library.peak_mb()


class FileContestant:
    """Answers from a file: one a line, in the rows' order; or columns ``input`` and ``answer`` (or level names).

    Raises:
        UsageError: no such file, no answers in it, or other columns.
    """

    opened_mb = 0.0
    piece = 1000

    def __init__(self, path: Path) -> None:
        self.name, self.path = path.name, path
        self.lines: list[Prediction] = []
        self.by_input: dict[str, Prediction] = {}
        text = read_text(path)
        self.identity = sha256_of(path)
        if path.suffix == ".txt":
            self.lines = [Prediction(line) for line in text.splitlines()]
        else:
            self._columns(text)
        self.asked = 0

    def _columns(self, text: str) -> None:
        head = text.partition("\n")[0]
        table = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in head else ",")
        names = table.fieldnames or []
        if "input" not in names or not {"answer", *NAMED_LEVELS} & set(names):
            raise UsageError(
                f"{self.path}: expected columns input and answer (or province, city, county…), found {', '.join(names)}"
            )
        for row in table:
            levels = {level: row.get(level) or "" for level in NAMED_LEVELS} if set(NAMED_LEVELS) & set(names) else None
            written = row.get("answer") or "".join((levels or {}).values())
            confidence = row.get("confidence")
            self.by_input[row["input"]] = Prediction(written, levels, float(confidence) if confidence else None)

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`. A row that the file does not hold counts as failed."""
        missing = Prediction("", failed=f"not in {self.path.name}")
        if self.by_input:
            return [self.by_input.get(text, missing) for text in texts_of(task, rows)]
        start, self.asked = self.asked, self.asked + len(rows)
        found = self.lines[start : self.asked]
        return found + [missing] * (len(rows) - len(found))

    def memory_mb(self, asked: float) -> float:
        """Nothing is run."""
        return 0.0


def texts_of(task: Task, rows: Sequence[Row]) -> list[str]:
    """Return what each row asks, without the instruction."""
    return [task.text_of(row.src[-1]) for row in rows]


def prediction_of(completion: Completion) -> Prediction:
    """Return a completion as an answer. What is refused names no level."""
    answered = completion.status in ("complete", "partial")
    levels = {level: completion.path.name(level) if answered else "" for level in NAMED_LEVELS}
    return Prediction(completion.full, levels, completion.confidence if answered else None)
