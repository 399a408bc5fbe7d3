"""``python -m tests.gpu.full BASE DEVICE DATA``: a run that finds a GPU's memory full goes on with smaller packs.

The memory that torch may take is cut to what the model needs and a little. On a CPU the first large pack is refused.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from buqi.artefact import read_run
from buqi.config import make_config
from buqi.machine import use_device
from buqi.tune.history import read_log
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from buqi.tune.step_loss import StepLoss

ROWS = 400  # of a step


def main(base: str, device: str, data: str) -> None:
    """Train with packs that do not fit, and print what was said and kept."""
    use_device(device)
    plain, tried = StepLoss.loss, []

    def full(self: StepLoss, model: Any, rows: Any, pack: Any) -> Any:
        tried.append(pack.input_ids.shape[1])
        if device == "cuda" and len(tried) == 1:  # the model is there; what a pack needs is not, by half
            torch.cuda.empty_cache()
            before = torch.cuda.memory_allocated()
            torch.cuda.reset_peak_memory_stats()
            plain(self, model, rows, pack)[0].backward()  # type: ignore[no-untyped-call]
            needs = torch.cuda.max_memory_allocated() - before
            model.zero_grad()
            torch.cuda.empty_cache()
            room = before + 0.75 * needs
            torch.cuda.set_per_process_memory_fraction(room / torch.cuda.mem_get_info()[1])
        elif device == "cpu" and len(tried) == 1:
            raise torch.OutOfMemoryError
        return plain(self, model, rows, pack)

    StepLoss.loss = full  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        keys = {
            "model_name_or_path": base, "dataset_name_or_path": data, "output_dir": folder, "do_train": True,
            "lora": True, "fp16": device == "cuda", "per_device_train_batch_size": ROWS, "max_steps": 2,
            "logging_steps": 1, "save_strategy": "no", "report_to": "none",
        }  # fmt: skip
        train(make_plan(make_config(keys)), Console(stderr=True))
        said = [record["warning"] for record in read_log(Path(folder) / "log.jsonl") if "warning" in record]
        print(json.dumps({"said": said, "computed": read_run(Path(folder))["computed"], "packs": tried}))


if __name__ == "__main__":
    main(*sys.argv[1:])
