"""Warnings: ours are one line on standard error, those of named libraries are silent."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter

from tests.docs.pages import ROOT

WARN = """
import warnings
import pytest

from buqi.cli.screen import show_warnings
show_warnings()
warnings.warn("rows are\\ncomputed [one by one]", stacklevel=1)
warnings.warn_explicit("adapter was active", UserWarning, "x.py", 1, module="peft.tuners.tuners_utils")
warnings.warn_explicit("`past_key_values` is deprecated and", FutureWarning, "y.py", 1, module="buqi.engine")
warnings.warn_explicit("torchless", UserWarning, "z.py", 1, module="torchless")
"""


def in_shell(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    command = command.replace("buqi", f"{sys.executable} -m buqi")
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=folder, env=here, check=False)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_stops_no_command(tmp_path, closed):
    (tmp_path / "in.csv").write_text("地址\n碑林区1号\n", encoding="utf-8")
    done = in_shell(f"buqi complete --file in.csv --out out.csv {closed}", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "陕西省,西安市,碑林区" in (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert in_shell(f"buqi mcp <&- {closed}", tmp_path).returncode == 0, "no agent asks"


def test_a_folder_that_is_gone_is_said(tmp_path):
    done = in_shell("mkdir gone; cd gone; rmdir ../gone; buqi data build --out rows --rows 20", tmp_path)
    assert done.returncode == 1 and "the folder that it was started in is gone" in done.stderr


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
    assert done.stderr.splitlines() == [
        "tuned: 1 of 3",
        "tuned: 3 of 3",
        "merging",
        "merging: layer [1]",
        "x" * 50 + " y" * 50,
    ]


SILENT = """
import time
from buqi.cli import screen
screen.LINE_SECONDS = 0.3
with screen.working("quantising") as say:
    say("tensor 1 of 2")
    say("comparing answers")
    time.sleep(1)
with screen.working("soon done"):
    pass
time.sleep(0.5)
"""


def test_a_step_that_takes_long_is_told_though_it_says_nothing_more():
    done = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["quantising: comparing answers"]


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
