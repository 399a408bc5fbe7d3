"""What tests of several rooms train and run with."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import torch
from peft import LoraConfig, get_peft_model
from rich.console import Console
from safetensors.torch import load_file

from buqi.base import load_model, load_tokenizer
from buqi.cli.main import run as command_line
from buqi.config import make_config
from buqi.places.memory import load_memory
from buqi.task import ADDRESS
from buqi.tune import run as run_module
from buqi.tune.history import read_log
from buqi.tune.plan import make_plan
from buqi.tune.run import train
from tests.conftest import make_tiny

# Not pytest.importorskip: importing it by itself tells its maker.
needs_openvino = pytest.mark.skipif(find_spec("openvino_genai") is None, reason="openvino-genai is not installed")
PADDLE = Path(__file__).parent / "export" / "paddle"
QUIET = Console(file=io.StringIO())
ADDRESSES = [
    "陕西省西安市碑林区长乐坊1号",
    "陕西省西安市雁塔区小寨路2号",
    "浙江省杭州市西湖区文一路3号",
    "江苏省南京市鼓楼区中央路4号",
    "广东省东莞市虎门镇5号",
    "北京市朝阳区建国路6号",
    "四川省成都市武侯区人民南路7号",
    "湖北省武汉市武昌区中北路8号",
]


def settings(tiny: Path, data: Path, out: Path, **changes):
    return {
        "model_name_or_path": str(tiny),
        "dataset_name_or_path": str(data),
        "output_dir": str(out),
        "do_train": True,
        "do_eval": True,
        "lora": True,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 2,
        "num_train_epochs": 3,
        "learning_rate": 1e-2,
        "logging_steps": 1,
        "evaluation_strategy": "epoch",
        "save_strategy": "epoch",
        "report_to": "none",
        "exact_match_rows": 2,
    } | changes


def run(tiny, data, out, resume=False, **changes):
    return train(make_plan(make_config(settings(tiny, data, out, **changes))), QUIET, resume)


def logits(model) -> torch.Tensor:
    """Return what a model computes of some tokens."""
    with torch.inference_mode():
        return model.eval()(input_ids=torch.arange(1, 40)[None]).logits


def trained_logits(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Keep the logits of the model in the trainer at the moment when it is saved for good."""
    seen: list[torch.Tensor] = []
    before = run_module.keep

    def keep(plan, trainer, folder, said):
        seen.append(logits(trainer.model))
        before(plan, trainer, folder, said)

    monkeypatch.setattr(run_module, "keep", keep)
    return seen


def losses(out: Path) -> dict[int, float]:
    return {r["step"]: r["loss"] for r in read_log(out / "log.jsonl") if "loss" in r}


def weights(out: Path):
    return load_file(out / "adapter_model.safetensors")


def buqi(*words, code=0):
    """Run a command as the command line does, but in this process: to start another one takes seconds."""
    load_memory.cache_clear()  # a process of its own would read it anew
    written, said, ended = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(sys, "argv", ["buqi", *map(str, words)])
        with contextlib.redirect_stdout(written), contextlib.redirect_stderr(said):
            try:
                command_line()
            except SystemExit as end:
                ended = end.code or 0
    return _as_expected(CompletedProcess(words, ended, written.getvalue(), said.getvalue()), code)


def buqi_process(*words, code=0):
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "buqi", *map(str, words)]
    return _as_expected(subprocess.run(command, capture_output=True, text=True, timeout=300, check=False), code)


def _as_expected(done: CompletedProcess[str], code: int) -> CompletedProcess[str]:
    assert done.returncode == code, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return done


def change_json(path: Path, **values: object) -> None:
    """Change some keys of a JSON object in a file."""
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def make_adapter(base: Path, target: Path, seed: int, std: float = 0.3, **options: object) -> Path:
    torch.manual_seed(seed)
    settings: dict = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "down_proj"], "task_type": "CAUSAL_LM"}
    tuned = get_peft_model(load_model(base), LoraConfig(**settings | options))
    for name, parameter in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=std)
    tuned.save_pretrained(target, save_embedding_layers=False)
    ADDRESS.save(target, load_tokenizer(base))
    return target


def make_paddle_base(folder: Path) -> Path:
    """Write PaddleNLP's tiny base with a tokenizer of the same 259 tokens."""
    make_tiny(folder)
    for path in (PADDLE / "base").glob("*[!z]"):
        shutil.copy(path, folder)
    return folder
