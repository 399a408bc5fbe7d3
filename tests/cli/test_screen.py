"""Warnings: ours are one line on standard error, those of named libraries are silent."""

from __future__ import annotations

import subprocess
import sys

WARN = """
import warnings
from buqi.cli.screen import show_warnings
show_warnings()
warnings.warn("rows are\\ncomputed [one by one]", stacklevel=1)
warnings.warn_explicit("adapter was active", UserWarning, "x.py", 1, module="peft.tuners.tuners_utils")
warnings.warn_explicit("`past_key_values` is deprecated and", FutureWarning, "y.py", 1, module="buqi.engine")
warnings.warn_explicit("torchless", UserWarning, "z.py", 1, module="torchless")
"""


PROGRESS = """
from buqi.cli import screen
screen.LINE_SECONDS = 0.0
with screen.counting(3) as advance:
    advance("tuned", 1)
    advance("tuned", 2)
with screen.working("merging") as say:
    say("layer [1]")
"""


def test_a_file_gets_lines_instead_of_bars():
    done = subprocess.run([sys.executable, "-c", PROGRESS], capture_output=True, text=True, check=True)
    lines = [line for line in done.stderr.splitlines() if line]
    assert lines == ["tuned: 1 of 3", "tuned: 3 of 3", "merging: layer [1]"]


def test_warnings_are_lines_and_named_libraries_silent():
    done = subprocess.run([sys.executable, "-c", WARN], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["warning: rows are computed [one by one]", "warning: torchless"]
    assert done.stdout == ""
