"""Many clients at once over several adapters: each gets the answer that it gets alone, and who leaves makes room."""

from __future__ import annotations

import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import torch
from safetensors.torch import load_file, save_file

from buqi.answering import AnswerOptions
from buqi.serve import ServiceSettings
from tests.serve.conftest import running

CLIENTS = 32
TEXTS = [f"{'again ' * (n % 4)}say {n}" for n in range(12)]
NAMES = ("base", "one", "two", "three")
MOST = 12  # tokens of an answer


def changed(adapter: Path, target: Path, seed: int) -> Path:
    """Copy an adapter with other weights."""
    shutil.copytree(adapter, target, ignore=shutil.ignore_patterns("checkpoint-*", "runs", "best", "last", "seal.json"))
    weights, noise = load_file(target / "adapter_model.safetensors"), torch.Generator().manual_seed(seed)
    other = {name: value + 0.3 * torch.randn(value.shape, generator=noise) for name, value in weights.items()}
    save_file(other, target / "adapter_model.safetensors", {"format": "pt"})
    return target


def body(name: str, text: str, stream: bool = False) -> dict[str, object]:
    turns = [{"role": "user", "content": text}]
    return {"model": name, "messages": turns, "stream": stream, "max_tokens": MOST}


def ask(url: str, name: str, text: str) -> str:
    reply = httpx.post(f"{url}/v1/chat/completions", json=body(name, text), timeout=120)
    return reply.json()["choices"][0]["message"]["content"]


def streamed(client: httpx.Client, name: str, text: str, most: int) -> str | None:
    """Return a streamed answer; ``None`` if the client leaves after ``most`` events."""
    pieces = []
    with client.stream("POST", "/v1/chat/completions", json=body(name, text, stream=True)) as reply:
        for count, line in enumerate(line for line in reply.iter_lines() if line.startswith("data: {")):
            if count == most:
                return None
            pieces += [c["delta"].get("content") or "" for c in json.loads(line.removeprefix("data: "))["choices"]]
    return "".join(pieces)


@pytest.mark.parametrize("requests", [120, pytest.param(1000, marks=pytest.mark.long)])
def test_every_answer_is_as_alone(tuned, tiny, tmp_path, requests):
    adapters = {name: changed(tuned / "out", tmp_path / name, seed) for seed, name in enumerate(NAMES[1:])}
    chat = AnswerOptions("generate", model=str(tiny), engine="torch-fp32")
    with running(ServiceSettings(data=tmp_path / "data", chat=chat, adapters=adapters)) as (url, service):
        alone = {(name, text): ask(url, name, text) for name in NAMES for text in TEXTS}
        assert len({alone[name, TEXTS[5]] for name in NAMES}) == len(NAMES)  # they do not answer alike

        def work(seed: int) -> int:
            draw, left = random.Random(seed), 0
            with httpx.Client(base_url=url, timeout=120) as client:
                for _ in range(requests // CLIENTS + 1):
                    name, text = draw.choice(NAMES), draw.choice(TEXTS)
                    if draw.random() < 0.5:
                        found = client.post("/v1/chat/completions", json=body(name, text)).json()
                        assert found["choices"][0]["message"]["content"] == alone[name, text]
                        continue
                    found = streamed(client, name, text, draw.choice((1, 2, 99, 99)))
                    assert found in (None, alone[name, text])
                    left += found is None
            return left

        with ThreadPoolExecutor(CLIENTS) as pool:
            assert sum(pool.map(work, range(CLIENTS))) > 0  # some did leave
        assert [ask(url, name, TEXTS[0]) for name in NAMES] == [alone[name, TEXTS[0]] for name in NAMES]
        assert service.models.engine._writer.boxes == {}  # nothing is written for those who left
