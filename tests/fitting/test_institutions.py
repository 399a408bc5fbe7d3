"""The line for institutions: fitted on rows that begin with one, left out of the models that it is fitted with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from buqi.address.completer import Completer
from buqi.address.model import INSTITUTION, load_chooser
from buqi.errors import UsageError
from buqi.fitting.institutions import line_of, told, without_line
from buqi.places import learn, load_memory

ROWS = [
    {"input": "大庆汽修厂后侧", "province": "黑龙江省", "city": "大庆市", "county": "让胡路区"},
    {"input": "大庆汽修厂后侧", "province": "河北省", "city": "承德市", "county": ""},
    {"input": "硅谷大街1198号", "province": "吉林省", "city": "长春市", "county": "朝阳区"},  # begins with a road
    {"input": "陕西省西安市碑林区文昌路1号", "province": "陕西省", "city": "西安市", "county": "碑林区"},
]


def memory_of(folder: Path) -> Path:
    learn(["黑龙江省大庆市让胡路区西柳街3号", "陕西省西安市碑林区五味子小区1号"] * 3, "own", folder)
    return folder


def test_only_answers_to_institutions_are_told(tmp_path: Path) -> None:
    completer = Completer(load_memory(memory_of(tmp_path)))
    found = told(ROWS, completer)
    assert len(found) == 3  # county and city of the first row, the city of the second
    assert all(0 < confidence < 1 for confidence, _ in found)
    assert [right for _, right in found][1:] == [True, False]


def test_a_line_lowers_what_is_right_too_rarely() -> None:
    slope, intercept = line_of([(0.9, at % 2 == 0) for at in range(40)])
    assert slope * 2.197 + intercept < 1.5
    with pytest.raises(UsageError, match="no row begins with an institution"):
        line_of([])


def test_the_line_is_taken_out() -> None:
    model = without_line(load_chooser().large)
    assert INSTITUTION not in model.calibration and model.of_institution(0.8) == 0.8


def test_an_empty_memory_is_refused(tmp_path: Path) -> None:
    rows, command = tmp_path / "rows.jsonl", [sys.executable, "-m", "buqi.fitting.institutions"]
    rows.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    (tmp_path / "none").mkdir()
    options = [str(rows), "--memory", str(tmp_path / "none"), "--out", str(tmp_path / "chooser.json")]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 2 and "an empty memory" in done.stderr
    assert not (tmp_path / "chooser.json").exists()


def test_the_new_lines_are_written_into_the_shipped_numbers(tmp_path: Path) -> None:
    rows, command = tmp_path / "rows.jsonl", [sys.executable, "-m", "buqi.fitting.institutions"]
    rows.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    options = [str(rows), "--memory", str(memory_of(tmp_path / "memory")), "--out", str(tmp_path / "chooser.json")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    assert "memory: 3 answers" in done.stdout
    record = json.loads((tmp_path / "chooser.json").read_text(encoding="utf-8"))
    assert all(len(record[name]["calibration"][INSTITUTION]) == 2 for name in ("memory", "large"))
    assert INSTITUTION not in record["table"]["calibration"]
