from __future__ import annotations

import os
import subprocess
import sys

import pytest

from buqi.engine.openvino_batch import BatchRow, Box, OpenVinoBatch
from buqi.errors import BuqiError
from buqi.export.gguf_writer import TYPES, write_gguf
from tests.conftest import make_tiny
from tests.helpers import needs_openvino

pytestmark = needs_openvino


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    tiny = make_tiny(folder / "tiny", merges=(("s", "a"),))
    write_gguf(tiny, folder / "m.gguf", TYPES[8])
    return OpenVinoBatch(folder / "m.gguf", {260}, slots=2, blocks=8)


def written(batch: OpenVinoBatch, row: BatchRow) -> BatchRow:
    batch.submit(row)
    while not row.done:
        found = row.box.get(timeout=60)
        if isinstance(found, Exception):
            raise found
        assert found is row
    return row


def test_rows_join_and_leave_while_others_are_written(batch):
    box = Box()
    one, two = BatchRow([5, 6, 7], 20, box), BatchRow([5, 6, 8], 4, box)
    batch.submit(one)
    batch.submit(two)
    done: list[BatchRow] = []
    while len(done) < 2:
        if (row := box.get(timeout=60)).done and row not in done:
            done.append(row)
    assert [len(row.written) for row in (one, two)] == [20, 4] and done == [two, one] and not one.stopped
    assert written(batch, BatchRow([5, 6, 7], 20, Box())).written == one.written


def test_a_row_that_is_dropped_leaves_its_place(batch):
    rows = [BatchRow([5, 6, n], 200, Box()) for n in range(6)]
    for row in rows:
        batch.submit(row)
    rows[0].box.get(timeout=60)
    batch.drop(rows)
    batch.drop(rows)  # once more changes nothing
    assert len(written(batch, BatchRow([5, 6, 7], 4, Box())).written) == 4 and not batch._handles


def test_a_row_longer_than_the_cache_ends_alone(batch):
    beside = BatchRow([5, 6, 7], 40, Box())
    batch.submit(beside)
    with pytest.raises(BuqiError, match=r"m\.gguf: the prompt and its answer are longer than OpenVINO's cache"):
        written(batch, BatchRow([5] * 300, 4, Box()))
    while not beside.done:
        beside.box.get(timeout=60)
    assert len(beside.written) == 40


def test_an_error_of_a_step_goes_to_all_and_the_next_are_written(batch):
    beside = BatchRow([5, 6, 7], 200, Box())
    batch.submit(beside)
    with pytest.raises(BuqiError, match=r"m\.gguf: OpenVINO stopped \(EBNF parser error"):
        written(batch, BatchRow([5], 4, Box(), "root ::= "))
    while not isinstance(found := beside.box.get(timeout=60), BuqiError):
        assert found is beside
    assert len(written(batch, BatchRow([5, 6, 7], 4, Box())).written) == 4


def test_a_prompt_without_tokens_is_refused(batch):
    with pytest.raises(BuqiError, match="OpenVINO does not take this prompt"):
        written(batch, BatchRow([], 4, Box()))
    assert len(written(batch, BatchRow([5, 6, 7], 4, Box())).written) == 4


def test_nothing_is_told_to_openvinos_maker(tmp_path):
    code = "from buqi.engine.openvino_batch import library; import sys; library(); print(*sys.modules)"
    alone = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=alone, capture_output=True, text=True, check=True)
    assert "openvino.tools.ovc.telemetry_stub" in done.stdout.split() and not list(tmp_path.iterdir())
    assert not [name for name in done.stdout.split() if name.startswith("openvino_telemetry.")]


SIGNALLED = """
import signal, sys
from pathlib import Path
from buqi.engine.openvino_batch import OpenVinoBatch
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
batch = OpenVinoBatch(Path(sys.argv[1]), {260}, slots=2, blocks=8)
del batch
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("handled")
"""


def test_ctrl_c_is_handled_after_the_model_is_gone(batch):
    command = [sys.executable, "-c", SIGNALLED, str(batch.path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "handled"), done.stderr
