"""The thread that runs the model: step by step, for the sequences of all callers at once, as long as there are any."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from queue import SimpleQueue

import torch

from buqi.engine.kv_cache import KVCache, Span, StepRows
from buqi.engine.scheduler import Scheduler
from buqi.engine.sequence import WrittenSequence
from buqi.engine.step_model import StepModel, likeliest, likeliest_of, log_probabilities

Box = SimpleQueue[WrittenSequence | BaseException]  # gets a caller's sequences as they grow, or the error


class Writer:
    """Writes the answers of many callers with one model.

    Args:
        mixes: whether sequences of some adapters (PEFT's names; ``None`` for the base) may share a step.
    """

    def __init__(self, model: StepModel, mixes: Callable[[set[str | None]], bool]) -> None:
        self.model, self.cache = model, KVCache(model.layers)
        self.scheduler = Scheduler(self.cache, mixes)
        self.boxes: dict[WrittenSequence, Box] = {}
        self._turn = threading.Condition()  # held by whoever changes something between two steps
        self._stepping, self._pausing = False, 0
        self._thread: threading.Thread | None = None

    def submit(self, rows: Iterable[WrittenSequence]) -> Box:
        """Begin to write; the box gets a sequence whenever something was written to it, or what went wrong."""
        box: Box = SimpleQueue()
        with self._turn:
            for row in rows:
                self.boxes[row] = box
                self.scheduler.waiting.append(row)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
                self._thread.start()
        return box

    def drop(self, rows: Iterable[WrittenSequence]) -> None:
        """Write no more to these; their slots are free with the next step."""
        with self._turn:
            for row in rows:
                row.done = True
                self.boxes.pop(row, None)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Wait until the present step ends, and let no other begin inside."""
        with self._turn:
            self._pausing += 1
            self._turn.wait_for(lambda: not self._stepping)
            try:
                yield
            finally:
                self._pausing -= 1
                self._turn.notify_all()

    def _work(self) -> None:
        torch.set_num_threads(torch.get_num_threads())  # oneDNN would take OpenMP's number in a new thread
        while True:
            with self._turn:
                self._turn.wait_for(lambda: not self._pausing)
                if not self.boxes:
                    self.scheduler.clear()
                    self._thread = None
                    return
                self._stepping = True
            try:
                with torch.inference_mode():
                    self._step()
            except BaseException as error:  # raised where the callers wait; later sequences are computed anew
                self._fail(error)
            finally:
                with self._turn:
                    self._stepping = False
                    self._turn.notify_all()

    def _fail(self, error: BaseException) -> None:
        """Hand an error to every caller once, and drop all sequences."""
        with self._turn:
            for box in {id(box): box for box in self.boxes.values()}.values():
                box.put(error)
            self.boxes.clear()
            self.scheduler.clear()

    def _step(self) -> None:
        """Compute a step, and tell the callers."""
        spans = self.scheduler.plan()
        rows = [self.scheduler.running[span.slot] for span in spans]
        if rows:
            self._compute(rows, spans)
        for row in rows:
            if (box := self.boxes.get(row)) is not None:
                if row.done:
                    row.drafter.ngrams.learn(row.written)
                    del self.boxes[row]
                box.put(row)

    def _compute(self, rows: Sequence[WrittenSequence], spans: Sequence[Span]) -> None:
        """Run the model over the tokens of a step, one row behind the other, and add what it chose to the rows."""
        ids = [token for row in rows for token in row.fed]
        positions = [span.start + n for span in spans for n in range(span.count)]
        adapters = [row.request.adapter for row in rows for _ in row.fed]
        ends = accumulate(len(row.fed) for row in rows)
        keep = [at for row, end in zip(rows, ends, strict=True) for at in range(end - row.scored, end)]
        step = StepRows(self.cache, spans, self.model.device)
        logits = self.model.logits(ids, positions, step, keep or [0], adapters)
        first = likeliest(logits) if keep else []
        start = 0
        for row, span in zip(rows, spans, strict=True):
            own = slice(start, start + row.scored)
            start = own.stop
            if row.request.rule is None:
                row.take(first[own])
            else:
                _take_by_rule(row, logits[own])
            if span.start < row.prompt_length <= row.cached:
                self.scheduler.keep_prompt(row)


def _take_by_rule(row: WrittenSequence, logits: torch.Tensor) -> None:
    """Add the likeliest of the tokens that the rule allows; ``logits`` (scored, vocabulary) are the row's own."""
    follow = list(zip(logits, row.may_follow(), strict=True))
    chosen = [likeliest_of(one, among) for one, among in follow]
    row.take(chosen, [log_probabilities(one, among) for one, among in follow])
