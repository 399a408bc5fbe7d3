"""The engine on torch: transformers' model, PEFT's adapters, and a thread that writes for all callers at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.artefact import attach_adapter, check_weights
from buqi.base import load_model, load_tokenizer
from buqi.engine.drafter import AnswerNgrams, Drafter
from buqi.engine.likelihood import probabilities
from buqi.engine.protocol import BASE, MOST_ADAPTERS, Answer, Chosen, Written, check_loaded, check_name
from buqi.engine.sequence import AnswerRequest, WrittenSequence
from buqi.engine.writing import AllowedTokens, AnswerStreamer, TokenRule
from buqi.errors import explained
from buqi.seal import sealed
from buqi.task import tokens

if TYPE_CHECKING:
    from buqi.engine.writer import Box

INT8 = "int8"
MOST_CHOSEN = 256  # tokens of an answer that a rule limits; a rule ends it long before


class TorchEngine:
    """A base in memory with named adapters on it.

    Args:
        folder: Hugging Face folder of the base (or of a merged model).
        adapters: adapter folder by name.
        dtype: ``float32``, ``bfloat16``, or ``int8``: products of two parts of 8 bits, all else in fp32.

    Attributes:
        most_adapters: how many adapters may be loaded at once.

    Raises:
        BuqiError: base or adapter cannot be loaded.
    """

    def __init__(
        self,
        folder: Path | str,
        adapters: Mapping[str, Path | str] | None = None,
        dtype: str = "float32",
    ) -> None:
        from buqi.engine.linear import round_to_int8

        folder = Path(folder)
        model = load_model(folder, "float32" if dtype == INT8 else dtype).eval()
        if dtype == INT8:
            round_to_int8(model)
        self._keep(model, load_tokenizer(folder), own=True)
        self.title = f"PyTorch {dtype}"
        for name, path in (adapters or {}).items():
            self.add(name, Path(path))

    @classmethod
    def around(cls, model: Any, tokenizer: Any) -> TorchEngine:
        """Return an engine around a model that is already in memory; it answers under the name ``base``."""
        engine = cls.__new__(cls)
        engine._keep(model, tokenizer, own=False)
        return engine

    def _keep(self, model: Any, tokenizer: Any, own: bool) -> None:
        from buqi.engine.step_model import StepModel
        from buqi.engine.writer import Writer

        self.tokenizer, self.most_adapters = tokenizer, MOST_ADAPTERS
        self.title = f"PyTorch {str(model.dtype).removeprefix('torch.')}"
        self._loaded: dict[str, str] = {}  # an adapter's name, and the name PEFT knows its present weights by
        self._left: set[str] = set()  # PEFT's names of weights that no name stands for any more, but answers in writing
        self._count = 0
        self._ngrams: dict[str | None, AnswerNgrams] = {}
        self._computing = StepModel(model, own)
        self._writer = Writer(self._computing, self._mixes)

    @property
    def model(self) -> Any:
        """The model, with PEFT's layers where adapters are loaded."""
        return self._computing.model

    def add(self, name: str, path: Path) -> None:
        """Load an adapter under a name, in place of one that has the name already. No request sees half of it.

        Raises:
            UsageError: the name is the base's, too many adapters, or no adapter of this base.
            BuqiError: broken files.
        """
        check_name(name, self.adapters, self.most_adapters)
        check_weights(path)
        with self._writer.paused():
            check_name(name, self.adapters, self.most_adapters)
            self._count += 1
            fresh = f"{name}_{self._count}"
            try:
                self._computing.replace(attach_adapter(self.model, path, fresh).eval())  # beside the one of before
                if not sealed(path):  # PEFT takes configurations with which it cannot compute
                    with explained(f"{path}: the base does not answer with it", Exception):
                        self._computing.try_out(fresh)
            except Exception:
                if fresh in getattr(self.model, "peft_config", {}):
                    self._forget(fresh)
                raise
            before = self._loaded.get(name)
            self._loaded[name] = fresh
            self._leave(before)

    def _forget(self, held: str) -> None:
        """Take weights out of memory."""
        if set(self.model.peft_config) - {held}:
            self.model.delete_adapter(held)
            self._computing.replace(self.model)
        else:
            self._computing.replace(self.model.unload())  # the base alone again
        self._writer.scheduler.prefixes.forget(held)
        self._ngrams.pop(held, None)

    def _leave(self, held: str | None = None) -> None:
        """Take weights that no name stands for out of memory, once nothing is written by them any more."""
        if held is not None:
            self._left.add(held)
        for name in [n for n in self._left if not self._writer.scheduler.uses(n)]:
            self._left.remove(name)
            self._forget(name)

    def remove(self, name: str) -> None:
        """Take an adapter out of memory; a `UsageError` if it is not loaded."""
        with self._writer.paused():
            check_loaded(name, self.adapters)
            self._leave(self._loaded.pop(name))

    def adapter_bytes(self, name: str) -> int:
        """Return the bytes that an adapter takes; a `UsageError` if it is not loaded."""
        with self._writer.paused():
            check_loaded(name, self.adapters)
            return sum(p.nbytes for key, p in self.model.named_parameters() if f".{self._loaded[name]}." in key)

    @property
    def adapters(self) -> list[str]:
        """Names of the loaded adapters."""
        return list(self._loaded)

    def _mixes(self, held: set[str | None]) -> bool:
        """Whether PEFT computes these adapters in one step; it does not with a DoRA or modules trained whole."""
        configs = [self.model.peft_config[name] for name in held if name is not None]
        if None in held and any(config.modules_to_save for config in getattr(self.model, "peft_config", {}).values()):
            return False  # such a module is in the base's way too
        return not any(config.use_dora or config.modules_to_save for config in configs)

    @contextmanager
    def _answering(self, adapter: str) -> Iterator[None]:
        with self._writer.paused():
            if adapter != BASE:
                check_loaded(adapter, self.adapters)
                self._computing.activate(self._loaded[adapter])
                yield
            elif not self._loaded:
                yield
            else:
                with self.model.disable_adapter():
                    yield

    def generate(
        self,
        prompts: Sequence[str],
        max_new_tokens: int,
        adapter: str | Sequence[str] = BASE,
        progress: Callable[[int], None] | None = None,
        allowed: Sequence[str] | None = None,
        written: Written | None = None,
    ) -> list[Answer]:
        """See `Engine.generate`. Calls of several threads are written together, whatever their adapters."""
        names = [adapter] * len(prompts) if isinstance(adapter, str) else list(adapter)
        follow = AllowedTokens(self.tokenizer, allowed) if allowed is not None else None
        encoded = [tokens(self.tokenizer, prompt) for prompt in prompts]
        with self._writer.paused():  # the adapters are those of now
            rows = [self._sequence(*row, max_new_tokens, follow) for row in zip(encoded, names, strict=True)]
            box = self._writer.submit(rows)
        self._wait(rows, box, progress, written)
        return [row.answer(self.tokenizer) for row in rows]

    def choose(
        self,
        prompts: Sequence[Sequence[int]],
        begun: Sequence[Sequence[int]],
        rules: Sequence[TokenRule],
        adapter: str = BASE,
    ) -> list[Chosen]:
        """Go on with answers by the likeliest of the tokens that rules allow, until they are whole.

        Args:
            begun: the first tokens of each answer.
            rules: say for each what may follow.

        Returns:
            what was written behind each beginning.
        """
        with self._writer.paused():
            rows = [
                self._sequence(list(ids), adapter, MOST_CHOSEN, rule, tuple(first))
                for ids, first, rule in zip(prompts, begun, rules, strict=True)
            ]
            box = self._writer.submit(rows)
        self._wait(rows, box)
        return [
            Chosen([*row.written[len(row.request.begun) :], self.tokenizer.eos_token_id][: len(row.steps)], row.steps)
            for row in rows
        ]

    def _wait(
        self,
        rows: Sequence[WrittenSequence],
        box: Box,
        progress: Callable[[int], None] | None = None,
        written: Written | None = None,
    ) -> None:
        """Return when all rows are written; whatever went wrong while they were."""
        tellers = {row: AnswerStreamer(self.tokenizer, i, written) for i, row in enumerate(rows)} if written else {}
        left = set(rows)
        try:
            while left:
                if isinstance(row := box.get(), BaseException):
                    raise row
                if (teller := tellers.get(row)) is not None:
                    teller.put(row.written)
                if row.done and row in left:
                    left.remove(row)
                    if progress:
                        progress(1)
        finally:
            self._writer.drop(left)
            if self._left:
                with self._writer.paused():
                    self._leave()

    def _sequence(
        self, ids: list[int], name: str, most: int, rule: TokenRule | None, begun: Sequence[int] | None = None
    ) -> WrittenSequence:
        """Return an answer to be written; with ``begun`` tokens it is weighed."""
        if name != BASE:
            check_loaded(name, self.adapters)
        held = self._loaded.get(name)
        ngrams = self._ngrams.setdefault(held, AnswerNgrams())
        request = AnswerRequest(most, self.tokenizer.eos_token_id, held, rule, begun or (), begun is not None)
        return WrittenSequence(ids, request, Drafter(ids, ngrams))

    def probabilities(self, prompts: Sequence[str], answers: Sequence[str], adapter: str = BASE) -> list[list[float]]:
        """Return for each prompt the probability of each of ``answers``, given that it is one of them."""
        with self._answering(adapter):
            return [probabilities(self.model, self.tokenizer, prompt, answers) for prompt in prompts]
