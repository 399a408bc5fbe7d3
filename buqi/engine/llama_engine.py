"""The engine on llama.cpp (xllamacpp, in process): a ``.gguf`` file, many slots, the prompt's beginning cached."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from buqi.base import tokenizer_of
from buqi.engine.protocol import BASE, Answer
from buqi.engine.tree import Scored
from buqi.errors import BuqiError, UsageError
from buqi.task import Task

TASK_KEY = "buqi.task"
NGRAM, GUESSED = 2, 12  # after as many equal tokens, as many are guessed
SLOT_TOKENS = 512  # context of one slot: prompt and answer


class LlamaEngine:
    """A ``.gguf`` file in memory, with named LoRA adapters (``.gguf`` too) on it.

    Args:
        path: the file; qwen2.
        adapters: GGUF LoRA file by name.
        slots: how many prompts are answered at once.
        threads: CPU threads; all cores if not given.
        slot_tokens: most tokens of prompt and answer together.
        copying: answers that repeat the prompt are guessed from it, several tokens at once, and checked by the model
            (n-gram speculation): the same greedy answers, faster, since an address's end is copied.

    Raises:
        UsageError: no such file.
        BuqiError: xllamacpp is missing, or llama.cpp cannot open the file.
    """

    def __init__(
        self,
        path: Path,
        adapters: Mapping[str, Path] | None = None,
        slots: int = 16,
        threads: int | None = None,
        slot_tokens: int = SLOT_TOKENS,
        copying: bool = True,
    ) -> None:
        try:
            import xllamacpp
        except ImportError as error:
            raise BuqiError("the llamacpp engine needs xllamacpp: pip install 'buqi[llamacpp]'") from error
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        self.path, self.slots = path, slots
        self.adapters = list(adapters or {})
        params = xllamacpp.CommonParams()
        params.model.path = str(path)
        params.n_parallel = slots
        params.n_ctx = slots * slot_tokens
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads or os.cpu_count() or 1
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.warmup = False
        self.cached = copying
        if copying:
            params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
            params.speculative.ngram_simple.size_n, params.speculative.ngram_simple.size_m = NGRAM, GUESSED
        params.endpoint_slots = params.endpoint_metrics = False
        params.lora_init_without_apply = True
        params.lora_adapters = [_adapter(xllamacpp, file) for file in (adapters or {}).values()]
        try:
            self.server = xllamacpp.Server(params)
        except (RuntimeError, ValueError) as error:
            raise BuqiError(f"{path}: llama.cpp cannot open it ({str(error).splitlines()[0]})") from error

    @cached_property
    def tokenizer(self) -> Any:
        """The file's own tokenizer and chat template, which make the prompts."""
        return tokenizer_of(self.path)

    def generate(
        self,
        prompts: Sequence[str],
        max_new_tokens: int,
        adapter: str = BASE,
        progress: Callable[[int], None] | None = None,
        allowed: Sequence[str] | None = None,
    ) -> list[Answer]:
        """See `Engine.generate`."""
        if adapter != BASE and adapter not in self.adapters:
            raise UsageError(f"adapter {adapter!r} is not loaded; loaded: {', '.join([BASE, *self.adapters])}")
        request: dict[str, Any] = {
            "max_tokens": max_new_tokens,
            "temperature": 0.0,
            "top_k": 1,
            "cache_prompt": self.cached,
            "repeat_penalty": 1.0,
            "stop": ["<|im_end|>", "<|endoftext|>"],
            "lora": [{"id": i, "scale": float(name == adapter)} for i, name in enumerate(self.adapters)],
        }
        if allowed is not None:
            request["grammar"] = "root ::= " + " | ".join(json.dumps(a, ensure_ascii=False) for a in allowed)

        def answer(prompt: str) -> Answer:
            found = self.server.handle_completions(request | {"prompt": prompt})
            if not found.get("choices"):
                raise BuqiError(f"{self.path}: llama.cpp answered {json.dumps(found, ensure_ascii=False)[:200]}")
            if progress:
                progress(1)
            choice = found["choices"][0]
            return Answer(choice["text"].strip(), choice["finish_reason"] == "stop")

        with ThreadPoolExecutor(self.slots) as pool:
            return list(pool.map(answer, prompts))

    def score(self, prompt: str, continuations: Sequence[str], adapter: str = BASE) -> list[float]:
        """Not possible: llama.cpp's server gives no probabilities of a text that it is handed."""
        raise UsageError("the llamacpp engine cannot score candidates; use the torch engine")

    def score_all(
        self,
        sequences: Sequence[Sequence[Scored]],
        adapter: str = BASE,
        progress: Callable[[int], None] | None = None,
    ) -> list[list[float]]:
        """Not possible, as `score`."""
        raise UsageError("the llamacpp engine cannot score candidates; use the torch engine")


def _adapter(xllamacpp: Any, path: Path) -> Any:
    info = xllamacpp.CommonAdapterLoraInfo()
    info.path, info.scale = str(path), 0.0
    return info


def task_in(path: Path) -> tuple[Task | None, str]:
    """Return the task in a ``.gguf`` file (``None`` if none was written there) and its chat template.

    Raises:
        BuqiError: the file cannot be read.
    """
    from gguf import GGUFReader

    try:
        reader = GGUFReader(path)
        fields = {key: f.contents() for key in (TASK_KEY, "tokenizer.chat_template") if (f := reader.fields.get(key))}
    except Exception as error:  # the reader raises whatever numpy does on a cut file
        raise BuqiError(f"{path}: not a readable GGUF file ({error})") from error
    template = str(fields.get("tokenizer.chat_template", ""))
    if TASK_KEY not in fields:
        return None, template
    record = json.loads(fields[TASK_KEY])
    return Task(record["name"], record["template"], record["system"]), template
