"""A ``.gguf`` file in OpenVINO GenAI, and a thread that computes steps for all callers at once."""

from __future__ import annotations

import ctypes
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from buqi.errors import BuqiError
from buqi.machine import cores

PLACE = re.compile(r"\[[\d:]+\] \S+:\d+: ")  # in the source: OpenVINO's messages begin so
BLOCK = 32  # tokens of one block of OpenVINO's cache on a CPU
Box = SimpleQueue["BatchRow | Exception"]  # gets a caller's rows as they grow, or the error


@dataclass(eq=False)
class BatchRow:
    """One prompt and its answer, while it is written.

    Attributes:
        ids: the prompt's tokens.
        most: most tokens written.
        box: gets the row whenever something was written to it, or what went wrong.
        grammar: what may be written, in EBNF; ``None`` for anything.
        written: tokens written so far.
        stopped: whether the model ended the answer itself.
        done: whether no more is written.
    """

    ids: Sequence[int]
    most: int
    box: Box
    grammar: str | None = None
    written: list[int] = field(default_factory=list)
    stopped: bool = False
    done: bool = False


class OpenVinoBatch:
    """Answers of many callers, written together; a row joins and leaves at each step.

    Args:
        ends: tokens that end an answer.
        slots: most rows that are written at once.
        blocks: size of the cache of keys and values, in blocks of `BLOCK` tokens.

    Raises:
        BuqiError: OpenVINO cannot open the file.
    """

    def __init__(self, path: Path, ends: Iterable[int], slots: int, blocks: int) -> None:
        self.path, self.ends, self.slots, self.blocks = path, set(ends), slots, blocks
        self._library: Any = library()
        self._turn = threading.Lock()
        self._handles: dict[BatchRow, Any] = {}
        self._thread: threading.Thread | None = None
        self._count = 0
        self._pipe: Any = self._open()

    def _open(self) -> Any:
        plan = self._library.SchedulerConfig()
        plan.num_kv_blocks, plan.max_num_seqs, plan.enable_prefix_caching = self.blocks, self.slots, True
        try:
            with own_signal_stack():
                return self._library.ContinuousBatchingPipeline(
                    str(self.path), plan, "CPU", {"INFERENCE_NUM_THREADS": cores()}
                )
        except Exception as error:  # of the file: RuntimeError, IndexError and others
            raise BuqiError(
                f"{self.path}: OpenVINO cannot open it ({_reason(error)}); it opens what buqi quantize writes"
            ) from error

    def submit(self, row: BatchRow) -> None:
        """Begin to write a row.

        Raises:
            BuqiError: OpenVINO does not take it.
        """
        from openvino import Tensor

        with self._turn:
            if self._pipe is None:
                self._pipe = self._open()
            self._count += 1
            ids = _matrix(row.ids)
            try:
                self._handles[row] = self._pipe.add_request(self._count, Tensor(ids), self._config(row))
            except Exception as error:
                raise BuqiError(f"{self.path}: OpenVINO does not take this prompt ({_reason(error)})") from error
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="openvino", daemon=True)
                self._thread.start()

    def drop(self, rows: Iterable[BatchRow]) -> None:
        """Write no more to these; their slots are free with the next step."""
        with self._turn:
            for row in rows:
                row.done = True
                if (handle := self._handles.pop(row, None)) is not None:
                    handle.cancel()

    def _config(self, row: BatchRow) -> Any:
        config = self._library.GenerationConfig()
        config.max_new_tokens, config.do_sample = row.most, False
        config.stop_token_ids = self.ends
        if row.grammar is not None:
            config.structured_output_config = self._library.StructuredOutputConfig()
            config.structured_output_config.grammar = row.grammar
        return config

    def _work(self) -> None:
        """Compute steps until nothing is written any more, and what was dropped is out of the cache."""
        while True:
            with self._turn:
                if self._pipe is None or not self._pipe.has_non_finished_requests():
                    self._thread = None
                    return
            try:
                self._pipe.step()
                self._tell()
            except Exception as error:  # raised where the callers wait; the file is opened again for later rows
                self._fail(error)

    def _tell(self) -> None:
        """Add what a step wrote to all rows, and tell the callers."""
        with self._turn:
            for row, handle in list(self._handles.items()):
                before = len(row.written)
                self._read(row, handle)
                if handle.get_status() == self._library.GenerationStatus.IGNORED:
                    row.box.put(BuqiError(f"{self.path}: the prompt and its answer are longer than OpenVINO's cache"))
                elif row.done or len(row.written) > before:
                    row.box.put(row)
                if row.done:
                    del self._handles[row]

    def _read(self, row: BatchRow, handle: Any) -> None:
        """Add what a step wrote to a row."""
        row.done = handle.get_status() != self._library.GenerationStatus.RUNNING
        while handle.can_read():
            for output in handle.read().values():  # none or one
                row.written += output.generated_ids
                row.stopped = output.finish_reason == self._library.GenerationFinishReason.STOP

    def _fail(self, error: Exception) -> None:
        with self._turn:
            failed = BuqiError(f"{self.path}: OpenVINO stopped ({_reason(error)})")
            for row in self._handles:
                row.box.put(failed)
            self._handles.clear()
            self._pipe = None


class _SignalStack(ctypes.Structure):
    """C's ``stack_t``: where a thread's signals are handled."""

    _fields_ = (("start", ctypes.c_void_p), ("flags", ctypes.c_int), ("size", ctypes.c_size_t))


@contextmanager
def own_signal_stack() -> Iterator[None]:
    """Keep the stack on which this thread handles signals.

    OpenVINO puts one of its own in place when it opens a model, and frees it with the model: Ctrl-C would crash then.
    """
    if sys.platform != "linux":
        yield
        return
    libc, before = ctypes.CDLL(None), _SignalStack()
    libc.sigaltstack(None, ctypes.byref(before))
    try:
        yield
    finally:
        libc.sigaltstack(ctypes.byref(before), None)


def library() -> Any:
    """Return ``openvino_genai``, without ``openvino_telemetry``, which reports each import to its maker."""
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # openvino goes on where its import fails
    return import_module("openvino_genai")


def _matrix(ids: Sequence[int]) -> Any:
    import numpy as np

    return np.array([ids], dtype=np.int64)


def _reason(error: Exception) -> str:
    """Return the last line of OpenVINO's message, without the place in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return PLACE.sub("", lines[-1])[:200] if lines else type(error).__name__
