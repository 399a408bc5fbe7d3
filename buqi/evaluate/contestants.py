"""Who may take part in a comparison. All are asked the same texts, in pieces, and give a `Prediction` for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.address import Completion
from buqi.answering import MOST_TOKENS, AddressAnswerer, AnswerOptions, WritingAnswerer
from buqi.encoding import read_text
from buqi.engine import BASE, Engine
from buqi.errors import UsageError, listed
from buqi.evaluate.prediction import NAMED_LEVELS, Prediction
from buqi.evaluate.rivals.library import Library
from buqi.files import sha256_of
from buqi.machine import resident_mb
from buqi.rows import Row
from buqi.rows.cells import cells_of
from buqi.task import Task

if TYPE_CHECKING:
    from buqi.loading import OpenedModel

WARM = "人民路1号"  # asked first, so that what is loaded with a first answer counts as opening


class Contestant(ABC):
    """What answers rows: a model, a library, an endpoint, a file.

    Attributes:
        name: in the report; no two contestants have the same.
        identity: changes when its answers may change: kept answers are used only if it is the same.
        piece: how many rows it is asked at once.
        trained: the task that it was trained for, if it says.
        writes: whether a model writes the answers, which takes long.
        opened_mb: memory that loading it took, in 10^6 bytes; base and adapter share one model.
    """

    name: str
    identity: str
    piece: int
    trained: Task | None = None
    writes = False
    opened_mb = 0.0

    @abstractmethod
    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """Return an answer to each row's last question."""

    def memory_mb(self, asked: float) -> float:
        """Return the memory it needs in 10^6 bytes: of its own process, or what it adds to this one.

        Args:
            asked: what this process's memory grew by while it was asked.
        """
        return self.opened_mb + asked


class ModelContestant(Contestant):
    """A base, adapter, merged folder or GGUF file that writes its answers."""

    piece = 64
    writes = True

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
        self.max_new_tokens, self.identity = max_new_tokens, f"{identity} {adapter} {max_new_tokens}"

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`: greedy, with the task's prompt."""
        prompts = [task.prompt_text(self.tokenizer, row.src, row.tgt[:-1], row.system) for row in rows]
        answers = self.engine.generate(prompts, self.max_new_tokens, self.adapter)
        return [Prediction(answer.text, stopped=answer.stopped) for answer in answers]


class AddressContestant(Contestant):
    """What completes addresses without a model: the table alone (``match``), or all that is weighed (``auto``)."""

    piece = 256

    def __init__(self, options: AnswerOptions) -> None:
        self.answerer, self.name, self.identity = AddressAnswerer(options), options.mode, options.version()
        self.answerer.answer([WARM])

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`."""
        return [prediction_of(c) for c in self.answerer.answer(texts_of(task, rows))]


class WritingContestant(Contestant):
    """A model that completes addresses as ``buqi complete --mode generate`` does."""

    piece = 256
    writes = True

    def __init__(self, name: str, options: AnswerOptions, opened: OpenedModel) -> None:
        self.answerer = WritingAnswerer(options, opened)
        self.name, self.trained = name, opened.task
        self.identity = f"{options.version()} {opened.engine.title}"
        self.answerer.answer([WARM])

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`."""
        predictions = []
        for reply in self.answerer.answer(texts_of(task, rows)):
            assert isinstance(reply, Completion)  # the task is addresses
            predictions.append(prediction_of(reply))
        return predictions


class LibraryContestant(Contestant):
    """An offline address library."""

    piece = 50

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.library = Library(name, folder)
        self.name, self.identity = name, self.library.package
        self.library.read([WARM])

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
        return resident_mb("VmHWM", Path("/proc", str(self.library.process.pid)))


class FileContestant(Contestant):
    """Answers from a file: one a line, in the rows' order; or columns ``input`` and ``answer`` (or level names).

    Raises:
        UsageError: no such file, no answers in it, or other columns.
    """

    piece = 10**9  # all: the lines are those of the first row on, also where a run was interrupted

    def __init__(self, path: Path) -> None:
        self.name, self.by_line = path.name, path.suffix == ".txt"
        self.found: dict[Any, Prediction] = (
            dict(enumerate(map(Prediction, read_text(path).splitlines()))) if self.by_line else _by_input(path)
        )
        self.identity = sha256_of(path)

    def answer(self, task: Task, rows: Sequence[Row]) -> list[Prediction]:
        """See `Contestant.answer`. A row that the file does not hold counts as failed."""
        missing = Prediction("", failed=f"not in {self.name}")
        return [self.found.get(key, missing) for key in (range(len(rows)) if self.by_line else texts_of(task, rows))]

    def memory_mb(self, asked: float) -> float:
        """Return 0: nothing is run."""
        return 0.0


def _by_input(path: Path) -> dict[Any, Prediction]:
    """Return the answer to each input of a table."""
    columns = cells_of(path).columns
    named = [level for level in NAMED_LEVELS if level in columns]
    if "input" not in columns or not (named or "answer" in columns):
        expected = "expected columns input and answer (or province, city, county…)"
        raise UsageError(f"{path}: {expected}, found {listed(columns)}")
    found = {}
    for cells in zip(*columns.values(), strict=True):
        row = dict(zip(columns, cells, strict=True))
        levels = {level: row.get(level, "") for level in NAMED_LEVELS} if named else None
        text, sure = row.get("answer") or "".join((levels or {}).values()), row.get("confidence")
        try:
            found[row["input"]] = Prediction(text, levels, float(sure) if sure else None)
        except ValueError as error:
            raise UsageError(f"{path}: confidence {sure!r} of {row['input']!r} is no number") from error
    return found


def texts_of(task: Task, rows: Sequence[Row]) -> list[str]:
    """Return what each row asks, without the instruction."""
    return [task.text_of(row.src[-1]) for row in rows]


def prediction_of(completion: Completion) -> Prediction:
    """Return a completion as an answer. What is refused names no level."""
    answered = completion.status in ("complete", "partial")
    levels = {level: completion.path.name(level) if answered else "" for level in NAMED_LEVELS}
    return Prediction(completion.full, levels, completion.confidence if answered else None)
