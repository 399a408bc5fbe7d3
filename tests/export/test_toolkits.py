"""Adapters that other toolkits trained: what buqi makes of them answers as the toolkit itself does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from buqi.base import load_tokenizer
from buqi.engine import TorchEngine
from buqi.engine.llama_engine import LlamaEngine
from buqi.export.quantize import quantize
from buqi.task import Task
from tests.conftest import write_jsonl
from tests.helpers import buqi

TOOLKITS = Path(os.environ.get("BUQI_TOOLKITS", Path(__file__).parents[2] / ".toolkits"))
SIDES = ("north", "east", "south", "west")
ROWS = [(f"Which side has gate {n}?", f"Gate {n} is in the {SIDES[n % 4]}.") for n in range(48)]
ASKED = [f"Which side has gate {n}?" for n in (3, 17, 30, 52, 61, 78)]
MOST = 16  # tokens of an answer
TASK = Task("gates", "{text}")
TRL = """
import json, sys
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import SFTConfig, SFTTrainer
base, rows, out, asked, most = sys.argv[1:]
turns = [[{"role": r["messages"][i]["role"], "content": r["messages"][i]["content"]} for i in (0, 1)]
         for r in map(json.loads, open(rows, encoding="utf-8"))]
tokenizer = AutoTokenizer.from_pretrained(base)
settings = SFTConfig(output_dir=out, max_steps=12, per_device_train_batch_size=8, learning_rate=1e-3, report_to="none",
                     save_strategy="no", use_cpu=True, bf16=False, gradient_checkpointing=False, seed=1)
trainer = SFTTrainer(model=AutoModelForCausalLM.from_pretrained(base, dtype="float32"), args=settings,
                     train_dataset=Dataset.from_list([{"messages": t} for t in turns]), processing_class=tokenizer,
                     peft_config=LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
trainer.train()
trainer.save_model(out)
model, answers = trainer.model.eval(), []
for text in json.loads(asked):
    ids = tokenizer.apply_chat_template([{"role": "user", "content": text}], add_generation_prompt=True,
                                        return_tensors="pt", return_dict=True)
    written = model.generate(**ids, max_new_tokens=int(most), do_sample=False)[0, ids["input_ids"].shape[1]:]
    answers.append(tokenizer.decode(written, skip_special_tokens=True).strip())
json.dump(answers, open(f"{out}/answers.json", "w"))
"""
LLAMAFACTORY = """
import json, sys, types
from importlib.machinery import ModuleSpec
from pathlib import Path
sys.modules["torchaudio"] = types.ModuleType("torchaudio")  # imported for sound; it has no build for a CPU's torch
sys.modules["torchaudio"].__spec__ = ModuleSpec("torchaudio", None)
base, rows, out, asked, most = sys.argv[1:]
data = Path(out).parent / "lf"
data.mkdir()
(data / "gates.jsonl").write_text(Path(rows).read_text(encoding="utf-8"), encoding="utf-8")
tags = {"role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"}
told = {"file_name": "gates.jsonl", "formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
(data / "dataset_info.json").write_text(json.dumps({"gates": told}))
same = {"model_name_or_path": base, "template": "qwen", "finetuning_type": "lora", "infer_dtype": "float32"}
from llamafactory.train.tuner import run_exp
run_exp({k: v for k, v in same.items() if k != "infer_dtype"} | {
    "stage": "sft", "do_train": True, "dataset": "gates", "dataset_dir": str(data), "output_dir": out, "max_steps": 12,
    "per_device_train_batch_size": 8, "learning_rate": 1e-3, "lora_rank": 8, "lora_target": "all", "report_to": "none",
    "save_strategy": "no", "use_cpu": True, "seed": 1, "overwrite_output_dir": True})
from llamafactory.chat import ChatModel
chat = ChatModel(same | {"adapter_name_or_path": out, "do_sample": False, "max_new_tokens": int(most)})
answers = [chat.chat([{"role": "user", "content": text}])[0].response_text.strip() for text in json.loads(asked)]
json.dump(answers, open(f"{out}/answers.json", "w"))
"""


@pytest.mark.long
@pytest.mark.parametrize(("toolkit", "script"), [("trl", TRL), ("llamafactory", LLAMAFACTORY)])
def test_its_adapter_answers_as_it_does(real_base, tmp_path, toolkit, script):
    if not (TOOLKITS / toolkit / toolkit).is_dir():
        pytest.skip(f"{toolkit} is not in {TOOLKITS.name}; make toolkits puts it there")
    turns = [[{"role": "user", "content": src}, {"role": "assistant", "content": tgt}] for src, tgt in ROWS]
    write_jsonl(tmp_path / "rows.jsonl", [{"messages": turn} for turn in turns])
    adapter, merged = tmp_path / "adapter", tmp_path / "merged"
    words = [str(real_base), str(tmp_path / "rows.jsonl"), str(adapter), json.dumps(ASKED), str(MOST)]
    offline = {"HF_HUB_OFFLINE": "1", "DISABLE_VERSION_CHECK": "1", "PYTHONPATH": str(TOOLKITS / toolkit)}
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        env=os.environ | offline,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    theirs = json.loads((adapter / "answers.json").read_text())
    assert all(answer.startswith("Gate ") for answer in theirs), theirs  # it has learnt something

    assert buqi("merge", "--lora-path", adapter, "--output-path", merged).returncode == 0
    prompts = [TASK.prompt_text(load_tokenizer(merged), [text]) for text in ASKED]
    assert [answer.text for answer in TorchEngine(merged).generate(prompts, MOST)] == theirs
    assert quantize(merged, tmp_path / "m.gguf", 16, texts=tuple(ASKED)).equal_answers == 1.0
    assert [answer.text for answer in LlamaEngine(tmp_path / "m.gguf").generate(prompts, MOST)] == theirs
