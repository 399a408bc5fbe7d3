"""A thread that does steps for ever: a step that fails is done again, and a thread that died is started again."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable

log = logging.getLogger("buqi.serve")
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds after a step that failed; doubled each time


class Worker:
    """Does ``step`` again and again until it is told to stop.

    Attributes:
        trouble: the kind of error that the last step ended with; empty if it went well.
        closing: set when it is to stop; a long step looks at it.
    """

    def __init__(self, step: Callable[[], None], name: str) -> None:
        self.step, self.name = step, name
        self.trouble = ""
        self.closing = threading.Event()
        self.thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether its thread runs."""
        return self.thread is not None and self.thread.is_alive()

    def keep_alive(self) -> None:
        """Start the thread, or start it again if it has died."""
        if not self.alive and not self.closing.is_set():
            self.thread = threading.Thread(target=self._run, name=self.name, daemon=True)
            self.thread.start()

    def stop(self) -> None:
        """End after the step at hand."""
        self.closing.set()
        if self.thread is not None:
            self.thread.join()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self.closing.is_set():
            try:
                self.step()
            except BaseException as error:  # also what native code throws: no other thread does this work
                self.trouble = type(error).__name__
                log.error(json.dumps(f"{self.name}: {self.trouble}: {str(error)[:200]}"))
                self.closing.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                self.trouble, pause = "", FIRST_PAUSE
