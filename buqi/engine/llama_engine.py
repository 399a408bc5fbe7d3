"""The engine on llama.cpp (xllamacpp, in process): a ``.gguf`` file, many slots, the prompt's beginning cached."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from buqi.base import tokenizer_of
from buqi.base.gguf_header import check_gguf
from buqi.engine.protocol import BASE, MOST_ADAPTERS, Answer, Written, adapter_of_each, check_loaded, check_name
from buqi.engine.writing import grammar_of
from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.foreign import TaskFile, checked
from buqi.machine import cores
from buqi.task import BREAK, Task, tokens

TASK_KEY = "buqi.task"
NGRAM, GUESSED = 2, 12  # tokens that must be equal before a guess; tokens of one guess
SLOT_TOKENS = 512  # context of one slot: prompt and answer
UBATCH = 96  # tokens computed at once; their logits take most of the memory (vocabulary x tokens)


@dataclass(frozen=True)
class _OpenServer:
    """llama.cpp's server and the adapters it was opened with. A request uses the one it began with to its end."""

    server: Any
    adapters: Mapping[str, Path]


class LlamaEngine:
    """A ``.gguf`` file in memory, with named LoRA adapters (``.gguf`` too) on it.

    llama.cpp takes its adapters when it is opened, so adding or removing one opens it again beside the old (a second or
    two; the file's pages are shared) and lets running requests end on the old.

    Args:
        adapters: GGUF LoRA file by name.
        slots: how many prompts are answered at once, each with `SLOT_TOKENS` of prompt and answer together.
        reuse: a slot keeps its prompt's keys and values for the next one, and tokens that repeat the prompt are
            guessed from it and checked by the model (n-gram speculation): the same greedy answers, faster.

    Attributes:
        most_adapters: how many adapters may be loaded at once.

    Raises:
        UsageError: no such file.
        BuqiError: xllamacpp is missing, or llama.cpp cannot open the file.
    """

    title = "llama.cpp"

    def __init__(
        self,
        path: Path | str,
        adapters: Mapping[str, Path | str] | None = None,
        slots: int = 16,
        reuse: bool = True,
    ) -> None:
        if find_spec("xllamacpp") is None:
            raise BuqiError(f"the llamacpp engine needs xllamacpp: {install('llamacpp')}")
        path = Path(path)
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
        check_gguf(path)
        self.path, self.slots, self.reuse = path, slots, reuse
        self.most_adapters = MOST_ADAPTERS
        self._changing = threading.Lock()
        self._opened = self._open({name: Path(file) for name, file in (adapters or {}).items()})

    def _open(self, adapters: Mapping[str, Path]) -> _OpenServer:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.n_parallel = self.slots
        params.n_ctx = self.slots * SLOT_TOKENS
        params.n_ubatch = UBATCH
        params.cache_ram_mib = 0  # each slot keeps its own prompt; others are not set aside
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores()
        params.n_gpu_layers = 0
        params.verbosity = -1
        params.warmup = False
        if self.reuse:
            params.speculative.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
            params.speculative.ngram_simple.size_n, params.speculative.ngram_simple.size_m = NGRAM, GUESSED
        params.endpoint_slots = params.endpoint_metrics = False
        params.lora_init_without_apply = True
        for file in adapters.values():
            check_gguf(file)
        params.lora_adapters = [_adapter(xllamacpp, file) for file in adapters.values()]
        try:
            return _OpenServer(xllamacpp.Server(params), adapters)
        except (RuntimeError, ValueError) as error:
            raise BuqiError(f"{self.path}: llama.cpp cannot open it ({str(error).splitlines()[0]})") from error

    @property
    def adapters(self) -> list[str]:
        """Names of the loaded adapters."""
        return list(self._opened.adapters)

    def add(self, name: str, path: Path) -> None:
        """Load a GGUF LoRA under a name, in place of one that has the name already. No request sees half of it.

        Raises:
            UsageError: the name is the base's, or too many adapters.
            BuqiError: llama.cpp cannot open it.
        """
        with self._changing:
            check_name(name, self.adapters, self.most_adapters)
            self._opened = self._open({**self._opened.adapters, name: path})

    def remove(self, name: str) -> None:
        """Take an adapter out of memory; a `UsageError` if it is not loaded."""
        with self._changing:
            check_loaded(name, self.adapters)
            self._opened = self._open({key: file for key, file in self._opened.adapters.items() if key != name})

    def adapter_bytes(self, name: str) -> int:
        """Return the memory that an adapter takes, that of its F32 file; a `UsageError` if it is not loaded."""
        check_loaded(name, self.adapters)
        return self._opened.adapters[name].stat().st_size

    @cached_property
    def tokenizer(self) -> Any:
        """The file's own tokenizer and chat template, which make the prompts."""
        return tokenizer_of(self.path)

    def generate(
        self,
        prompts: Sequence[str],
        max_new_tokens: int,
        adapter: str | Sequence[str] = BASE,
        progress: Callable[[int], None] | None = None,
        allowed: Sequence[str] | None = None,
        written: Written | None = None,
    ) -> list[Answer]:
        """See `Engine.generate`. Each prompt has a slot of its own, and slots of different adapters run at once."""
        opened = self._opened
        names = adapter_of_each(adapter, len(prompts), list(opened.adapters))
        request: dict[str, Any] = {
            "max_tokens": max_new_tokens,
            "temperature": 0.0,
            "top_k": 1,
            "cache_prompt": self.reuse,
            "repeat_penalty": 1.0,
            "stop": ["<|im_end|>", "<|endoftext|>"],
        }
        if allowed is not None:
            request["grammar"] = grammar_of(allowed)

        def answer(at: int) -> Answer:
            loras = [{"id": i, "scale": float(name == names[at])} for i, name in enumerate(opened.adapters)]
            whole = prompts[at]
            prompt = tokens(self.tokenizer, whole) if BREAK in whole else whole  # llama.cpp would read control tokens
            asked = request | {"prompt": prompt, "lora": loras}
            tell = (lambda text: written(at, text)) if written else None
            found = self._complete(opened.server, asked, tell)
            if progress:
                progress(1)
            return found

        with ThreadPoolExecutor(self.slots) as pool:
            return list(pool.map(answer, range(len(prompts))))

    def _complete(self, server: Any, request: dict[str, Any], tell: Callable[[str], None] | None) -> Answer:
        if tell is None:
            return self._answer_of(server.handle_completions(request))
        pieces: list[str] = []
        ends: list[str] = []
        failed: list[Exception] = []

        def take(chunk: dict[str, Any]) -> bool:
            """Take a piece of the answer; return whether to stop. xllamacpp ignores what is raised here."""
            try:
                choice = self._choice(chunk)
                text = choice["text"] if pieces else choice["text"].lstrip()
                if text:
                    pieces.append(text)
                    tell(text)
                if choice.get("finish_reason"):
                    ends.append(choice["finish_reason"])
            except Exception as error:
                failed.append(error)
            return bool(failed)

        server.handle_completions(request | {"stream": True}, take)
        if failed:
            raise failed[0]
        return Answer("".join(pieces).strip(), ends == ["stop"])

    def _choice(self, found: dict[str, Any]) -> dict[str, Any]:
        if not found.get("choices"):
            raise BuqiError(f"{self.path}: llama.cpp answered {json.dumps(found, ensure_ascii=False)[:200]}")
        choice: dict[str, Any] = found["choices"][0]
        return choice

    def _answer_of(self, found: dict[str, Any]) -> Answer:
        choice = self._choice(found)
        return Answer(choice["text"].strip(), choice["finish_reason"] == "stop")


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

    check_gguf(path)
    try:
        reader = GGUFReader(path)
        fields = {key: f.contents() for key in (TASK_KEY, "tokenizer.chat_template") if (f := reader.fields.get(key))}
    except Exception as error:  # the reader raises whatever numpy does on a cut file
        raise BuqiError(f"{path}: not a readable GGUF file ({error})") from error
    template = str(fields.get("tokenizer.chat_template", ""))
    if TASK_KEY not in fields:
        return None, template
    record = checked(str(fields[TASK_KEY]), f"{path}: {TASK_KEY}", TaskFile)
    return Task(record.name, record.template, record.system), template
