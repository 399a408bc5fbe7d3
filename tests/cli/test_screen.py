"""Warnings: ours are one line on standard error, those of named libraries are silent."""

from __future__ import annotations

import subprocess
import sys

import xlsxwriter

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
screen.errors.print("x" * 50 + " y" * 50)
"""


def test_a_file_gets_lines_instead_of_bars():
    done = subprocess.run([sys.executable, "-c", PROGRESS], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["tuned: 1 of 3", "tuned: 3 of 3", "merging: layer [1]", "x" * 50 + " y" * 50]


BULK = """
from buqi.bulk import Summary
from buqi.cli import bulk, screen
screen.LINE_SECONDS = 0.0
with bulk._progress(None) as tell:
    tell(Summary(rows=5000, status={"complete": 4000, "unknown": 1000}, seconds=10.0))
    tell(Summary(rows=2, status={"answered": 2}, seconds=8.0))
"""


def test_a_job_tells_how_far_it_is_in_a_file_too():
    done = subprocess.run([sys.executable, "-c", BULK], capture_output=True, text=True, check=True)
    assert done.stderr == "5,000 rows, 500/s: complete 4,000 unknown 1,000\n2 rows, 0.2/s: answered 2\n"


EMPTY_COLUMN = """
import sys
from pathlib import Path
from buqi.cli.screen import show_warnings
from buqi.rows.cells import cells_of
show_warnings()
print(list(cells_of(Path(sys.argv[1])).columns))
"""


def test_an_empty_column_of_a_sheet_is_no_news(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["地址", "备注"])
        book.worksheets()[0].write(1, 0, "碑林区1号")
        book.add_worksheet()
    command = [sys.executable, "-c", EMPTY_COLUMN, tmp_path / "a.xlsx"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("['地址', '备注']\n", "")


def test_warnings_are_lines_and_named_libraries_silent():
    done = subprocess.run([sys.executable, "-c", WARN], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["warning: rows are computed [one by one]", "warning: torchless"]
    assert done.stdout == ""
