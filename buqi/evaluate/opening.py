"""What the names in ``--compare`` mean, opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from buqi.answering import EMBEDDED, AnswerOptions, given, open_model
from buqi.artefact import read_run
from buqi.engine import BASE
from buqi.errors import BuqiError, UsageError
from buqi.evaluate.contestants import (
    AddressContestant,
    Contestant,
    FileContestant,
    LibraryContestant,
    ModelContestant,
)
from buqi.evaluate.endpoint import EndpointContestant
from buqi.evaluate.rivals import LIBRARIES
from buqi.loading import TUNED, UNTUNED, OpenedModel, adapter_for
from buqi.machine import MemoryTaken
from buqi.rows import Row, find_sets, read_rows
from buqi.rows.check import seen_rows
from buqi.task import Task, task_of

ANSWER_FILES = (".tsv", ".csv", ".txt")
ADDRESSES_ONLY = (AddressContestant, LibraryContestant)


def contestant_names(compare: str) -> tuple[str, ...]:
    """Return the names between the commas of ``compare``, ``rivals`` spelt out, each once.

    Raises:
        UsageError: there are none.
    """
    names: list[str] = []
    for name in filter(None, (part.strip() for part in compare.split(","))):
        names += LIBRARIES if name == "rivals" else [name]
    if not names:
        raise UsageError("--compare: expected names separated by commas, e.g. base,tuned")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Lineup:
    """Who is compared, and with what.

    Attributes:
        names: the contestants.
        weighing: how ``auto`` answers.
        writing: base and adapter of ``base`` and ``tuned``; how all models write.
        rivals_dir: where the libraries are.
    """

    names: tuple[str, ...]
    weighing: AnswerOptions = field(default_factory=AnswerOptions)
    writing: AnswerOptions = field(default_factory=lambda: AnswerOptions("generate", engine="torch"))
    rivals_dir: Path = Path(".rivals")

    @property
    def folders(self) -> list[str]:
        """The names that are folders of models or ``.gguf`` files."""
        named = {BASE, TUNED, "match", "auto", *LIBRARIES}
        return [n for n in self.names if n not in named and not _is_url(n) and not n.endswith(ANSWER_FILES)]

    def refuse_unused(self, rivals_dir: Path | None = None) -> None:
        """Refuse options that none of the contestants uses.

        Args:
            rivals_dir: as it was given, if it was.

        Raises:
            UsageError: there are some.
        """
        names, writing = set(self.names), self.writing
        models = names & {BASE, TUNED} or self.folders
        urls = [name for name in names if _is_url(name)]
        engine = writing.engine if writing.engine != "torch" else None
        for used, who, options in (
            ("auto" in names, "auto", {"--memory": self.weighing.memory, "--threshold": self.weighing.threshold}),
            (TUNED in names, TUNED, {"--adapter": writing.adapter}),
            (names & {BASE, TUNED}, "base or tuned", {"--model": writing.model}),
            (models, "a model", {"--engine": engine}),
            (models or urls, "a model", {"--max_new_tokens": writing.max_new_tokens}),
            (names & set(LIBRARIES), "libraries", {"--rivals_dir": rivals_dir}),
        ):
            if not used and (unused := given(options)):
                raise UsageError(f"{unused}: only with {who} in --compare")

    def with_adapter(self) -> Lineup:
        """Return the lineup with the adapter that ``tuned`` means: the named one, or the shipped one of this base.

        Raises:
            UsageError: ``tuned`` is asked, no adapter is named, and none ships for this model.
        """
        adapter: Path | None = self.writing.adapter or Path(UNTUNED)
        if TUNED in self.names:
            adapter = adapter_for(self.writing.model or EMBEDDED, self.writing.adapter)
            if adapter is None:
                raise UsageError("--compare tuned: name the adapter with --adapter FOLDER; none ships for this model")
        return replace(self, writing=replace(self.writing, adapter=adapter))


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


@dataclass
class _Opened:
    contestants: list[Contestant] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def open_contestants(lineup: Lineup, rows: Sequence[Row]) -> tuple[Task, list[Contestant], dict[str, str]]:
    """Return the task, the contestants in the order named, and the libraries that cannot take part, with the reason.

    Args:
        lineup: as `Lineup.with_adapter` returns it.
        rows: what they will be asked.

    Raises:
        UsageError: a name that means nothing, or models trained with different prompts.
        BuqiError: a model cannot be loaded, or nobody is left.
    """
    opened, names = _Opened(), lineup.names
    memory = MemoryTaken()
    shared = open_model(lineup.writing) if {BASE, TUNED} & set(names) else None
    shared_mb = memory.mb
    if shared and shared.trained:
        opened.tasks.append(shared.task)
    for name in names:
        if name in (BASE, TUNED) and shared:
            opened.contestants.append(_model(name, shared, name, lineup.writing))
            opened.contestants[-1].opened_mb = shared_mb
        else:
            memory, count = MemoryTaken(), len(opened.contestants)
            _open(name, lineup, opened)
            for contestant in opened.contestants[count:]:
                contestant.opened_mb = memory.mb
    return _task(opened, names, rows), opened.contestants, opened.absent


def _task(opened: _Opened, names: Sequence[str], rows: Sequence[Row]) -> Task:
    """Return the task that all contestants have in common."""
    if len({task.fingerprint for task in opened.tasks}) > 1:
        raise UsageError("--compare: these models were trained with different prompts: " + ", ".join(names))
    if not opened.contestants:
        raise BuqiError("nobody can be compared: " + "; ".join(f"{n}: {why}" for n, why in opened.absent.items()))
    task = opened.tasks[0] if opened.tasks else task_of((row.where, row.src[0]) for row in rows)
    if task.name != "address" and (others := [c.name for c in opened.contestants if isinstance(c, ADDRESSES_ONLY)]):
        raise UsageError(f"{', '.join(others)}: only for addresses; these rows are another task")
    called = [c.name for c in opened.contestants]
    if doubled := sorted({name for name in called if called.count(name) > 1}):
        raise UsageError(f"--compare: two contestants would be called {doubled[0]}; rename a folder or file")
    return task


def _open(name: str, lineup: Lineup, opened: _Opened) -> None:
    if name == "match":
        opened.contestants.append(AddressContestant(AnswerOptions("match")))
    elif name == "auto":
        opened.contestants.append(AddressContestant(lineup.weighing))
    elif name in LIBRARIES:
        try:
            opened.contestants.append(LibraryContestant(name, lineup.rivals_dir / name))
        except BuqiError as error:
            opened.absent[name] = str(error)
    elif _is_url(name):
        opened.contestants.append(EndpointContestant(name, lineup.writing.most_tokens))
    elif name.endswith(ANSWER_FILES):
        opened.contestants.append(FileContestant(Path(name)))
    else:
        engine = "auto" if name.endswith(".gguf") and lineup.writing.engine == "torch" else lineup.writing.engine
        options = replace(lineup.writing, model=name, adapter=Path(UNTUNED), engine=engine)
        other = open_model(options)
        if other.trained:
            opened.tasks.append(other.task)
        adapter = TUNED if other.engine.adapters else BASE
        opened.contestants.append(_model(Path(name).name, other, adapter, options))


def _model(name: str, model: OpenedModel, adapter: str, options: AnswerOptions) -> ModelContestant:
    identity = f"{options.version()} {type(model.engine).__name__}"
    return ModelContestant(name, model.engine, model.engine.tokenizer, adapter, options.most_tokens, identity)


def refuse_seen(
    lineup: Lineup, rows: Sequence[Row], task: Task, allowed: bool, say: Callable[[str], None] = lambda _: None
) -> str:
    """Return what is known of rows that stand in the training data of an adapter.

    Args:
        lineup: names the adapters.
        rows: what is asked.
        task: says which texts are the same.
        allowed: whether such rows may be asked.
        say: told where the training rows are not here.

    Raises:
        BuqiError: some do, and that was not allowed.
    """
    named = [lineup.writing.adapter] if TUNED in lineup.names else []
    folders = [f for f in (*named, *map(Path, lineup.names)) if f and (f / "adapter_config.json").is_file()]
    notes = []
    for folder in folders:
        data = read_run(folder).get("config", {}).get("dataset_name_or_path")
        if not data or not (Path(data).is_dir()):
            say(f"the training rows of {folder} are not here; not checked for leaks")
            notes.append(f"{folder}: training rows not here")
            continue
        found = seen_rows(read_rows(find_sets(Path(data))["train"]), rows, task)
        if found and not allowed:
            raise BuqiError(
                f"{len(found)} of {len(rows)} rows stand in the training data of {folder} ({data}), e.g. {found[0]}: "
                "the figures would flatter it. Use other rows, or --allow_seen"
            )
        notes.append(f"{folder}: {len(found)} rows stand in its training data")
    return "; ".join(notes)
