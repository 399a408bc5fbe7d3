"""How texts are answered: one set of options, and one way from them to something that answers.

The command line, files, databases, frames, the service and the comparison all go this way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from buqi.address import Completion
from buqi.address.lines import complete_lines
from buqi.errors import UsageError, in_python
from buqi.quiet import quiet
from buqi.task import ADDRESS, Task

if TYPE_CHECKING:
    from buqi.constrained import AddressWriter
    from buqi.engine import TorchEngine
    from buqi.loading import OpenedModel

MODES = ("auto", "match", "generate")
EMBEDDED = "embedded"
VLLM = "vllm"
MOST_TOKENS = 128
LONGEST_TEXT = 2000  # characters; reading what is longer may take minutes, and a line with an address never is
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class AnswerOptions:
    """How texts are answered. Options that do not fit together cannot be made.

    The mode is ``auto`` (table, memory and evidence), ``match`` (the table alone) or ``generate`` (a model writes). For
    other tasks than addresses ``auto`` is ``generate`` once a model is named.

    Raises:
        UsageError: no such mode, or options that have no use beside each other.
    """

    mode: str = "auto"
    memory: Path | None = None  # folder of ``buqi places``; the default one if not given
    threshold: float | None = None  # confidence below which no answer is given; the shipped ones if not given
    model: str | None = None  # base, merged folder or ``.gguf``; the embedded base if one is needed and none given
    adapter: Path | None = None  # its folder; "none" for none; with ``generate`` the shipped one if not given
    engine: str = "auto"  # one of `buqi.loading.engines.ENGINES`; vllm on Ray
    allowed: tuple[str, ...] | None = None  # the only answers that may be written
    max_new_tokens: int | None = None  # most tokens of a written answer; `MOST_TOKENS` if not given
    contact: bool = False  # whether name, telephone and postcode are read apart from the address
    probabilities: bool = False  # whether the probability of each allowed answer is told
    free: bool = False  # whether a model may write to an address what it likes

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise UsageError(f"--mode {self.mode}: expected one of {', '.join(MODES)}")
        if self.mode == "match" and self.asks_model:
            raise UsageError("--mode match asks no model; leave out --adapter and --model")
        if self.free and self.mode != "generate":
            raise UsageError("--free: only with --mode generate")
        threshold = None if self.is_limited else self.threshold
        if self.mode != "auto" and (weighing := given({"--memory": self.memory, "--threshold": threshold})):
            raise UsageError(f"{weighing}: only with --mode auto{' or generate' * (threshold is not None)}")
        if self.memory is not None:
            from buqi.places.memory import check_memory

            check_memory(self.memory)
        if self.probabilities and self.allowed is None:
            raise UsageError("--probabilities: of the answers of --allowed; name them")
        if self.probabilities and self.engine.partition("-")[0] not in ("auto", "torch"):
            raise UsageError(f"--probabilities: only with --engine torch, not {self.engine}")
        if self.asks_model:
            if self.contact:
                raise UsageError("--contact: a model that writes reads no telephones; use --mode auto or match")
            from buqi.loading import UNTUNED

            if str(self.adapter) == UNTUNED and self.mode == "auto" and self.model is None:
                raise UsageError(f"--adapter {UNTUNED}: only with --mode generate, or with --model")
            return
        if self.engine != "auto":
            raise UsageError(f"--engine {self.engine}: no model is asked; name one with --adapter or --model")
        if unused := given({"--allowed": self.allowed, "--max_new_tokens": self.max_new_tokens}):
            raise UsageError(f"{unused}: only with --mode generate")

    @property
    def asks_model(self) -> bool:
        """Whether a model writes the answers."""
        return self.mode == "generate" or self.model is not None or self.adapter is not None

    @property
    def is_limited(self) -> bool:
        """Whether a model of addresses writes only what the table and the input have."""
        return self.mode == "generate" and not self.free and self.allowed is None

    @property
    def weighing(self) -> str:
        """The options given that only the weighing of addresses uses, by commas."""
        return given({"--memory": self.memory, "--threshold": self.threshold})

    @property
    def most_tokens(self) -> int:
        """Most tokens of a written answer."""
        return self.max_new_tokens or MOST_TOKENS

    def version(self) -> str:
        """Return 16 digits that change when any answer may: options, code, data, memory, model files."""
        from buqi.places.memory import places_dir

        digest = hashlib.sha256(json.dumps(asdict(self), default=str).encode())
        digest.update(_package_digest())
        for root in (self.memory or places_dir(), *(Path(name) for name in (self.model, self.adapter) if name)):
            for path in [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file()):
                digest.update(f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}".encode())
        return digest.hexdigest()[:16]


def given(options: dict[str, Any]) -> str:
    """Return the names of the options that have a value, by commas."""
    return ", ".join(name for name, value in options.items() if value is not None)


@lru_cache(maxsize=1)
def _package_digest() -> bytes:
    """Return a hash of all code and data of this package; any of it may change an answer (0.05 s)."""
    digest = hashlib.sha256()
    for path in sorted(p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts):
        digest.update(f"{path.relative_to(PACKAGE)} {path.stat().st_size} ".encode())
        digest.update(path.read_bytes())
    return digest.digest()


@dataclass(frozen=True)
class WrittenText:
    """What a model wrote to a text of another task than addresses, and whether it ended by itself."""

    input: str
    answer: str
    stopped: bool
    probabilities: dict[str, float] | None = None  # of each allowed answer, the likeliest first

    def __str__(self) -> str:
        return self.answer

    def as_json(self) -> dict[str, Any]:
        """Return the answer as a JSON object."""
        return {key: value for key, value in asdict(self).items() if value is not None}


Reply = Completion | WrittenText
Progress = Callable[[int], None]


class Answerer(Protocol):
    """Something that answers texts."""

    task: Task  # what the texts are

    def answer(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Sequence[Reply]:
        """Return an answer to each text, in order; ``progress`` is told how many more are done."""


def open_answerer(options: AnswerOptions) -> Answerer:
    """Return what answers as ``options`` say.

    Raises:
        UsageError: no such model, or options that the model's task has no use for.
        BuqiError: a model or memory cannot be loaded.
    """
    return WritingAnswerer(options) if options.asks_model else AddressAnswerer(options)


class AddressAnswerer:
    """Completes addresses by table and memory, or by the table alone.

    Raises:
        UsageError: the options name a model.
        BuqiError: the memory cannot be loaded.
    """

    task = ADDRESS

    def __init__(self, options: AnswerOptions) -> None:
        from buqi.address.completer import Completer
        from buqi.divisions import load_matcher

        if options.asks_model:
            raise UsageError("a model is named, and here none is asked; leave out mode generate, model and adapter")
        self.matcher = load_matcher()
        self.completer = Completer(options.memory, options.threshold) if options.mode == "auto" else None
        self.contact = options.contact

    def answer(
        self, texts: Sequence[str], progress: Progress = lambda _: None, contact: bool = False
    ) -> list[Completion]:
        """See `Answerer.answer`; with ``contact`` as if the options said so."""
        contact = contact or self.contact
        asked = ["" if len(text) > LONGEST_TEXT else text for text in texts]
        if self.completer is not None:
            found = self.completer.complete_all(asked, progress, contact)
        else:
            found = complete_lines(asked, self._match, self.matcher, contact)
            progress(len(found))
        return [completion if text == of else _too_long(completion, text)
                for completion, text, of in zip(found, texts, asked, strict=True)]  # fmt: skip

    def _match(self, addresses: list[str]) -> list[Completion]:
        return [Completion.from_match(match) for match in self.matcher.match_all(addresses)]


def _too_long(empty: Completion, text: str) -> Completion:
    """Return the completion of a text that is none of an address, given that of no text."""
    note = f"{len(text)} characters, longer than any address"
    return replace(empty, input=text, full=text, detail=text, notes=(note,))


class WritingAnswerer:
    """A model that writes the answers. Of an address it only chooses the place, unless it may write freely.

    Raises:
        UsageError: no such model, or the mode is ``auto`` and its task addresses.
        BuqiError: it cannot be loaded.
    """

    def __init__(self, options: AnswerOptions, opened: OpenedModel | None = None) -> None:
        from buqi.engine import BASE

        self.options, self.opened = options, opened or open_model(options)
        self.task = self.opened.task
        if options.mode == "auto" and self.task.name == ADDRESS.name:
            named = given({"--model": options.model, "--adapter": options.adapter})
            raise UsageError(f"{named}: only with --mode generate for addresses; --mode auto asks no model")
        if options.weighing and self.task.name != ADDRESS.name:
            raise UsageError(f"{options.weighing}: only for addresses; this model was trained for another task")
        self.adapter = next(iter(self.opened.engine.adapters), BASE)
        self.writer = self._limited() if options.is_limited and self.task.name == ADDRESS.name else None

    def _limited(self) -> AddressWriter:
        """Return what lets the model choose places of the table."""
        from buqi.constrained import AddressWriter, CountyChooser, calibration_of
        from buqi.engine import TorchEngine

        engine, options = self.opened.engine, self.options
        if not isinstance(engine, TorchEngine):
            raise UsageError(
                f"{engine.title} writes addresses only freely: add --free, or leave --engine and .gguf out"
            )
        if options.max_new_tokens is not None:
            raise UsageError("--max_new_tokens: of addresses only with --free; a choice takes about five")
        chooser = CountyChooser(engine, self.task, self.adapter)
        return AddressWriter(chooser, calibration_of(trained_folder(options)), options.threshold)

    def answer(self, texts: Sequence[str | None], progress: Progress = lambda _: None) -> list[Reply]:
        """See `Answerer.answer`: greedy, with the task's prompt. ``None`` is empty text; `UsageError` for no list."""
        if isinstance(texts, str):
            raise UsageError("texts: expected a list of texts; put one text into a list")
        asked = ["" if text is None else text for text in texts]
        for text in asked:
            if not isinstance(text, str):
                raise UsageError(
                    f"texts: {text!r:.40} is {type(text).__name__}; expected text, or None where it is empty"
                )
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise UsageError(f"texts: {text!r:.40} holds half a character, or bytes that are no UTF-8")
        return self._answer(asked, progress)

    def _answer(self, texts: list[str], progress: Progress) -> list[Reply]:
        from buqi.engine import TorchEngine

        engine, options = self.opened.engine, self.options
        if self.writer is not None:
            return [*self.writer.complete([self.task.text_of(text) for text in texts], progress)]
        prompts = [self.task.prompt_text(engine.tokenizer, [text]) for text in texts]
        if options.probabilities and options.allowed and isinstance(engine, TorchEngine):
            return [self._weighed(engine, *pair, progress) for pair in zip(texts, prompts, strict=True)]
        found = engine.generate(prompts, options.most_tokens, self.adapter, progress, options.allowed)
        return [reply_of(self.task, t, a.text, a.stopped) for t, a in zip(texts, found, strict=True)]

    def _weighed(self, engine: TorchEngine, text: str, prompt: str, progress: Progress) -> Reply:
        """Return the likeliest of the allowed answers, with the probability of each."""
        allowed = self.options.allowed or ()
        (shares,) = engine.probabilities([prompt], allowed, self.adapter)
        progress(1)
        order = sorted(zip(allowed, shares, strict=True), key=lambda pair: -pair[1])
        reply = reply_of(self.task, text, order[0][0], True)
        known = {answer: round(share, 4) for answer, share in order}
        return replace(reply, probabilities=known) if isinstance(reply, WrittenText) else reply


