"""Tables of addresses, and what a small model writes into them."""

from __future__ import annotations

import csv
from pathlib import Path

from buqi.answering import AnswerOptions
from buqi.loading import TUNED, load
from tests.conftest import pairs

MATCH = AnswerOptions("match")
ADDRESSES = ["碑林区文昌路1号", "扶风法门镇法门寺", "余杭区文一西路969号", "鼓楼区1号", "nothing", "陕西省西安市"]
TEXTS = [pair["src"] for pair in pairs(70)]


def many(count: int) -> list[str]:
    return [f"{ADDRESSES[i % 6]}{i}" for i in range(count)]


def write_csv(path: Path, texts: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "地址", "备注"])
        writer.writerows([i, text, f"n{i}"] for i, text in enumerate(texts))
    return path


def read(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def adapter_options(tiny: Path, tuned: Path, **more: object) -> AnswerOptions:
    return AnswerOptions("generate", model=str(tiny), adapter=tuned / "out", engine="torch", max_new_tokens=8, **more)


def written(tiny: Path, tuned: Path, texts: list[str]) -> list[tuple[str, str]]:
    chosen = load(str(tiny), tuned / "out", "torch")
    prompts = [chosen.task.prompt_text(chosen.engine.tokenizer, [text]) for text in texts]
    answers = chosen.engine.generate(prompts, 8, TUNED)
    return [(a.text, "answered" if a.stopped else "cut_off") for a in answers]
