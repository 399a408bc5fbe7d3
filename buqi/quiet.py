"""Silences the warnings and progress bars of the libraries that buqi is built on."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Their warnings are for programmers. What a user must know becomes an error of buqi's.
LIBRARIES = ("accelerate", "bitsandbytes", "huggingface_hub", "peft", "ray", "torch", "transformers", "trl")
MESSAGES = ("`past_key_values` is deprecated",)  # transformers', which names the caller as its place


def ignore_warnings() -> None:
    """Ignore the warnings of `LIBRARIES` from now on."""
    for name in LIBRARIES:
        warnings.filterwarnings("ignore", module=rf"{name}(\.|$)")
    for text in MESSAGES:
        warnings.filterwarnings("ignore", message=re.escape(text))


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore the warnings of `LIBRARIES` and hide the bars of transformers while the block runs."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    with warnings.catch_warnings():
        ignore_warnings()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            if shown:
                logging.enable_progress_bar()
