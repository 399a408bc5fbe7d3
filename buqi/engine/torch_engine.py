"""The engine on torch: a model of transformers, adapters of PEFT, one thread that writes for all callers at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buqi.artefact import attach_adapter, check_weights
from buqi.base import load_model, load_tokenizer
from buqi.engine.answer_search import AnswerSearch
from buqi.engine.drafter import AnswerNgrams, Drafter
from buqi.engine.likelihood import probabilities
from buqi.engine.protocol import BASE, MOST_ADAPTERS, Answer, Chosen, Written, adapter_of_each, check_loaded, check_name
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

    Each adapter that is loaded gets a new name in PEFT, because answers in writing may still need the weights that had
    its name before.

    Args:
        folder: Hugging Face folder of the base (or of a merged model).
        adapters: adapter folder by name.
        dtype: ``float32``, ``bfloat16``, or ``int8``: products in 8 bits (`Int8Linear`), all else in fp32.

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
        self._set_up(model, load_tokenizer(folder), own=True)
        self.title = f"PyTorch {dtype}"
        for name, path in (adapters or {}).items():
            self.add(name, Path(path))

    @classmethod
    def around(cls, model: Any, tokenizer: Any) -> TorchEngine:
        """Return an engine around a model that is already in memory; it answers under the name ``base``."""
        engine = cls.__new__(cls)
        engine._set_up(model, tokenizer, own=False)
        return engine

    def _set_up(self, model: Any, tokenizer: Any, own: bool) -> None:
        from buqi.engine.step_model import StepModel
        from buqi.engine.writer import Writer

        self.tokenizer, self.most_adapters = tokenizer, MOST_ADAPTERS
        self.title = f"PyTorch {str(model.dtype).removeprefix('torch.')}"
        self._peft_names: dict[str, str] = {}  # by the name of the adapter
        self._retired: set[str] = set()  # names in PEFT of weights that were replaced or removed, but still write
        self._searching: Counter[str | None] = Counter()  # prompts whose likeliest answer is looked for, by PEFT's name
        self._count = 0  # of adapters loaded so far
        self._ngrams: dict[str | None, AnswerNgrams] = {}
        self._step_model = StepModel(model, own)
        self._writer = Writer(self._step_model, self._mixes)

    @property
    def model(self) -> Any:
        """The model, with PEFT's layers where adapters are loaded."""
        return self._step_model.model

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
            new = f"{name}_{self._count}"
            try:
                self._step_model.replace(attach_adapter(self.model, path, new).eval())  # the one before stays
                if not sealed(path):  # PEFT takes configurations with which it cannot compute
                    with explained(f"{path}: the base does not answer with it", Exception):
                        self._step_model.try_out(new)
            except Exception:
                if new in getattr(self.model, "peft_config", {}):
                    self._forget(new)
                raise
            replaced = self._peft_names.get(name)
            self._peft_names[name] = new
            self._retire(replaced)

    def _forget(self, peft_name: str) -> None:
        """Take weights out of memory."""
        if set(self.model.peft_config) - {peft_name}:
            self.model.delete_adapter(peft_name)
            self._step_model.replace(self.model)
        else:
            self._step_model.replace(self.model.unload())  # the base alone again
        self._writer.scheduler.prefixes.forget(peft_name)
        self._ngrams.pop(peft_name, None)

    def _retire(self, peft_name: str | None = None) -> None:
        """Take retired weights out of memory, and those of ``peft_name`` too, unless an answer is written by them."""
        if peft_name is not None:
            self._retired.add(peft_name)
        uses = self._writer.scheduler.uses
        for unused in [name for name in self._retired if not (uses(name) or self._searching[name])]:
            self._retired.remove(unused)
            self._forget(unused)

    def remove(self, name: str) -> None:
        """Take an adapter out of memory; a `UsageError` if it is not loaded."""
        with self._writer.paused():
            check_loaded(name, self.adapters)
            self._retire(self._peft_names.pop(name))

    def adapter_bytes(self, name: str) -> int:
        """Return the bytes that an adapter takes; a `UsageError` if it is not loaded."""
        with self._writer.paused():
            check_loaded(name, self.adapters)
            return sum(p.nbytes for key, p in self.model.named_parameters() if f".{self._peft_names[name]}." in key)

    @property
    def adapters(self) -> list[str]:
        """Names of the loaded adapters."""
        return list(self._peft_names)

    def _mixes(self, names: set[str | None]) -> bool:
        """Whether PEFT computes these (its names; ``None``: the base) in one step: not with DoRA or whole modules."""
        configs = getattr(self.model, "peft_config", {})
        if None in names and any(config.modules_to_save for config in configs.values()):
            return False  # modules trained whole stand in the base's place, too
        return not any(configs[name].use_dora or configs[name].modules_to_save for name in names if name is not None)

    @contextmanager
    def _with_adapter(self, adapter: str) -> Iterator[None]:
        """Let `model` compute with an adapter, or as the base, while nothing is written; `UsageError` as `remove`."""
        with self._writer.paused():
            if adapter != BASE:
                check_loaded(adapter, self.adapters)
                self._step_model.activate(self._peft_names[adapter])
                yield
            elif not (self._peft_names or self._retired):
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
        encoded = [tokens(self.tokenizer, prompt) for prompt in prompts]
        if allowed is not None:
            rule = AllowedTokens(self.tokenizer, allowed)
            answers = self._likeliest(encoded, max_new_tokens, adapter, progress, rule)
            if written is not None:
                for number, answer in enumerate(answers):
                    written(number, answer.text)
            return answers
        with self._writer.paused():  # no adapter comes or goes meanwhile
            names = self._peft_names_of(adapter, len(prompts))
            rows = [self._sequence(ids, name, max_new_tokens) for ids, name in zip(encoded, names, strict=True)]
            box = self._writer.submit(rows)
        self._wait(rows, box, progress, written)
        return [row.answer(self.tokenizer) for row in rows]

    def _likeliest(
        self,
        prompts: Sequence[list[int]],
        max_new_tokens: int,
        adapter: str | Sequence[str],
        progress: Callable[[int], None] | None,
        rule: TokenRule,
    ) -> list[Answer]:
        """Return for each prompt the likeliest, as a whole, of the answers that a rule allows."""
        searches = [AnswerSearch() for _ in prompts]
        with self._writer.paused():
            names = self._peft_names_of(adapter, len(prompts))
            self._searching.update(names)
        try:
            begun: dict[int, tuple[int, ...]] = dict.fromkeys(range(len(prompts)), ())
            while begun:
                rows = [self._sequence(prompts[n], names[n], max_new_tokens, rule, first) for n, first in begun.items()]
                self._wait(rows, self._writer.submit(rows), progress)
                for number, row in zip(begun, rows, strict=True):
                    searches[number].take(row)
                begun = {n: first for n, search in enumerate(searches) if (first := search.next()) is not None}
                progress = None  # each prompt was counted
        finally:
            with self._writer.paused():
                self._searching.subtract(names)
                self._retire()
        return [search.best.answer(self.tokenizer) for search in searches if search.best is not None]

    def choose(
        self,
        prompts: Sequence[Sequence[int]],
        begun: Sequence[Sequence[int]],
        rules: Sequence[TokenRule],
        adapter: str = BASE,
    ) -> list[Chosen]:
        """Go on with answers, each step by the likeliest token that the answer's rule allows, until they are whole.

        Args:
            prompts: the tokens of each.
            begun: the first tokens of each answer.
            rules: what may follow in each answer.

        Returns:
            what was written behind each beginning.

        Raises:
            UsageError: the adapter is not loaded.
        """
        with self._writer.paused():
            (name,) = self._peft_names_of(adapter, 1)
            rows = [
                self._sequence(list(ids), name, MOST_CHOSEN, rule, tuple(first))
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
        """Return when all rows are written; raise what went wrong meanwhile."""
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
            if self._retired:
                with self._writer.paused():
                    self._retire()

    def _peft_names_of(self, adapter: str | Sequence[str], count: int) -> list[str | None]:
        """Return PEFT's name of each prompt's adapter, ``None`` for the base; errors as `adapter_of_each`."""
        return [self._peft_names.get(name) for name in adapter_of_each(adapter, count, self.adapters)]

    def _sequence(
        self, ids: list[int], name: str | None, most: int, rule: TokenRule | None = None, begun: Sequence[int] = ()
    ) -> WrittenSequence:
        """Return an answer to be written behind ``begun`` tokens by an adapter (PEFT's name; ``None``: the base)."""
        ngrams = self._ngrams.setdefault(name, AnswerNgrams())
        request = AnswerRequest(most, self.tokenizer.eos_token_id, name, rule, begun)
        return WrittenSequence(ids, request, Drafter(ids, ngrams))

    def probabilities(self, prompts: Sequence[str], answers: Sequence[str], adapter: str = BASE) -> list[list[float]]:
        """Return for each prompt the probability of each of ``answers``, given that it is one of them."""
        with self._with_adapter(adapter):
            return [probabilities(self.model, self.tokenizer, prompt, answers) for prompt in prompts]
