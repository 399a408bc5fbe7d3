"""Ctrl-C, also where a library loses it: its C++ code makes another error of it, or a finalizer only prints it."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

PAUSE = 0.05  # seconds until a lost Ctrl-C is sent again: the finalizer has ended then


class CtrlC:
    """Remembers in its block whether Ctrl-C was pressed, and sends it again when it was lost.

    A handler that ignores Ctrl-C, or is of the caller's own, stays as it is.
    """

    def __init__(self) -> None:
        self.pressed = False
        self.mine = False
        self.again: threading.Timer | None = None
        self.print_error = sys.unraisablehook

    def __enter__(self) -> CtrlC:
        in_main = threading.current_thread() is threading.main_thread()  # only there can a handler be set
        self.mine = in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self.mine:
            signal.signal(signal.SIGINT, self._remember)
            self.print_error = sys.unraisablehook
            sys.unraisablehook = self._on_error_without_catcher
        return self

    def __exit__(self, *_: object) -> None:
        if self.again:
            self.again.cancel()
        if self.mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            sys.unraisablehook = self.print_error

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self.pressed = True
        signal.default_int_handler(number, frame)

    def _on_error_without_catcher(self, lost: Any) -> None:
        if not issubclass(lost.exc_type, KeyboardInterrupt):
            self.print_error(lost)
            return
        self.again = threading.Timer(PAUSE, _send)
        self.again.daemon = True
        self.again.start()


def _send() -> None:
    """Send Ctrl-C to the main thread, also where it waits."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
