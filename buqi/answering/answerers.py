"""What answers texts: table and memory, or a model. `open_answerer` makes either from options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from buqi.address import Completion
from buqi.address.lines import complete_lines
from buqi.answering.loading import open_model, trained_folder
from buqi.answering.options import AnswerOptions, given_options
from buqi.answering.replies import Reply, WrittenText, reply_of
from buqi.encoding import half_in
from buqi.errors import UsageError, in_python
from buqi.quiet import quiet
from buqi.task import ADDRESS, Task

if TYPE_CHECKING:
    from buqi.constrained import AddressWriter
    from buqi.engine import TorchEngine
    from buqi.loading import OpenedModel

LONGEST_TEXT = 2000  # characters; no line with an address is longer, and to read a longer text may take minutes
Progress = Callable[[int], None]  # called with how many more texts are answered


class Answerer(Protocol):
    """Something that answers texts."""

    task: Task  # what the texts are

    def answer(self, texts: Sequence[str], progress: Progress = lambda _: None) -> Sequence[Reply]:
        """Return an answer to each text, in order."""


def open_answerer(options: AnswerOptions, many: bool = False) -> Answerer:
    """Return what answers as ``options`` say.

    Args:
        options: how texts are answered.
        many: whether the engine is chosen for many texts at once, not for single ones.

    Raises:
        UsageError: no such model, or options that the model's task has no use for.
        BuqiError: a model or memory cannot be loaded.
    """
    return WritingAnswerer(options, open_model(options, many)) if options.asks_model else AddressAnswerer(options)


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
            found = complete_lines(asked, self._match, self.matcher, contact, self._chain_reader(len(asked)))
            progress(len(found))
        return [
            completion if len(text) <= LONGEST_TEXT else _too_long(completion, text)
            for completion, text in zip(found, texts, strict=True)
        ]

    def _chain_reader(self, texts: int) -> Callable[[str], Completion | None]:
        """Return a function that completes an address if it begins with a known chain of names (see `chains_for`)."""
        from buqi.address.known_chains import chains_for

        chains = chains_for(self.matcher, texts)

        def complete(text: str) -> Completion | None:
            read = chains.read(text) if chains else None
            return Completion.known(text, read.path, read.detail) if read else None

        return complete

    def _match(self, addresses: list[str]) -> list[Completion]:
        return [Completion.from_match(match) for match in self.matcher.match_all(addresses)]


def _too_long(empty: Completion, text: str) -> Completion:
    """Return the completion of a text that is longer than any address, given that of an empty text."""
    note = f"{len(text)} characters, longer than any address"
    return replace(empty, input=text, full=text, detail=text, notes=(note,))


class WritingAnswerer:
    """A model that writes the answers. To an address it only chooses the place, unless ``free`` is set.

    Raises:
        UsageError: no such model, or options that its task has no use for.
        BuqiError: it cannot be loaded.
    """

    def __init__(self, options: AnswerOptions, opened: OpenedModel | None = None) -> None:
        from buqi.engine import BASE

        self.options, self.opened = options, opened or open_model(options)
        self.task = self.opened.task
        if options.mode == "auto" and self.task.is_address:
            named = given_options({"--model": options.model, "--adapter": options.adapter})
            raise UsageError(f"{named}: only with --mode generate for addresses; --mode auto asks no model")
        unused = given_options({"--memory": options.memory, "--threshold": options.threshold})
        if unused and not self.task.is_address:
            raise UsageError(f"{unused}: only for addresses; this model was trained for another task")
        self.adapter = next(iter(self.opened.engine.adapters), BASE)
        self.writer = self._constrained_writer() if options.is_constrained and self.task.is_address else None

    def _constrained_writer(self) -> AddressWriter:
        """Return a writer with which the model only chooses places of the table."""
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
        """See `Answerer.answer`: greedy decoding, with the task's prompt. ``None`` is an empty text.

        Raises:
            UsageError: ``texts`` is no list, or holds something else than text.
        """
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise UsageError("texts: expected a list of texts; put one text into a list")
        asked = ["" if text is None else text for text in texts]
        for text in asked:
            if not isinstance(text, str):
                raise UsageError(
                    f"texts: {text!r:.40} is {type(text).__name__}; expected text, or None where it is empty"
                )
            if half_in(text):
                raise UsageError(f"texts: {text!r:.40} holds half a character, or bytes that are no UTF-8")
        return self._answer(asked, progress)

    def _answer(self, texts: list[str], progress: Progress) -> list[Reply]:
        from buqi.engine import TorchEngine

        engine, options = self.opened.engine, self.options
        if self.writer is not None:
            return [*self.writer.complete([self.task.text_of(text) for text in texts], progress)]
        prompts = [self.task.prompt_text(engine.tokenizer, [text]) for text in texts]
        if options.probabilities and options.allowed and isinstance(engine, TorchEngine):
            return [self._weighed(engine, t, prompt, progress) for t, prompt in zip(texts, prompts, strict=True)]
        found = engine.generate(prompts, options.most_tokens, self.adapter, progress, options.allowed)
        return [reply_of(self.task, t, a.text, a.stopped) for t, a in zip(texts, found, strict=True)]

    def _weighed(self, engine: TorchEngine, text: str, prompt: str, progress: Progress) -> Reply:
        """Return the likeliest of the allowed answers, with the probability of each."""
        allowed = self.options.allowed or ()
        (shares,) = engine.probabilities([prompt], allowed, self.adapter)
        progress(1)
        order = sorted(zip(allowed, shares, strict=True), key=lambda pair: -pair[1])
        reply = reply_of(self.task, text, order[0][0], True)
        probabilities = {answer: round(share, 4) for answer, share in order}
        return replace(reply, probabilities=probabilities) if isinstance(reply, WrittenText) else reply


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
    """Open a model of any task. Its ``answer(texts)`` returns an answer to each text; ``str`` of an answer is its text.

    Args:
        model: an adapter folder, whose base is found; a base or merged folder; a ``.gguf``; ``owner/name``.
        adapter: an adapter folder, where ``model`` is a base.
        engine: ``auto``, ``torch``, ``torch-fp32``, ``torch-bf16``, ``torch-int8``, ``llamacpp`` or ``openvino``.
        allowed: the only answers that may be written.
        max_new_tokens: most tokens of an answer; `MOST_TOKENS` if not given.
        free: whether a model of addresses may write any text; if not, it only chooses places of the table.

    Raises:
        UsageError: no such model or adapter, one of another base, or ``allowed`` is one text.
        BuqiError: it cannot be loaded.
    """
    if not str(model):
        raise UsageError("model: expected a folder, a .gguf file, a hub name (owner/name), or 'embedded'")
    if isinstance(allowed, str):
        raise UsageError(f"allowed {allowed[:60]!r}: expected a list of answers, not one text")
    options = AnswerOptions(
        "generate",
        model=str(model),
        adapter=None if adapter is None else Path(adapter),
        engine=engine,
        allowed=None if allowed is None else tuple(allowed),
        max_new_tokens=max_new_tokens,
        free=free,
    )
    with quiet():
        return WritingAnswerer(options)
