"""``python -m tests.gpu.exact BASE DEVICE ROWS``: whether fused packs are exact on a device, and its rate of products.

Prints one JSON object: by precision how far loss (nats a trained token) and gradients (share of the largest) of fused
packs are from those of rows computed one by one through PEFT in fp32; the products' rate; the products' work of a row.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import torch

from buqi.base import load_model, load_tokenizer
from buqi.config import make_config
from buqi.engine.packs import make_pack
from buqi.files import read_json
from buqi.machine import use_device
from buqi.synthesis import build_rows, counties_of
from buqi.task import ADDRESS, Encoded
from buqi.tune.adapter import add_adapter
from buqi.tune.estimate import product_rate
from buqi.tune.fused import FusedModel
from buqi.tune.loss import plain_loss
from buqi.tune.step_loss import DTYPES

CHECKED = 12  # rows


def gradients(model: Any, loss: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the gradients of what is trained."""
    model.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.requires_grad}


def deviations(folder: Path, rows: list[Encoded]) -> dict[str, dict[str, float]]:
    """Return how far the fused way is from rows alone, by precision."""
    keys = {"dataset_name_or_path": ".", "output_dir": ".", "do_train": True, "lora": True}
    model = add_adapter(load_model(folder), make_config(keys))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    count = sum(sum(row.trained) for row in rows)
    exact = plain_loss(model, rows)[0] / count
    right = gradients(model, exact)
    largest = max(float(g.abs().max()) for g in right.values())
    found = {}
    for precision, tf32 in (("fp32", False), ("fp32 (tf32)", True), ("bf16", True)):
        torch.backends.cuda.matmul.allow_tf32 = tf32
        loss = FusedModel(model, DTYPES[precision[:4]]).loss(make_pack(rows))[0] / count
        made = gradients(model, loss)
        gap = max(float((made[name] - right[name]).abs().max()) for name in right)
        found[precision] = {"loss": abs(float(loss - exact)), "gradients": gap / largest}
    return found


def work_of_a_row(folder: Path, rows: list[Encoded]) -> float:
    """Return floating-point operations of the products of a step, a row: forward and back, a pack's prefix once."""
    shape, pack = read_json(folder / "config.json"), make_pack(rows)
    hidden, wide, layers = shape["hidden_size"], shape["intermediate_size"], shape["num_hidden_layers"]
    shared = shape["num_key_value_heads"] / shape["num_attention_heads"]
    layer = hidden * (2 * hidden + 2 * hidden * shared + 3 * wide)
    each = pack.input_ids.shape[1] * layers * layer + len(pack.targets) * shape["vocab_size"] * hidden
    return float(4 * each / len(rows))


def main(folder: Path, device: str, count: int) -> None:
    """Measure and print."""
    use_device(device)
    tokenizer = load_tokenizer(folder)
    rows = [ADDRESS.encode(tokenizer, r.src, r.tgt) for r in build_rows(counties_of("西安市,宝鸡市"), count)]
    found = {
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
        "deviations": deviations(folder, rows[:CHECKED]),
        "rates": {precision: product_rate(precision) for precision in ("fp32", "bf16")},
        "work_of_a_row": work_of_a_row(folder, rows),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