@in_python()
def load(
    model: Path | str,
    adapter: Path | str | None = None,
    *,
    engine: str = "auto",
    allowed: Sequence[str] | None = None,
    max_new_tokens: int | None = None,
    free: bool = False,
) -> WritingAnswerer:
    """Open a model of any task; its ``answer(texts)`` returns an answer to each text, and ``str`` makes text of one.

    Args:
        model: an adapter folder, whose base is found; a base or merged folder; a ``.gguf``; ``owner/name``.
        adapter: an adapter folder, where ``model`` is a base.
        engine: ``auto``, ``torch``, ``torch-fp32``, ``torch-bf16`` or ``llamacpp``.
        allowed: the only answers that may be written.
        max_new_tokens: most tokens of an answer; `MOST_TOKENS` if not given.
        free: whether a model of addresses may write what it likes; else only names of the table and the input.

    Raises:
        UsageError: no such model or adapter, or one of another base.
        BuqiError: it cannot be loaded.
    """
    chosen = Path(adapter) if adapter is not None else None
    only = tuple(allowed) if allowed is not None else None
    named = {"model": str(model), "adapter": chosen, "allowed": only, "max_new_tokens": max_new_tokens, "free": free}
    options = AnswerOptions("generate", engine=engine, **named)  # type: ignore[arg-type]
    with quiet():
        return WritingAnswerer(options)


