"""The engine on torch: transformers' model and generation, PEFT's adapters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from buqi.artefact import attach_adapter, check_weights
from buqi.base import load_model, load_tokenizer
from buqi.engine.likelihood import probabilities
from buqi.engine.packs import common_prefix
from buqi.engine.protocol import BASE, MOST_ADAPTERS, Answer, Written, admit, known
from buqi.engine.writing import AllowedTokens, AnswerStreamer
from buqi.errors import explained
from buqi.seal import sealed
from buqi.task import tokens

BATCH_PROMPTS = 32  # prompts generated at once; more hardly helps on two cores


class TorchEngine:
    """A base in memory with named adapters on it.

    Args:
        folder: Hugging Face folder of the base (or of a merged model).
        adapters: adapter folder by name.
        dtype: ``float32`` or ``bfloat16``.
        most_adapters: how many adapters may be loaded at once.

    Raises:
        BuqiError: base or adapter cannot be loaded.
    """

    title = "PyTorch"

    def __init__(
        self,
        folder: Path | str,
        adapters: Mapping[str, Path | str] | None = None,
        dtype: str = "float32",
        most_adapters: int = MOST_ADAPTERS,
    ) -> None:
        from transformers import GenerationConfig

        folder = Path(folder)
        model = load_model(folder, dtype).eval()
        model.generation_config = GenerationConfig()  # greedy and without rules, whatever the folder says
        self._keep(model, load_tokenizer(folder), most_adapters)
        for name, path in (adapters or {}).items():
            self.add(name, Path(path))

    @classmethod
    def around(cls, model: Any, tokenizer: Any) -> TorchEngine:
        """Return an engine around a model that is already in memory; it answers under the name ``base``."""
        engine = cls.__new__(cls)
        engine._keep(model, tokenizer, MOST_ADAPTERS)
        return engine

    def _keep(self, model: Any, tokenizer: Any, most_adapters: int) -> None:
        self.model, self.tokenizer, self.most_adapters = model, tokenizer, most_adapters
        self._loaded: dict[str, str] = {}  # an adapter's name, and the name PEFT knows its present weights by
        self._count = 0
        # One request computes at a time (the cores are shared anyway), and adapters come and go between requests.
        self._lock = threading.RLock()

    def add(self, name: str, path: Path) -> None:
        """Load an adapter under a name, in place of one that has the name already. No request sees half of it.

        Raises:
            UsageError: the name is the base's, too many adapters, or no adapter of this base.
            BuqiError: broken files.
        """
        admit(name, self.adapters, self.most_adapters)
        check_weights(path)
        with self._lock:
            admit(name, self.adapters, self.most_adapters)
            self._count += 1
            fresh = f"{name}_{self._count}"
            loaded = dict(self._loaded)
            try:
                self.model = attach_adapter(self.model, path, fresh).eval()  # whole, beside the one of before
                self._loaded[name] = fresh
                if not sealed(path):  # PEFT takes configurations with which it cannot compute
                    with explained(f"{path}: the base does not answer with it", Exception):
                        self.generate(["x"], 1, name)
            except Exception:
                self._loaded = loaded
                if fresh in getattr(self.model, "peft_config", {}):
                    self._forget(fresh)
                raise
            if name in loaded:
                self.model.delete_adapter(loaded[name])

    def _forget(self, held: str) -> None:
        """Take weights that no name stands for any more out of memory."""
        if self._loaded:
            self.model.delete_adapter(held)
        else:
            self.model = self.model.unload()  # the base alone again

    def remove(self, name: str) -> None:
        """Take an adapter out of memory.

        Raises:
            UsageError: it is not loaded.
        """
        with self._lock:
            known(name, self.adapters)
            self._forget(self._loaded.pop(name))

    def adapter_bytes(self, name: str) -> int:
        """Return the memory that an adapter takes.

        Raises:
            UsageError: it is not loaded.
        """
        with self._lock:
            known(name, self.adapters)
            return sum(p.nbytes for key, p in self.model.named_parameters() if f".{self._loaded[name]}." in key)

    @property
    def adapters(self) -> list[str]:
        """Names of the loaded adapters."""
        return list(self._loaded)

    def _mixes(self, names: Sequence[str]) -> bool:
        """Whether PEFT can answer these adapters in one batch; it cannot where one is a DoRA."""
        held = {self._loaded[name] for name in names if name != BASE}
        return not any(self.model.peft_config[name].use_dora for name in held)

    @contextmanager
    def _answering(self, adapter: str) -> Iterator[None]:
        with self._lock:
            if adapter != BASE:
                known(adapter, self.adapters)
                self.model.set_adapter(self._loaded[adapter])
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
        """See `Engine.generate`. What all prompts begin with is computed once; a batch may mix adapters (no DoRA)."""
        import torch

        follow = AllowedTokens(self.tokenizer, allowed) if allowed is not None else None
        names = [adapter] * len(prompts) if isinstance(adapter, str) else list(adapter)
        encoded = [tokens(self.tokenizer, prompt) for prompt in prompts]
        answers: dict[int, Answer] = {}
        with torch.inference_mode(), self._lock:
            for name in set(names) - {BASE}:
                known(name, self.adapters)
            for group in self._groups(names):
                order = sorted(group, key=lambda i: len(encoded[i]))
                for start in range(0, len(order), BATCH_PROMPTS):
                    batch = order[start : start + BATCH_PROMPTS]
                    streamer = AnswerStreamer(self.tokenizer, batch, written) if written else None
                    found = self._batch(
                        [encoded[i] for i in batch], [names[i] for i in batch], max_new_tokens, follow, streamer
                    )
                    answers |= zip(batch, found, strict=True)
                    if progress:
                        progress(len(batch))
        return [answers[i] for i in range(len(prompts))]

    def probabilities(self, prompts: Sequence[str], answers: Sequence[str], adapter: str = BASE) -> list[list[float]]:
        """Return for each prompt the probability of each of ``answers``, given that it is one of them."""
        with self._answering(adapter):
            return [probabilities(self.model, self.tokenizer, prompt, answers) for prompt in prompts]

    def _groups(self, names: Sequence[str]) -> list[list[int]]:
        """Return which prompts may share a batch: all, or those of one adapter."""
        if len(set(names)) > 1 and self._mixes(names):
            return [list(range(len(names)))]
        return [[i for i, other in enumerate(names) if other == name] for name in dict.fromkeys(names)]

    def _batch(
        self,
        rows: list[list[int]],
        names: list[str],
        max_new_tokens: int,
        allowed: AllowedTokens | None = None,
        streamer: AnswerStreamer | None = None,
    ) -> list[Answer]:
        """Return the answers to a batch of prompts, each by the adapter named for it."""
        if len(set(names)) == 1:
            with self._answering(names[0]):
                return self._answers(rows, None, max_new_tokens, allowed, streamer)
        held = ["__base__" if name == BASE else self._loaded[name] for name in names]  # PEFT's words
        return self._answers(rows, held, max_new_tokens, allowed, streamer)

    def _answers(
        self,
        rows: list[list[int]],
        adapters: list[str] | None,
        max_new_tokens: int,
        allowed: AllowedTokens | None,
        streamer: AnswerStreamer | None,
    ) -> list[Answer]:
        import torch

        pad, end = self.tokenizer.pad_token_id, self.tokenizer.eos_token_id
        shared = min(common_prefix(rows), min(map(len, rows)) - 1)
        width = max(map(len, rows))
        ids = torch.tensor([row[:shared] + [pad] * (width - len(row)) + row[shared:] for row in rows])
        mask = torch.tensor([[1] * shared + [0] * (width - len(row)) + [1] * (len(row) - shared) for row in rows])
        device = self.model.device
        cache = self._prefix_cache(rows[0][:shared], len(rows), adapters) if shared else None
        more: dict[str, Any] = {"streamer": streamer} if streamer else {}
        if adapters is not None:
            more["adapter_names"] = adapters
        out = self.model.generate(
            input_ids=ids.to(device),
            attention_mask=mask.to(device),
            past_key_values=cache,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            temperature=None,
            top_p=None,
            top_k=None,
            repetition_penalty=1.0,
            eos_token_id=end,
            pad_token_id=pad,
            prefix_allowed_tokens_fn=(lambda _, ids: allowed.after(ids[width:].tolist())) if allowed else None,
            **more,
        )
        return [self._answer(row[width:].tolist(), end) for row in out]

    def _prefix_cache(self, ids: list[int], copies: int, adapters: list[str] | None) -> Any:
        """Return keys and values of what all prompts begin with, computed once for each adapter."""
        import torch
        from transformers import DynamicCache

        cache = DynamicCache(config=self.model.config)
        apart = list(dict.fromkeys(adapters)) if adapters else [""]
        self.model(
            input_ids=torch.tensor([ids] * len(apart), device=self.model.device),
            past_key_values=cache,
            logits_to_keep=1,
            use_cache=True,
            **({"adapter_names": apart} if adapters else {}),
        )
        if adapters:
            cache.batch_select_indices(torch.tensor([apart.index(n) for n in adapters], device=self.model.device))
        else:
            cache.batch_repeat_interleave(copies)
        return cache

    def _answer(self, ids: list[int], end: int) -> Answer:
        stopped = end in ids
        kept = ids[: ids.index(end)] if stopped else ids
        return Answer(self.tokenizer.decode(kept, skip_special_tokens=True).strip(), stopped)
