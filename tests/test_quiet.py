"""Libraries are silent for a while, and speak again afterwards."""

from __future__ import annotations

import warnings

import pytest
from transformers.utils import logging

from buqi.quiet import quiet


def test_bars_and_warnings_come_back(recwarn):
    logging.enable_progress_bar()
    with quiet():
        assert not logging.is_progress_bar_enabled()
        warnings.warn_explicit("during", FutureWarning, "x.py", 1, module="transformers.modeling_utils")
    assert logging.is_progress_bar_enabled() and not recwarn.list
    with pytest.warns(FutureWarning, match="after"):
        warnings.warn_explicit("after", FutureWarning, "x.py", 2, module="transformers.modeling_utils")


def test_an_error_leaves_all_as_it_was():
    logging.enable_progress_bar()
    with pytest.raises(KeyError), quiet():
        raise KeyError
    assert logging.is_progress_bar_enabled()
