"""The engine on OpenVINO GenAI (in process): a ``.gguf`` file on a CPU, many prompts in one running batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from buqi.base import tokenizer_of
from buqi.base.gguf_header import check_gguf
from buqi.engine.openvino_batch import BLOCK, BatchRow, Box, OpenVinoBatch
from buqi.engine.protocol import BASE, Answer, Written, adapter_of_each, check_loaded
from buqi.engine.writing import AnswerStreamer, grammar_of
from buqi.errors import BuqiError, UsageError
from buqi.extras import install
from buqi.task import tokens

SLOT_TOKENS = 512  # what a slot adds to the cache of keys and values
AHEAD = 2  # times as many prompts of one call as there are slots wait in OpenVINO; the others are submitted later


class OpenVinoEngine:
    """A ``.gguf`` file in memory, and files of it that an adapter was merged into.

    OpenVINO GenAI adds no adapters to a ``.gguf`` file, so each adapter is a whole model. Those are opened at once; the
    base is opened when it is first asked, or at once where there is no adapter.

    Args:
        adapters: by name, a GGUF file of base and adapter together (`buqi.loading.gguf_cache.merged_of`).
        slots: most prompts that are answered at once. They share a cache of `SLOT_TOKENS` times as many tokens, and
            what several prompts begin with is computed once.
        tokenizer: of the folder that the file was made of; it is read from the file (seconds) if not given.

    Raises:
        UsageError: no such file.
        BuqiError: openvino-genai is missing, or OpenVINO cannot open the file.
    """

    title = "OpenVINO"
    most_adapters = 0  # none can be added while it runs

    def __init__(
        self,
        path: Path | str,
        adapters: Mapping[str, Path | str] | None = None,
        slots: int = 64,
        tokenizer: Any = None,
    ) -> None:
        if find_spec("openvino_genai") is None:
            raise BuqiError(f"the openvino engine needs openvino-genai: {install('openvino')}")
        self.path, self.slots = Path(path), slots
        self._files = {name: Path(file) for name, file in (adapters or {}).items()}
        for file in (self.path, *self._files.values()):
            if not file.is_file():
                raise UsageError(f"{file}: no such file")
            check_gguf(file)
        self.tokenizer: Any = tokenizer or tokenizer_of(self.path)
        self._opening = threading.Lock()
        self._running: dict[str, OpenVinoBatch] = {}
        for name in self._files or (BASE,):
            self.open(name)

    def open(self, name: str) -> OpenVinoBatch:
        """Return the running batch of base or adapter; it is opened if it is not (seconds)."""
        with self._opening:
            if name not in self._running:
                ends = {self.tokenizer.eos_token_id, self.tokenizer.pad_token_id}
                file = self._files.get(name, self.path)
                self._running[name] = OpenVinoBatch(file, ends, self.slots, self._room // BLOCK)
            return self._running[name]

    @property
    def _room(self) -> int:
        """Most tokens of one prompt and its answer."""
        return self.slots * SLOT_TOKENS

    @property
    def adapters(self) -> list[str]:
        """Names of the adapters."""
        return list(self._files)

    def add(self, name: str, path: Path) -> NoReturn:
        """Raise a `UsageError`: no adapter can be added."""
        raise UsageError(
            f"adapter {name}: {self.title} adds no adapters to a running model; "
            "merge it into one (buqi merge), or use --engine torch"
        )

    def remove(self, name: str) -> None:
        """Take an adapter's model out of memory; a `UsageError` if it is not loaded."""
        check_loaded(name, self.adapters)
        del self._files[name]
        with self._opening:
            self._running.pop(name, None)

    def adapter_bytes(self, name: str) -> int:
        """Return the bytes of the file of base and adapter together; a `UsageError` if it is not loaded."""
        check_loaded(name, self.adapters)
        return self._files[name].stat().st_size

    def generate(
        self,
        prompts: Sequence[str],
        max_new_tokens: int,
        adapter: str | Sequence[str] = BASE,
        progress: Callable[[int], None] | None = None,
        allowed: Sequence[str] | None = None,
        written: Written | None = None,
    ) -> list[Answer]:
        """See `Engine.generate`. Calls of several threads are written together, base and each adapter apart.

        Raises:
            UsageError: an adapter that is not loaded, or no answer is allowed.
            BuqiError: a prompt that the cache has no room for, or OpenVINO fails.
        """
        names = adapter_of_each(adapter, len(prompts), self.adapters)
        grammar = grammar_of(allowed) if allowed is not None else None
        encoded = [tokens(self.tokenizer, prompt) for prompt in prompts]
        if (longest := max(map(len, encoded), default=0) + max_new_tokens) > self._room:
            raise BuqiError(f"{longest:,} tokens of a prompt and its answer; {self.title} has room for {self._room:,}")
        box: Box = Box()
        rows = [BatchRow(ids, max_new_tokens, box, grammar) for ids in encoded]
        self._write(rows, [self.open(name) for name in names], box, progress, written)
        return [
            Answer(self.tokenizer.decode(row.written, skip_special_tokens=True).strip(), row.stopped) for row in rows
        ]

    def _write(
        self,
        rows: Sequence[BatchRow],
        batches: Sequence[OpenVinoBatch],
        box: Box,
        progress: Callable[[int], None] | None,
        written: Written | None,
    ) -> None:
        """Return when all rows are written; raise what went wrong meanwhile."""
        tellers = {row: AnswerStreamer(self.tokenizer, i, written) for i, row in enumerate(rows)} if written else {}
        waiting = iter(zip(rows, batches, strict=True))
        running: dict[BatchRow, OpenVinoBatch] = {}

        def submit(count: int) -> None:
            for row, batch in islice(waiting, count):
                running[row] = batch
                batch.submit(row)

        try:
            submit(AHEAD * self.slots)
            while running:
                if isinstance(row := box.get(), Exception):
                    raise row
                if (teller := tellers.get(row)) is not None:
                    teller.put(row.written)
                if row.done and running.pop(row, None) is not None:
                    submit(1)
                    if progress:
                        progress(1)
        finally:
            for row, batch in running.items():
                batch.drop([row])