def open_model(options: AnswerOptions) -> OpenedModel:
    """Return the engine, adapter and task that ``options`` name.

    Raises:
        UsageError: no such model, adapter or engine.
        BuqiError: it cannot be loaded.
    """
    from buqi.loading import adapter_for, load

    if options.engine == VLLM:
        raise UsageError(f"--engine {VLLM}: only with --ray")
    model = options.model or EMBEDDED
    wanted = options.mode == "generate" or options.adapter is not None
    adapter = adapter_for(model, options.adapter) if wanted else None
    limited = options.is_limited and not model.endswith(".gguf") and _asks_addresses(trained_folder(options))
    engine = "torch" if (options.probabilities or limited) and options.engine == "auto" else options.engine
    return load(model, adapter, engine)


def trained_folder(options: AnswerOptions) -> Path:
    """Return the folder of the adapter, or of the model without one, that ``options`` name.

    Raises:
        UsageError: no such model.
    """
    from buqi.loading import adapter_for

    model = options.model or EMBEDDED
    return adapter_for(model, options.adapter) or Path(model)


def _asks_addresses(folder: Path) -> bool:
    """Whether a model's folder, or an adapter's, is of the address task, or of none."""
    from buqi.foreign import TaskFile, parsed
    from buqi.task import FILE

    return not (folder / FILE).is_file() or parsed(folder / FILE, TaskFile).name == ADDRESS.name


def reply_of(task: Task, text: str, answer: str, stopped: bool) -> Reply:
    """Return what an answer that a model wrote to ``text`` amounts to."""
    if task.name == ADDRESS.name:
        return Completion.from_answer(task.text_of(text), answer, stopped)
    return WrittenText(text, answer, stopped)
