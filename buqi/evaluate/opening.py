"""Opens the contestants that ``--compare`` names."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path

from buqi.answering import AnswerOptions, given_options, open_model
from buqi.artefact import read_run
from buqi.base.spec import DEFAULT_SPEC, is_hub_name
from buqi.engine import BASE
from buqi.engine.openvino_engine import OpenVinoEngine
from buqi.errors import BuqiError, UsageError, counted
from buqi.evaluate.contestants import (
    AddressContestant,
    Contestant,
    FileContestant,
    LibraryContestant,
    ModelContestant,
    WritingContestant,
)
from buqi.evaluate.endpoint import EndpointContestant, check_client
from buqi.evaluate.rivals.readers import LIBRARIES
from buqi.files import sha256_of
from buqi.loading import TUNED, UNTUNED, OpenedModel, adapter_for
from buqi.machine import MemoryTaken
from buqi.rows import Row, find_sets, read_rows, task_of_rows
from buqi.rows.check import seen_rows
from buqi.task import Task

ANSWER_FILES = (".tsv", ".csv", ".txt")
ADDRESSES_ONLY = (AddressContestant, LibraryContestant, WritingContestant)
GENERATE, FREE = "generate", "generate_free"  # as buqi complete --mode generate, and with --free
OF_ADAPTER = (TUNED, GENERATE, FREE)  # the adapter of --adapter answers


def contestant_names(compare: str, endpoint: str | None = None) -> tuple[str, ...]:
    """Return the names between the commas of ``compare``, ``rivals`` spelt out, each once, and the endpoint.

    Raises:
        UsageError: there are none, or ``endpoint`` is no address.
    """
    if endpoint is not None and not _is_url(endpoint):
        raise UsageError(f"--endpoint {endpoint}: expected http://host/v1#model")
    names: list[str] = []
    for name in filter(None, (part.strip() for part in (*compare.split(","), endpoint or ""))):
        names += LIBRARIES if name == "rivals" else [name]
    if not names:
        raise UsageError("--compare: expected names separated by commas, e.g. base,tuned")
    return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Lineup:
    """Who is compared, and with what.

    Attributes:
        weighing: how ``auto`` answers.
        writing: base and adapter of ``base`` and ``tuned``; how all models write.
    """

    names: tuple[str, ...]
    weighing: AnswerOptions = field(default_factory=AnswerOptions)
    writing: AnswerOptions = field(default_factory=lambda: AnswerOptions("generate", engine="torch"))
    rivals_dir: Path = Path(".rivals")

    @property
    def folders(self) -> list[str]:
        """The names that are folders of models or ``.gguf`` files."""
        named = {BASE, *OF_ADAPTER, "match", "auto", *LIBRARIES}
        return [n for n in self.names if n not in named and not _is_url(n) and not n.endswith(ANSWER_FILES)]

    def check_names(self) -> None:
        """Raise `UsageError` if a name is no contestant, no file, no folder, no name on a hub and no endpoint.

        Raises:
            BuqiError: an endpoint is named and httpx is missing.
        """
        for name in filter(_is_url, self.names):
            check_client(name)
        for name in self.folders:
            if name != DEFAULT_SPEC and not is_hub_name(name) and not os.path.exists(os.path.expanduser(name)):
                words = ", ".join((BASE, TUNED, "match", "auto", "rivals", GENERATE, FREE))
                raise UsageError(f"--compare {name}: expected {words}, or a folder or .gguf file that is there")

    def refuse_unused(self, rivals_dir: Path | None = None, model_rows: int | None = None) -> None:
        """Refuse options that none of the contestants uses. The arguments are options that are not kept in the lineup.

        Raises:
            UsageError: there are some.
        """
        names, writing = set(self.names), self.writing
        named = names & {BASE, *OF_ADAPTER}
        models = named or self.folders
        writers = models or any(map(_is_url, names))
        engine = writing.engine if writing.engine != "torch" else None
        for used, who, options in (
            ("auto" in names, "auto", {"--memory": self.weighing.memory}),
            (names & {"auto", GENERATE}, "auto or generate", {"--threshold": self.weighing.threshold}),
            (names & {*OF_ADAPTER}, "tuned or generate", {"--adapter": writing.adapter}),
            (named, "base, tuned or generate", {"--model": writing.model}),
            (models, "a model", {"--engine": engine}),
            (writers, "a model", {"--max_new_tokens": writing.max_new_tokens, "--model_rows": model_rows}),
            (names & set(LIBRARIES), "libraries", {"--rivals_dir": rivals_dir}),
        ):
            if not used and (unused := given_options(options)):
                raise UsageError(f"{unused}: only with {who} in --compare")

    def with_adapter(self, rows: Sequence[Row] = ()) -> Lineup:
        """Return the lineup with the adapter that ``tuned`` means: the named one, or the shipped one of this base.

        Raises:
            UsageError: ``tuned`` is asked, no adapter is named, and none ships for this model or the task of ``rows``.
        """
        adapter = self.writing.adapter or Path(UNTUNED)
        if asked := [name for name in OF_ADAPTER if name in self.names]:
            known = adapter_for(self.writing.model_spec, self.writing.adapter)
            if known is None and TUNED not in asked:
                return self  # a merged model
            if known is None:
                raise UsageError("--compare tuned: name the adapter with --adapter FOLDER; none ships for this model")
            if self.writing.adapter is None and rows and not task_of_rows(rows).is_address:
                raise UsageError(
                    f"--compare {asked[0]}: name the adapter with --adapter FOLDER; the one that ships completes "
                    "addresses, and these rows are another task"
                )
            adapter = known
        return replace(self, writing=replace(self.writing, adapter=adapter))


def _is_url(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def open_contestants(lineup: Lineup, rows: Sequence[Row]) -> tuple[Task, list[Contestant], dict[str, str]]:
    """Return the task, the contestants in the order named, and the libraries that cannot take part, with the reason.

    Raises:
        UsageError: a name that means nothing, or models trained with different prompts.
        BuqiError: a model cannot be loaded, or nobody is left.
    """
    lineup.check_names()
    found: list[Contestant] = []
    absent: dict[str, str] = {}
    opened = cache(partial(open_model, many=True))
    for name in lineup.names:
        memory = MemoryTaken()
        try:
            found.append(_contestant(name, lineup, opened))
        except BuqiError as error:
            if name not in LIBRARIES:
                raise
            absent[name] = str(error).removeprefix(f"{name}: ")
            continue
        found[-1].opened_mb = memory.mb
    both = [contestant for contestant in found if contestant.name in (BASE, *OF_ADAPTER)]
    for contestant in both:  # whichever is named first loads the model that all use
        contestant.opened_mb = max(one.opened_mb for one in both)
    if not found:
        raise BuqiError("nobody can be compared: " + "; ".join(f"{name}: {why}" for name, why in absent.items()))
    return _task(found, lineup.names, rows), found, absent


def _task(contestants: Sequence[Contestant], names: Sequence[str], rows: Sequence[Row]) -> Task:
    """Return the task that all contestants have in common."""
    tasks = {c.trained.fingerprint: c.trained for c in contestants if c.trained}
    if len(tasks) > 1:
        raise UsageError("--compare: these models were trained with different prompts: " + ", ".join(names))
    task = next(iter(tasks.values()), None) or task_of_rows(rows)
    if not task.is_address and (others := [c.name for c in contestants if isinstance(c, ADDRESSES_ONLY)]):
        raise UsageError(f"{', '.join(others)}: only for addresses; these rows are another task")
    called = Counter(contestant.name for contestant in contestants)
    if doubled := sorted(name for name, count in called.items() if count > 1):
        raise UsageError(f"--compare: two contestants would be called {doubled[0]}; rename a folder or file")
    return task


def _contestant(name: str, lineup: Lineup, opened: Callable[[AnswerOptions], OpenedModel]) -> Contestant:
    writing = lineup.writing
    if name in ("match", "auto"):
        return AddressContestant(lineup.weighing if name == "auto" else AnswerOptions("match"))
    if name in LIBRARIES:
        return LibraryContestant(name, lineup.rivals_dir / name)
    if _is_url(name):
        return EndpointContestant(name, writing.most_tokens)
    if name.endswith(ANSWER_FILES):
        return FileContestant(Path(name))
    if name in (GENERATE, FREE):
        threshold = lineup.weighing.threshold if name == GENERATE else None
        most = writing.max_new_tokens if name == FREE else None
        options = replace(writing, free=name == FREE, threshold=threshold, max_new_tokens=most)
        return WritingContestant(name, options, opened(writing))
    if name not in (BASE, TUNED):
        engine = "auto" if name.endswith(".gguf") and writing.engine == "torch" else writing.engine
        writing = replace(writing, model=name, adapter=Path(UNTUNED), engine=engine)
    model = opened(writing)
    adapter = name if name in (BASE, TUNED) else TUNED if model.engine.adapters else BASE
    if isinstance(model.engine, OpenVinoEngine):
        model.engine.open(adapter)  # now, so that it does not count as answering
    identity, tokenizer = f"{writing.version()} {model.engine.title}", model.engine.tokenizer
    found = ModelContestant(Path(name).name, model.engine, tokenizer, adapter, writing.most_tokens, identity)
    found.trained = model.task if model.trained else None
    return found


def training_rows(adapter: Path) -> Path | None:
    """Return the rows that an adapter was trained on, if they are here.

    Its run names their folder as it was named then: relative to the current folder, or to one above the adapter. Rows
    with the hash that the run has are taken first; others only from the place that is named.
    """
    run = read_run(adapter)
    if not (named := run.get("config", {}).get("dataset_name_or_path")):
        return None
    trained = run.get("data", {}).get("train", {}).get("sha256")
    places = dict.fromkeys((Path(named), *(above / named for above in adapter.resolve().parents)))
    here = [rows for place in places if place.is_dir() and (rows := find_sets(place, ()).get("train"))]
    fitting = next((rows for rows in here if sha256_of(rows) == trained), None)
    if fitting is None and Path(named).is_dir():
        return find_sets(Path(named), ()).get("train")
    return fitting


def refuse_seen(
    lineup: Lineup, rows: Sequence[Row], task: Task, allowed: bool, say: Callable[[str], None] = lambda _: None
) -> str:
    """Return what is known of rows that stand in the training data of the adapters that are named.

    ``say`` is told where the training rows are not here.

    Raises:
        BuqiError: some do, and that was not allowed.
    """
    named = [lineup.writing.adapter] if {*OF_ADAPTER} & {*lineup.names} else []
    notes = []
    for folder in (f for f in (*named, *map(Path, lineup.names)) if f and (f / "adapter_config.json").is_file()):
        data = training_rows(folder)
        if data is None:
            say(f"the training rows of {folder} are not here; not checked for leaks")
            notes.append(f"{folder}: training rows not here")
            continue
        found = seen_rows(read_rows(data), rows, task)
        if found and not allowed:
            raise BuqiError(
                f"{len(found)} of {counted(len(rows), 'row')} in the training data of {folder} ({data}), "
                f"e.g. {found[0]}: the figures would be too good. Use other rows, or --allow_seen"
            )
        notes.append(f"{folder}: {counted(len(found), 'row')} in its training data")
    return "; ".join(notes)
