"""What the names in ``--compare`` mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.errors import BuqiError, UsageError
from buqi.machine import AddedMemory

if TYPE_CHECKING:
    from buqi.evaluate import Contestant
    from buqi.loading import OpenedModel as Chosen
    from buqi.rows import Row
    from buqi.task import Task

FILES = (".tsv", ".csv", ".txt")
JUDGED = "auto+"  # before base or tuned: table, memory and weighing, and that model as a judge


@dataclass(frozen=True)
class Wanted:
    """What the command line asks to be compared, and with what."""

    compare: str
    model: str
    adapter: Path | None
    engine: str
    memory: Path | None
    threshold: float | None
    rivals_dir: Path
    max_new_tokens: int

    @property
    def names(self) -> list[str]:
        """The contestants by name, ``rivals`` spelt out."""
        from buqi.evaluate.rivals import LIBRARIES

        names: list[str] = []
        for name in filter(None, (part.strip() for part in self.compare.split(","))):
            names += LIBRARIES if name == "rivals" else [name]
        if not names:
            raise UsageError("--compare: expected names separated by commas, e.g. base,tuned")
        return list(dict.fromkeys(names))


@dataclass
class _Opened:
    contestants: list[Contestant] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def open_contestants(wanted: Wanted, rows: Sequence[Row]) -> tuple[Task, list[Contestant], dict[str, str]]:
    """Return the task, the contestants in the order named, and the libraries that cannot take part, with the reason.

    Raises:
        UsageError: a name that means nothing, or models trained with different prompts.
        BuqiError: a model cannot be loaded, or nobody is left.
    """
    from buqi.engine import BASE
    from buqi.loading import TUNED, load
    from buqi.task import task_of

    names = wanted.names
    judged = [name for name in names if name in (JUDGED + BASE, JUDGED + TUNED)]
    opened = _Opened()
    taken = AddedMemory()
    asked = judged or {BASE, TUNED} & set(names)
    shared = load(wanted.model, wanted.adapter, wanted.engine, scores=bool(judged)) if asked else None
    shared_mb = taken.mb
    if shared and shared.trained:
        opened.tasks.append(shared.task)
    for name in names:
        if name in (BASE, TUNED) and shared:
            opened.contestants.append(_model(name, shared, name, wanted))
            opened.contestants[-1].opened_mb = shared_mb
        elif name in judged and shared:
            opened.contestants.append(_judged(name, shared, wanted))
            opened.contestants[-1].opened_mb = shared_mb
        else:
            taken, count = AddedMemory(), len(opened.contestants)
            _open(name, wanted, opened)
            for contestant in opened.contestants[count:]:
                contestant.opened_mb = taken.mb
    if len({task.fingerprint for task in opened.tasks}) > 1:
        raise UsageError("--compare: these models were trained with different prompts: " + ", ".join(names))
    if not opened.contestants:
        raise BuqiError("nobody can be compared: " + "; ".join(f"{n}: {why}" for n, why in opened.absent.items()))
    task = opened.tasks[0] if opened.tasks else task_of((row.where, row.src[0]) for row in rows)
    if task.name != "address" and (others := [c.name for c in opened.contestants if not _any_task(c)]):
        raise UsageError(f"{', '.join(others)}: only for addresses; these rows are another task")
    called = [c.name for c in opened.contestants]
    if doubled := sorted({name for name in called if called.count(name) > 1}):
        raise UsageError(f"--compare: two contestants would be called {doubled[0]}; rename a folder or file")
    return task, opened.contestants, opened.absent


def with_adapter(wanted: Wanted) -> Wanted:
    """Return ``wanted`` with the adapter that ``tuned`` means: the named one, or the shipped one if it is of this base.

    Raises:
        UsageError: ``tuned`` is asked, no adapter is named, and none ships for this model.
    """
    from buqi.loading import TUNED, adapter_for

    if wanted.adapter is not None or not {TUNED, JUDGED + TUNED} & set(wanted.names):
        return wanted
    shipped = adapter_for(wanted.model, None)
    if shipped is None:
        raise UsageError("--compare tuned: name the adapter with --adapter FOLDER; none ships for this model")
    return replace(wanted, adapter=shipped)


def _any_task(contestant: Contestant) -> bool:
    from buqi.evaluate.contestants import Chain, Matcher, Rival

    return not isinstance(contestant, (Chain, Matcher, Rival))


def _open(name: str, wanted: Wanted, opened: _Opened) -> None:
    from buqi.evaluate.contestants import Answers, Chain, Matcher, Rival
    from buqi.evaluate.endpoint import Endpoint
    from buqi.evaluate.rivals import LIBRARIES

    if name == "match":
        opened.contestants.append(Matcher())
    elif name == "auto":
        from buqi.address.answer import Completer

        opened.contestants.append(Chain(Completer(wanted.memory, wanted.threshold), identity=_remembered(wanted)))
    elif name in LIBRARIES:
        try:
            opened.contestants.append(Rival(name, wanted.rivals_dir / name))
        except BuqiError as error:
            opened.absent[name] = str(error)
    elif name.startswith(("http://", "https://")):
        opened.contestants.append(Endpoint(name, wanted.max_new_tokens))
    elif name.endswith(FILES):
        opened.contestants.append(Answers(Path(name)))
    else:
        from buqi.engine import BASE
        from buqi.loading import TUNED, load

        engine = "auto" if name.endswith(".gguf") and wanted.engine == "torch" else wanted.engine
        other = load(name, None, engine)
        if other.trained:
            opened.tasks.append(other.task)
        adapter = TUNED if other.engine.adapters else BASE
        opened.contestants.append(_model(Path(name).name, other, adapter, wanted))


def _model(name: str, chosen: Chosen, adapter: str, wanted: Wanted) -> Any:
    from buqi.evaluate.contestants import Model

    about = f"{wanted.model} {name} {type(chosen.engine).__name__} {_changed(wanted.adapter)} {_changed(Path(name))}"
    return Model(name, chosen.engine, chosen.engine.tokenizer, adapter, wanted.max_new_tokens, about)


def _judged(name: str, chosen: Chosen, wanted: Wanted) -> Contestant:
    from buqi.address.answer import Completer
    from buqi.address.judge import Judge
    from buqi.evaluate.contestants import Chain

    judge = Judge.of(chosen.engine, chosen.engine.tokenizer, chosen.task, name.removeprefix(JUDGED))
    completer = Completer(wanted.memory, wanted.threshold, judge=judge)
    return Chain(completer, name, f"{_remembered(wanted)} {wanted.model} {_changed(wanted.adapter)} {judge.fusion}")


def _remembered(wanted: Wanted) -> str:
    return f"{wanted.memory} {_changed(wanted.memory)}"


def _changed(path: Path | None) -> str:
    """Return what tells one state of a file or folder from another."""
    if path is None or not path.exists():
        return ""
    files = [path] if path.is_file() else sorted(p for p in path.iterdir() if p.is_file())
    return " ".join(f"{p.name}:{p.stat().st_size}:{p.stat().st_mtime_ns}" for p in files)


def refuse_seen(wanted: Wanted, rows: Sequence[Row], task: Task, allowed: bool) -> str:
    """Return what is known of rows that stand in the adapter's training data.

    Raises:
        BuqiError: some do, and that was not allowed.
    """
    from buqi.artefact import read_run
    from buqi.cli.screen import errors
    from buqi.rows import find_sets, read_rows
    from buqi.rows.check import seen_rows

    folders = [f for f in (wanted.adapter, *map(Path, wanted.names)) if f and (f / "adapter_config.json").is_file()]
    notes = []
    for folder in folders:
        data = read_run(folder).get("config", {}).get("dataset_name_or_path")
        if not data or not (Path(data).is_dir()):
            errors.print(f"note: the training rows of {folder} are not here; not checked for leaks", style="dim")
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
